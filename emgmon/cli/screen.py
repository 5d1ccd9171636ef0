"""``emgmon screen``: the overhead squat and the standing posture of a recording, as signs and never as a diagnosis."""

from __future__ import annotations

import argparse
import json
import math
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from emgmon.cli import DONE, INCOMPLETE
from emgmon.cli.console import damage_said, runs_with_progress
from emgmon.errors import EmgmonError
from emgmon.exercise.catalogue import Exercise, exercise_from, packaged
from emgmon.exercise.posture import Standing, Tilt, tilt_change
from emgmon.exercise.screen import SCREEN, Change, SignSeen, screen
from emgmon.exercise.signs import level_of
from emgmon.model import Mark, Placement, SessionSummary, SetSummary
from emgmon.pipeline.motion import MOTION_QUANTITIES
from emgmon.pipeline.standing import standing_in
from emgmon.report.wording import signed
from emgmon.runner import analyse
from emgmon.storage.recording import Recording, read_recording

WIDTH = 100
SCHEMA = "emgmon-screen/1"
POSTURE = "posture"
CAVEAT = (
    "A training aid, not a diagnosis: limits of amber and red are conventions of this project, sensors on straps err "
    "by 3 to 6 degrees, and many healthy people show signs."
)


def run(options: argparse.Namespace) -> int:
    """``emgmon screen RECORDING``; raises `EmgmonError` when it holds neither squats nor standing."""
    recording = read_recording(options.recording)
    summary = analyse(runs_with_progress(recording, "analysing"))
    exercise, posture = exercises_in(recording)
    sets = squats_of(summary)
    earlier = [read_recording(path) for path in options.earlier]
    before = [item for older in earlier for item in squats_of(analyse(runs_with_progress(older, "analysing earlier")))]
    seen = [(item, screen(item, exercise, motion_places(summary), before)) for item in sets]
    stood = standing_in(recording)
    tilts = [(path, tilt_since(stood, older)) for path, older in zip(options.earlier, earlier, strict=True)]
    if not sets and isinstance(stood, str):
        raise EmgmonError(f"{options.recording}: holds no set of {SCREEN}, and no standing. {stood}")
    limits = posture.signs["anterior_tilt"]
    if options.json:
        print(json.dumps(as_json(summary, seen, exercise, stood, tilts, limits), indent=1, allow_nan=False))
    else:
        lines = [*_head(summary), *(line for item in seen for line in _set_lines(*item))]
        lines += [*_posture_lines(stood, tilts, limits), "", CAVEAT, exercise.safety]
        print("\n".join(part for line in lines for part in _folded(line)))
    torn = [damage_said(item) for item in (recording, *earlier)]
    return INCOMPLETE if any(torn) else DONE


def squats_of(summary: SessionSummary) -> list[SetSummary]:
    """Return the sets of the screen in a session."""
    return [item for item in summary.sets if item.exercise == SCREEN]


def exercises_in(recording: Recording) -> tuple[Exercise, Exercise]:
    """Return squat and posture with the limits that the recording brings, else those of the catalogue."""
    marks = [entry for entry in recording if isinstance(entry, Mark) and entry.kind == "exercise"]
    tables = {str(mark.data.get("id", "")): mark.data for mark in marks}
    squat, posture = (
        exercise_from(name, tables[name], "this recording") if name in tables else packaged()[name]
        for name in (SCREEN, POSTURE)
    )
    return squat, posture


def motion_places(summary: SessionSummary) -> tuple[Placement, ...]:
    """Where motion sensors were worn."""
    return tuple(item.placement for item in summary.channels if item.placement and item.quantity in MOTION_QUANTITIES)


def tilt_since(stood: Standing | str, older: Recording) -> Tilt:
    """Hold a standing against that of an earlier recording."""
    if isinstance(stood, str):
        return Tilt(math.nan, f"not measured: {stood}")
    before = standing_in(older)
    if isinstance(before, str):
        return Tilt(math.nan, f"not measured in the earlier recording: {before}")
    return tilt_change(stood, before)


# --- text -------------------------------------------------------------------------------------------------------------


def _head(summary: SessionSummary) -> Iterator[str]:
    yield f"Overhead-squat screen and standing posture, from {summary.source or 'unknown'}"
    if summary.simulated:
        yield "SIMULATED DATA: no person wore the sensors."
    if not squats_of(summary):
        yield ""
        yield f"No set of {SCREEN} in this recording."


def _set_lines(summary: SetSummary, seen: Sequence[SignSeen]) -> Iterator[str]:
    yield ""
    yield f"Set {summary.index}: {len(summary.reps)} squats. A sign is said when at least 3 of 5 squats show it."
    for item in seen:
        level = item.level if item.level in {"none", "not measured"} else item.level.upper()
        yield f"  {item.title:26} {level:13} {_how(item)}"
        yield from (f"      {_change_line(change)}" for change in item.changes)
    if not seen:
        yield "  Nothing was judged: no squat was seen by a motion sensor."


def _how(item: SignSeen) -> str:
    if item.level == "not measured":
        needed = f"needs {item.lacks[0]}, calibrated" if item.lacks else "too few squats"
        return f"{needed}; {item.measured} squats measured"
    limits = f"amber {item.limits[0]:g}, red {item.limits[1]:g}"
    part = f"; in part: without {', '.join(item.lacks)}" if item.partly else ""
    median = f"median {item.median:.0f} {item.unit} ({limits})"
    return f"{item.reps} of {item.measured} squats, {median}: {item.seen_from}{part}"


def _change_line(change: Change) -> str:
    if math.isnan(change.ln):
        return f"EMG, {change.title}: {change.word} ({change.against})"
    return f"EMG, {change.title}: {change.word}, a change by x{math.exp(change.ln):.2f} against {change.against}"


def _posture_lines(
    stood: Standing | str, tilts: Sequence[tuple[Path, Tilt]], limits: tuple[float, float]
) -> Iterator[str]:
    yield ""
    yield "Standing posture: does the pelvis tip forward more than it did?"
    if isinstance(stood, str):
        yield f"  not measured. {stood}"
    elif not tilts:
        yield "  no earlier recording to hold it against (--earlier RECORDING); one standing alone says nothing."
    else:
        for path, tilt in tilts:
            if math.isnan(tilt.change_deg):
                yield f"  {path.name}: {tilt.how}"
            else:
                level = level_of(tilt.change_deg, limits)
                yield (
                    f"  {path.name}: {level}, {signed(tilt.change_deg, 0)} deg forward since then "
                    f"(amber {limits[0]:g}, red {limits[1]:g}); {tilt.how}"
                )


def _folded(line: str) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    return textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_on_hyphens=False) or [""]


# --- JSON -------------------------------------------------------------------------------------------------------------


def as_json(
    summary: SessionSummary,
    seen: Sequence[tuple[SetSummary, Sequence[SignSeen]]],
    exercise: Exercise,
    stood: Standing | str,
    tilts: Sequence[tuple[Path, Tilt]],
    limits: tuple[float, float],
) -> dict[str, Any]:
    """Return the screen as JSON knows it; a missing number is None."""
    return {
        "schema": SCHEMA,
        "simulated": summary.simulated,
        "sets": [
            {"index": item.index, "squats": len(item.reps), "signs": [_plain(asdict(sign)) for sign in signs]}
            for item, signs in seen
        ],
        "posture": {
            "measured": not isinstance(stood, str),
            "reason": stood if isinstance(stood, str) else "" if tilts else "no earlier recording",
            "limits_deg": list(limits),
            "earlier": [
                {
                    "recording": path.name,
                    "change_deg": _plain(tilt.change_deg),
                    "level": level_of(tilt.change_deg, limits),
                    "how": tilt.how,
                }
                for path, tilt in tilts
            ],
        },
        "safety": exercise.safety,
        "caveat": CAVEAT,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
