"""Pictures that are kept once they have been drawn, as many as a number of bytes allows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from typing import TypeVar, cast

import pygame

Draw = TypeVar("Draw", bound=Callable[..., pygame.Surface])


def kept(mebibytes: float) -> Callable[[Draw], Draw]:
    """Keep what a function draws, by its arguments. What was not wanted for longest is forgotten: `lru_cache` counts
    pictures, which does not bound memory where one is as small as a letter and another as large as the window. Half
    as much again as the fullest screen needs at 2560 by 1600 is enough: more would fill with what is not seen again."""

    def keep(draw: Draw) -> Draw:
        pictures, size = OrderedDict[Hashable, pygame.Surface](), 0

        @wraps(draw)
        def look_up(*of: Hashable) -> pygame.Surface:
            nonlocal size
            if (picture := pictures.get(of)) is not None:
                pictures.move_to_end(of)
                return picture
            picture = pictures[of] = draw(*of)
            size += _bytes(picture)
            while size > mebibytes * 2**20 and len(pictures) > 1:
                size -= _bytes(pictures.popitem(last=False)[1])
            return picture

        return cast(Draw, look_up)

    return keep


def _bytes(picture: pygame.Surface) -> int:
    return int(picture.get_pitch() * picture.get_height())
