"""Planning over a model, knowing no game: one batched tree, many models, many selection rules."""
