"""Players: a file here is an agent, `core/` is what they share."""
