"""A training run that is followed: its state, where things stand, how they are drawn."""
