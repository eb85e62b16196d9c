"""A search tree as SVG: the most visited moves, an edge as wide as its visits are many, coloured by value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from arena.svg import DIM, INK, page, text
from games.core.errors import ArenaError
from games.core.position import Position
from search.branches import Branch

WIDTH, HEIGHT = 104, 38  # of a node
ACROSS, DOWN = 176, 46  # from a node to the next
MARGIN, TOP, BOTTOM = 24, 76, 44
WIDEST = 15.0  # pixels of an edge that all visits went through
BAD, EVEN, GOOD = (201, 82, 18), (214, 219, 226), (0, 105, 166)  # told apart with every kind of colour blindness


@dataclass
class _Node:
    """A branch with its name and place."""

    name: str
    branch: Branch
    depth: int
    y: float
    below: list[_Node]


def picture(position: Position, seat: int, branches: Sequence[Branch], total: int, title: str) -> str:
    """The tree that `seat` searched at `position` with `total` simulations. Raises ArenaError if there is none."""
    if not branches:
        raise ArenaError(f"{title}: no search tree is kept there; uct and alphazero keep one where seats move in turn")
    nodes, leaves = _placed(position, branches, 1, 0.0)
    root = TOP + HEIGHT / 2 + (nodes[0].y + nodes[-1].y) / 2 * DOWN
    low, high = _range(branches, seat, position.game.bounds)
    parts = [text(MARGIN, 34, title, INK, size=18, weight=600)]
    parts.append(text(MARGIN, 55, f"{total:,} simulations; values for the seat to act", DIM))
    edges, boxes = _drawn(nodes, MARGIN + WIDTH, root, seat, total, (low, high))
    parts += [*edges, *_box(MARGIN, root, "now", f"ply {position.ply}", "#ffffff", INK), *boxes]
    height = TOP + leaves * DOWN + BOTTOM
    parts += _legend(height - 22, low, high)
    return page(2 * MARGIN + WIDTH + _depth(nodes) * ACROSS, height, parts)


def _placed(position: Position, branches: Sequence[Branch], depth: int, y: float) -> tuple[list[_Node], float]:
    """Nodes one below the other from `y` on, in rows; the first free row."""
    nodes = []
    for branch in branches:
        after = position.copy()
        name = after.action_text(branch.action)
        after.play(branch.action)
        below, end = _placed(after, branch.branches, depth + 1, y) if branch.branches else ([], y + 1)
        middle = (below[0].y + below[-1].y) / 2 if below else y
        nodes.append(_Node(name, branch, depth, middle, below))
        y = end
    return nodes, y


def _depth(nodes: Sequence[_Node]) -> int:
    return max((max(node.depth, _depth(node.below)) for node in nodes), default=0)


def _range(branches: Sequence[Branch], seat: int, bounds: tuple[float, float] | None) -> tuple[float, float]:
    """Between which values the colours lie: the game's bounds, or what was found."""
    if bounds is not None:
        return bounds
    values = [value for branch in branches if math.isfinite(value := branch.returns[seat])] or [0.0]
    return min(values), max(max(values), min(values) + 1e-9)


def _drawn(
    nodes: Sequence[_Node], left: float, y: float, seat: int, total: int, ends: tuple[float, float]
) -> tuple[list[str], list[str]]:
    """Edges from the node that ends at (left, y), and boxes; edges lie below all boxes."""
    edges, boxes = [], []
    for node in nodes:
        x, middle = MARGIN + node.depth * ACROSS, TOP + HEIGHT / 2 + node.y * DOWN
        value, share = node.branch.returns[seat], node.branch.visits / total
        color, bend = _color(value, *ends), (left + x) / 2
        width = max(1.0, WIDEST * math.sqrt(share))
        edges.append(
            f'<path d="M{left} {y:.1f}C{bend} {y:.1f} {bend} {middle:.1f} {x} {middle:.1f}" '
            f'fill="none" stroke="{color}" stroke-width="{width:.1f}"/>'
        )
        said = "" if not math.isfinite(value) else f"{value:+z.2f}".replace("-", "−")
        boxes += _box(x, middle, node.name, f"{_count(node.branch.visits)}  {said}", color, color)
        deeper = _drawn(node.below, x + WIDTH, middle, seat, total, ends)
        edges, boxes = edges + deeper[0], boxes + deeper[1]
    return edges, boxes


def _box(x: float, middle: float, name: str, facts: str, fill: str, line: str) -> list[str]:
    size = f'width="{WIDTH}" height="{HEIGHT}" rx="8"'
    ink = INK if fill == "#ffffff" or _bright(fill) else "#ffffff"
    return [
        f'<rect x="{x}" y="{middle - HEIGHT / 2:.1f}" {size} fill="{fill}" stroke="{line}"/>',
        text(x + WIDTH / 2, middle - 3, name[:14], ink, "middle", weight=600),
        text(x + WIDTH / 2, middle + 12, facts, ink, "middle", size=11),
    ]


def _count(visits: int) -> str:
    return (
        f"{visits:,}" if visits < 100_000 else f"{visits / 1000:,.0f}k" if visits < 10**7 else f"{visits / 1e6:,.0f}M"
    )


def _color(value: float, low: float, high: float) -> str:
    """From bad over even to good."""
    share = 0.5 if not math.isfinite(value) else min(1.0, max(0.0, (value - low) / (high - low)))
    end, weight = (GOOD, 2 * share - 1) if share >= 0.5 else (BAD, 1 - 2 * share)
    return "#" + "".join(f"{round(a + (b - a) * weight):02x}" for a, b in zip(EVEN, end, strict=True))


def _bright(color: str) -> bool:
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue > 140


def _legend(y: float, low: float, high: float) -> list[str]:
    parts = [text(MARGIN, y + 4, f"{low:+g}".replace("-", "−"), DIM, size=11)]
    for step in range(9):
        color = _color(step / 8, 0.0, 1.0)
        parts.append(f'<rect x="{MARGIN + 34 + 14 * step}" y="{y - 6}" width="14" height="12" fill="{color}"/>')
    return [*parts, text(MARGIN + 168, y + 4, f"{high:+g}", DIM, size=11)]
