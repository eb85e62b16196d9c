"""Doors to foreign games: a file here is a prefix of a spec, as in `openspiel:chess`."""
