"""The arena: seats agents at games, keeps score, fits ratings, and shows it all."""
