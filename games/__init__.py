"""Rules of games, and nothing else: a file here is a game, `core/` is what they share, `worlds/` are doors."""
