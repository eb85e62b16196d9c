"""The lobby: its state, where things stand in it, and how it is drawn."""
