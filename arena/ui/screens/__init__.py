"""What the window can show: a file a screen. `core.py` says what a screen is, `window.py` drives whichever is on."""
