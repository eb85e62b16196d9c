"""What `openspiel.py` is made of: loading games, and how they look."""
