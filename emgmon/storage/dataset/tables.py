"""A session as rows of four tables; times in s, everything else in the unit that stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from emgmon.model import SessionSummary, SetSummary

if TYPE_CHECKING:
    import pyarrow as pa

Rows = list[dict[str, Any]]

_TEXT, _INT, _REAL, _FLAG = "string", "int32", "float64", "bool_"
TABLES: Mapping[str, Mapping[str, str]] = {
    "sessions": {
        "sha256": _TEXT,
        "url": _TEXT,
        "analysis": _TEXT,
        "started_utc": _TEXT,
        "duration_s": _REAL,
        "simulated": _FLAG,
        "sets": _INT,
        "lost_percent": _REAL,
        "damage": _TEXT,
        "error": _TEXT,
    },
    "sets": {
        "sha256": _TEXT,
        "set": _INT,
        "exercise": _TEXT,
        "reference_kind": _TEXT,
        "start_s": _REAL,
        "stop_s": _REAL,
        "reps": _INT,
        "reps_valid": _INT,
        "partial": _INT,
    },
    "estimates": {
        "sha256": _TEXT,
        "set": _INT,
        "metric": _TEXT,
        "phase": _TEXT,
        "where": _TEXT,
        "unit": _TEXT,
        "n": _INT,
        "mean": _REAL,
        "low": _REAL,
        "high": _REAL,
        "first": _REAL,
        "last": _REAL,
        "slope": _REAL,
        "error": _REAL,
        "freedom": _REAL,
    },
    "reps": {
        "sha256": _TEXT,
        "set": _INT,
        "rep": _INT,
        "start_s": _REAL,
        "end_s": _REAL,
        "valid": _FLAG,
        "metric": _TEXT,
        "phase": _TEXT,
        "where": _TEXT,
        "unit": _TEXT,
        "value": _REAL,
        "flag": _TEXT,
    },
}
"""Table to column to Arrow type. ``sessions`` is last to be written and has a row for what could not be read, too."""


def schema_of(table: str) -> pa.Schema:
    """Return a table's schema."""
    import pyarrow as pa  # noqa: PLC0415 - an extra, and slow to load

    return pa.schema([(name, getattr(pa, kind)()) for name, kind in TABLES[table].items()])


def rows_of(sha256: str, summary: SessionSummary) -> dict[str, Rows]:
    """Return the rows of all tables but ``sessions``."""
    sets = [_set_row(sha256, item) for item in summary.sets]
    estimates = [
        _kept("estimates", {"sha256": sha256, "set": item.index, **asdict(estimate)})
        for item in summary.sets
        for estimate in item.estimates
    ]
    return {"sets": sets, "estimates": estimates, "reps": _rep_rows(sha256, summary)}


def lost_percent(summary: SessionSummary) -> float | None:
    """Share of the samples of all channels that is missing, %; None without channels."""
    lost = sum(channel.lost for channel in summary.channels)
    total = lost + sum(channel.samples for channel in summary.channels)
    return 100.0 * lost / total if total else None


def _set_row(sha256: str, item: SetSummary) -> dict[str, Any]:
    return {
        "sha256": sha256,
        "set": item.index,
        "exercise": item.exercise,
        "reference_kind": item.kind,
        "start_s": item.start_s,
        "stop_s": item.stop_s,
        "reps": len(item.reps),
        "reps_valid": sum(rep.valid for rep in item.reps),
        "partial": item.partial,
    }


def _rep_rows(sha256: str, summary: SessionSummary) -> Rows:
    rows = []
    for item in summary.sets:
        for rep in item.reps:
            about = {"sha256": sha256, "set": item.index, "rep": rep.index, "valid": rep.valid}
            times = {"start_s": rep.rep.start_s, "end_s": rep.rep.end_s}
            rows += [{**about, **times, **asdict(value)} for value in rep.values]
    return rows


def _kept(table: str, row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in TABLES[table]}
