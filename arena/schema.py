"""The tables of the store, and how a record is laid out in them."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from arena.record import Record

FORMAT = 1  # raised when the tables change; a store of a newer format is refused

META = sa.MetaData()
FORMATS = sa.Table("arena_format", META, sa.Column("number", sa.Integer, nullable=False))
EVENTS = sa.Table(
    "events",
    META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.String(255), nullable=False, unique=True),  # equal for equal game, agents, seed, settings
    sa.Column("kind", sa.String(32), nullable=False),  # tournament, match, play, branch, ...
    sa.Column("game", sa.String(255), nullable=False, index=True),  # spec
    sa.Column("settings", sa.Text, nullable=False),  # JSON
    sa.Column("created", sa.String(32), nullable=False),  # ISO 8601, UTC
)
GAMES = sa.Table(
    "games",
    META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("event", sa.ForeignKey("events.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),  # within the event
    sa.Column("seed", sa.String(20), nullable=False),  # decimal text: a uint64 does not fit an SQL integer
    sa.Column("plays", sa.Text, nullable=False),  # JSON, as are returns and estimates
    sa.Column("opening", sa.Integer, nullable=False),
    sa.Column("seats", sa.Integer, nullable=False),
    sa.Column("returns", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("forfeit", sa.Integer),
    sa.Column("estimates", sa.Text, nullable=False),
    sa.Column("moves_key", sa.String(16), nullable=False),
    sa.Column("finished", sa.String(32), nullable=False),  # ISO 8601, UTC
    sa.UniqueConstraint("event", "number"),
)
SEATS = sa.Table(
    "seats",
    META,
    sa.Column("game", sa.ForeignKey("games.id"), primary_key=True),
    sa.Column("seat", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("agent", sa.String(500), nullable=False, index=True),  # spec or person
    sa.Column("points", sa.Double, nullable=False),
    sa.Column("seconds", sa.Double),
    sqlite_with_rowid=False,  # the rows themselves lie in key order: pairing the seats of a game is one look
)


def dumps(value: Any) -> str:
    """JSON without blanks."""
    return json.dumps(value, separators=(",", ":"))


def game_row(record: Record) -> dict[str, Any]:
    """The row of `GAMES`, without its place: event, number, finished."""
    return {
        "seed": str(record.seed),
        "plays": dumps(record.plays),
        "opening": record.opening,
        "seats": len(record.agents),
        "returns": dumps(record.returns),
        "reason": record.reason,
        "forfeit": record.forfeit,
        "estimates": dumps(record.values),
        "moves_key": record.moves_key,
    }


def seat_rows(record: Record) -> list[dict[str, Any]]:
    """The rows of `SEATS`, without the game's id."""
    seconds = record.seconds or (None,) * len(record.agents)
    columns = zip(record.agents, record.points, seconds, strict=True)
    return [{"seat": s, "agent": a, "points": p, "seconds": t} for s, (a, p, t) in enumerate(columns)]


def to_record(row: sa.RowMapping, seats: list[sa.RowMapping]) -> Record:
    """The record of a row of `GAMES` with its event's `spec` and its `SEATS`. ValueError, TypeError: it is damaged."""
    record = Record.from_json(
        {
            "game": row["spec"],
            "agents": [seat["agent"] for seat in seats],
            "seed": int(row["seed"]),
            "plays": json.loads(row["plays"]),
            "opening": row["opening"],
            "returns": json.loads(row["returns"]),
            "points": [seat["points"] for seat in seats],
            "reason": row["reason"],
            "forfeit": row["forfeit"],
            "values": json.loads(row["estimates"]),
            "seconds": [seat["seconds"] for seat in seats if seat["seconds"] is not None],
        }
    )
    if len(seats) != row["seats"] or record.moves_key != row["moves_key"]:
        raise ValueError("does not match its key")
    return record
