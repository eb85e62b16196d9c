"""The tournament watched: its state, where things stand, how they are drawn."""
