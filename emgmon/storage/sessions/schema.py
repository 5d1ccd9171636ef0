"""Tables of the sessions store, as the newest version has them.

Two kinds, which never mix. *What people said* is in no recording: `persons`, `facts`, `tags`, `choices`. *What the
analysis found* can be made anew: `sessions` and all below it. Sessions hang on facts by the SHA-256 of the recording,
so that a rebuild replaces them without touching what was said. Numbers that could not be computed are null.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text

METADATA = MetaData()


def _whole(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _real(name: str) -> Column[float]:
    return Column(name, Float(53), nullable=True)


def _digest() -> Column[str]:
    return Column("sha256", String(64), ForeignKey("facts.sha256", ondelete="CASCADE"), nullable=False)


def _of(table: str, *, key: bool) -> Column[int]:
    target = ForeignKey(f"{table}.id", ondelete="CASCADE")
    return Column(f"{table.rstrip('s')}_id", Integer, target, nullable=False, primary_key=key)


VERSION = Table("version", METADATA, _whole("number"))

PERSONS = Table(
    "persons",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
)

FACTS = Table(
    "facts",
    METADATA,
    Column("sha256", String(64), primary_key=True),
    Column("person_id", Integer, ForeignKey("persons.id"), nullable=False, index=True),
    _text("note"),
    _real("tension"),
)

TAGS = Table(
    "tags",
    METADATA,
    Column("sha256", String(64), ForeignKey("facts.sha256", ondelete="CASCADE"), nullable=False, primary_key=True),
    Column("tag", String(200), primary_key=True),
)

CHOICES = Table(
    "choices",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("person_id", Integer, ForeignKey("persons.id"), nullable=False, index=True),
    _text("utc"),
    _text("key"),
    _text("value"),
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("id", Integer, primary_key=True),
    _digest(),
    Column("path", Text, nullable=False, index=True),
    _text("started_utc"),
    _real("duration_s"),
    _text("program"),
    _text("source"),
    Column("simulated", Boolean, nullable=False),
    _text("analysis"),
    _text("damage"),
    _text("error"),
    Index("sessions_of_recording", "sha256", unique=True),
)

CHANNELS = Table(
    "channels",
    METADATA,
    _of("sessions", key=True),
    Column("place", String(80), primary_key=True),
    _text("device"),
    _text("device_class"),
    _text("unit"),
    _real("noise"),
    _whole("samples"),
    _whole("lost"),
    _whole("masked"),
)

SETS = Table(
    "sets",
    METADATA,
    Column("id", Integer, primary_key=True),
    _of("sessions", key=False),
    _whole("number"),
    _text("exercise"),
    _text("exercise_title"),
    _real("start_s"),
    _real("stop_s"),
    _whole("reps"),
    _whole("reps_valid"),
    _text("kind"),
    _text("device_class"),
    _text("composition"),
    _real("load_kg"),
    _real("knee_deg"),
    _real("hold_s"),
    _real("tempo_s"),
    _real("pain"),
    _real("tension"),
    _real("coverage"),
    _real("utc_offset_s"),
    Index("sets_of_session", "session_id", "number", unique=True),
)

REFERENCES = Table(
    "reference_levels",
    METADATA,
    _of("sets", key=True),
    Column("place", String(80), primary_key=True),
    _text("kind"),
    _real("level"),
    _text("unit"),
    _text("position"),
    _real("load_kg"),
    _text("origin"),
)

REPS = Table(
    "reps",
    METADATA,
    _of("sets", key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _real("start_s"),
    _real("top_s"),
    _real("release_s"),
    _real("end_s"),
    _text("side"),
    _text("source"),
    Column("valid", Boolean, nullable=False),
    _text("target"),
    _text("hold"),
)

NUMBERS = Table(
    "numbers",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("metric", String(80), nullable=False),
    Column("phase", String(20), nullable=False),
    Column("place", String(80), nullable=False),
    Column("unit", String(20), nullable=False),
    Index("numbers_by_name", "metric", "phase", "place", "unit", unique=True),
)
"""What a number is; a rep has some hundreds, so their names stand once."""

ESTIMATES = Table(
    "estimates",
    METADATA,
    _of("sets", key=True),
    _of("numbers", key=True),
    _whole("n"),
    *map(_real, ("mean", "low", "high", "first", "last", "change_low", "change_high")),
    *map(_real, ("slope", "slope_low", "slope_high", "error", "freedom")),
    _whole("at_most"),
    _whole("at_least"),
    sqlite_with_rowid=False,
)

REP_VALUES = Table(
    "rep_values",
    METADATA,
    _of("sets", key=True),
    Column("rep", Integer, primary_key=True, autoincrement=False),
    _of("numbers", key=True),
    _real("value"),
    _text("flag"),
    sqlite_with_rowid=False,
)
