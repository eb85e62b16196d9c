"""The window, the only place that imports pygame. Whatever is imported of it first, pygame does not greet."""

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
