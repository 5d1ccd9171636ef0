"""``emgmon exercises``: the corrective programme, exercise by exercise, and a person's own."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from emgmon.cli import DONE
from emgmon.errors import CatalogueError
from emgmon.exercise.catalogue import PROGRAMME_PHASES, Exercise, packaged, with_own
from emgmon.exercise.dose import dose
from emgmon.exercise.reference_bands import bands_of
from emgmon.exercise.signs import SIGNS
from emgmon.model import GROUP_TITLES

WIDTH = 100
SEEN_BY = {
    "inclination": "movement of",
    "steps": "steps of",
    "stillness": "stillness of",
    "timer": "the clock",
    "emg": "the muscles' bursts",
    "none": "nothing: one stretch",
}


def run(options: argparse.Namespace) -> int:
    """List every exercise, or explain one."""
    known = catalogue_of(options.catalogue)
    if options.name and options.name not in known:
        raise CatalogueError(f"No exercise is called {options.name!r}; there are {', '.join(known)}.")
    if options.json:
        chosen = {options.name: known[options.name]} if options.name else known
        print(json.dumps({name: item.table() for name, item in chosen.items()}, indent=1))
    else:
        print("\n".join(explained(known[options.name]) if options.name else table(known)))
    return DONE


def catalogue_of(path: Path | None) -> Mapping[str, Exercise]:
    """Return the packaged exercises and those of a person's own file; raises `CatalogueError` when it does not fit."""
    if path is None:
        return packaged()
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise CatalogueError(f"{path}: cannot be read: {reason}") from error
    return with_own(text, str(path))


def table(known: Mapping[str, Exercise]) -> list[str]:
    """Give one line for each exercise, in the order of the programme."""
    lines = [f"{'name':20} {'exercise':34} {'dose':24} {'index':6} seen by"]
    for phase in PROGRAMME_PHASES:
        found = [item for item in known.values() if item.phase == phase]
        lines += ["", phase] if found else []
        lines += [
            f"{item.id:20} {item.title[:34]:34} {dose(item):24} {'scored' if item.sdi else '-':6} {seen_by(item)}"
            for item in found
        ]
    return [*lines, "", "'emgmon exercises NAME' tells more. A training aid, not a diagnosis."]


def seen_by(item: Exercise) -> str:
    """Tell where repetitions are seen."""
    return f"{SEEN_BY[item.signal]} {' or '.join(item.segments)}".strip()


def explained(item: Exercise) -> list[str]:
    """Tell all that is known about one exercise."""
    used = f"{item.phase}, also {item.also}" if item.also else item.phase
    compared = ", ".join(GROUP_TITLES[group].lower() for group in item.groups) or "none"
    shown = ", ".join(GROUP_TITLES[group].lower() for group in item.watch)
    pairs: Sequence[tuple[str, str]] = (
        ("Phase", used),
        ("Pose", item.pose),
        ("Dose", dose(item)),
        ("How", item.how),
        ("Should work", ", ".join(item.movers)),
        ("Compared", compared + (f"; shown beside them: {shown}" if shown else "")),
        ("Index", "scored" if item.sdi else "not scored: back and hamstrings lie near their noise in this one"),
        ("Seen by", seen_by(item) + _ranges(item)),
        ("First", "the lowering" if item.moved and item.first == "ecc" else ""),
        ("Load", "is noted with the set" if item.load else ""),
        ("Look for", "; ".join(item.look_for)),
        ("Asked", " ".join(item.asks)),
        ("Published", _bands(item)),
        ("Safety", item.safety),
        ("Source", item.source),
    )
    lines = [f"{item.title} ({item.id})", ""]
    for name, text in pairs:
        if text:
            lines += textwrap.wrap(f"{name + ':':13}{text}", WIDTH, subsequent_indent=" " * 13)
    if item.signs:
        lines += ["", "Signs that are measured (limits of amber and red are conventions of this project):"]
    for name, (amber, red) in item.signs.items():
        sign = SIGNS[name]
        lines.append(f"  {sign.title:28} {amber:g} / {red:g} {sign.unit:4} needs {sign.needs}")
    return lines


def _ranges(item: Exercise) -> str:
    if not item.moved:
        return ""
    each = (
        f"{segment} {low:g} to {item.largest_deg(segment):g}"
        for segment, low in zip(item.segments, item.min_range_deg, strict=True)
    )
    return f" ({', '.join(each)} degrees from rest)"


def _bands(item: Exercise) -> str:
    found = [f"{band.phase}: {band.source} (grade {band.grade})" for band in bands_of(item.id)]
    return "; ".join(found)
