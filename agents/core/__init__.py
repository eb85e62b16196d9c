"""What agents share: the `Agent` contract and helpers to meet it."""
