"""What happened in a session, as rows: marks, repetitions and their numbers. No name and no free text goes out."""

from __future__ import annotations

from typing import Any, NamedTuple

from emgmon.model import Mark
from emgmon.storage.signals import Signals

KEPT = ("exercise", "group", "kind", "device")
"""Of a mark's data only these leave the program."""

LEFT_OUT = ("session", "exercise")
PHASES = {"con": "lift", "hold": "hold", "ecc": "lower"}


class Happening(NamedTuple):
    """One thing that happened: session time, length (0 for a moment), both in s, and what."""

    onset_s: float
    duration_s: float
    text: str


def mark_rows(signals: Signals) -> list[dict[str, Any]]:
    """Rows of ``marks``: session time, kind, and what of its data may leave."""
    return [
        {"time_s": round(t_s, 6), "mark": mark.kind, **{key: _short(mark, key) for key in KEPT}}
        for t_s, mark in signals.marks
        if mark.kind not in LEFT_OUT
    ]


def rep_rows(signals: Signals) -> list[dict[str, Any]]:
    """Rows of ``reps``: one for each repetition, times in s on the session clock."""
    return [
        {
            "set": done.index,
            "exercise": done.exercise,
            "rep": item.index,
            "start_s": item.rep.start_s,
            "top_s": item.rep.top_s,
            "release_s": item.rep.release_s,
            "end_s": item.rep.end_s,
            "valid": int(item.valid),
            "target": item.target,
        }
        for done in signals.summary.sets
        for item in done.reps
    ]


def value_rows(signals: Signals) -> list[dict[str, Any]]:
    """Rows of ``values``: one for each number of each repetition."""
    return [
        {
            "set": done.index,
            "rep": item.index,
            "metric": value.metric,
            "phase": value.phase,
            "where": value.where,
            "value": value.value,
            "unit": value.unit,
            "flag": value.flag,
        }
        for done in signals.summary.sets
        for item in done.reps
        for value in item.values
    ]


def happenings(signals: Signals) -> list[Happening]:
    """Return marks, repetitions and their phases in order of time."""
    found = [
        Happening(row["time_s"], 0.0, " ".join([row["mark"], *(row[key] for key in KEPT if row[key])]))
        for row in mark_rows(signals)
    ]
    for done in signals.summary.sets:
        for item in done.reps:
            name = f"set {done.index} rep {item.index}"
            found.append(Happening(item.rep.start_s, item.rep.end_s - item.rep.start_s, name))
            for phase, word in PHASES.items():
                start_s, stop_s = item.rep.bounds_s(phase)
                if stop_s > start_s:
                    found.append(Happening(start_s, stop_s - start_s, f"{name} {word}"))
    return sorted(found)


def _short(mark: Mark, key: str) -> str:
    """One value of a mark in one line of ASCII."""
    value = mark.data.get(key, "")
    text = value if isinstance(value, str) else str(value)
    return "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in text)[:60]
