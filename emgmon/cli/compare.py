"""``emgmon compare``: the same exercise over weeks, from the store or from recordings; two sessions side by side."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import textwrap
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from emgmon.cli import DONE, INCOMPLETE
from emgmon.cli.console import damage_said, runs_with_progress, say
from emgmon.errors import EmgmonError, StoreError
from emgmon.metrics.comparable import Asked
from emgmon.metrics.weeks import sideways
from emgmon.model import PastSet
from emgmon.report.compare import (
    READ,
    Weeks,
    over_weeks,
    side_text,
    weeks_html,
    weeks_json,
    weeks_section,
    weeks_text,
)
from emgmon.report.summary import NO_WEEKS
from emgmon.runner import analyse
from emgmon.runner.history import CHOSEN, chosen_of, existing, history_of, usual_person
from emgmon.storage.recording import read_recording
from emgmon.storage.sessions import Heard, Store, found, open_store, origin_of, persons, remembered, saying
from emgmon.storage.whole import write_whole

WIDTH = 100
CAVEAT = (
    "A training aid, not a diagnosis. 'clear', 'probable' and 'within measurement error' are about the measurement; "
    "what a smaller part of hamstrings and back means for a body is not known."
)


def run(options: argparse.Namespace) -> int:
    """``emgmon compare [RECORDING...]``; raises `EmgmonError` when there is nothing to compare."""
    torn, history = False, tuple[PastSet, ...]()
    chosen = ""
    if options.recordings:
        history, torn = history_of_recordings(options.recordings)
        person = options.person
    else:
        with open_store(options.store) as store:
            person = person_asked(store, options.person)
            if options.choose:
                choose(store, person, options.choose)
            chosen = chosen_of(store, person)
            history = history_of(store, person, None if options.metric or options.sessions else READ)
    if options.sessions:
        print("\n".join(_folded(side_text(sideways(*(_one(history, name) for name in options.sessions))))))
        return INCOMPLETE if torn else DONE
    weeks = _asked(history, chosen, options)
    if weeks is None:
        where = f" of {options.exercise}" if options.exercise else ""
        raise EmgmonError(f"No set{where} with an index and enough repetitions, so there is nothing to compare.")
    if options.html:
        _write(options.html, weeks_html([weeks], person=person))
    if options.json:
        print(json.dumps(weeks_json([weeks]), indent=1, allow_nan=False))
    else:
        print("\n".join(_folded([*_simulated(weeks), *weeks_text(weeks), "", CAVEAT])))
    return INCOMPLETE if torn else DONE


def _asked(history: Sequence[PastSet], chosen: str, options: argparse.Namespace) -> Weeks | None:
    first = over_weeks(history, options.exercise, chosen=chosen)
    exercise = first.main.asked.exercise if first else options.exercise
    if not exercise or not (options.metric or options.where or options.phase):
        return first
    metric = options.metric or (first.main.asked.metric if first else "")
    known = {e.metric for item in history for e in item.estimates}
    if metric not in known:
        raise EmgmonError(f"No set has the number {metric!r}; known are {', '.join(sorted(known))}.")
    asked = Asked(exercise, metric, options.phase, options.where or "both")
    return over_weeks(history, exercise, asked, chosen=chosen)


def _simulated(weeks: Weeks) -> list[str]:
    return ["SIMULATED DATA: no person wore the sensors."] if weeks.main.simulated else []


def history_of_recordings(paths: Sequence[Path]) -> tuple[tuple[PastSet, ...], bool]:
    """Analyse recordings without a store; returns their sets, and whether any recording is not whole."""
    history: list[PastSet] = []
    torn = False
    for path in paths:
        recording = read_recording(path)
        heard = Heard(runs_with_progress(recording, f"analysing {path.name}"))
        summary = analyse(heard)
        torn |= damage_said(recording)
        history += remembered(summary, origin_of(path).sha256, heard.sets)
    return tuple(history), torn


def person_asked(store: Store, name: str) -> str:
    """Return the person that was named, else the usual one; raises `StoreError` when it is empty."""
    there = persons(store)
    if not there:
        text = "The store holds no session yet. 'emgmon live' records some; 'emgmon sessions add' takes recordings."
        raise StoreError(text)
    return name or usual_person(there)


def choose(store: Store, person: str, exercise: str) -> None:
    """Keep which exercise is the one that is judged."""
    saying.choose(store, person, CHOSEN, exercise, dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
    say(f"{exercise} is what is judged for {person} from now on; other exercises and numbers are exploratory.")


def _one(history: Sequence[PastSet], name: str) -> PastSet:
    """Return a set by its session's beginning or day, ``a1b2c3`` or ``2026-11-22``, and its number: ``a1b2c3/2``."""
    session, _, number = name.partition("/")
    matching = [item for item in history if item.session.startswith(session) or item.day == session]
    if not session or len({item.session for item in matching}) != 1:
        why = "several sessions fit" if matching else "no such session"
        raise EmgmonError(f"{name!r}: {why}; give the beginning of its name as in 'emgmon sessions list', or its day.")
    of_number = [item for item in matching if str(item.index) == (number or str(matching[0].index))]
    if not of_number:
        raise EmgmonError(f"{name!r}: that session has sets {', '.join(str(item.index) for item in matching)}.")
    return of_number[0]


def weeks_of_recording(path: Path, where: str | None) -> Markup:
    """Return pages of comparison for a report, when the store knows its recording and an earlier day; else nothing.

    A store that cannot be used costs the pages, never the report.
    """
    named = existing(where)
    if not named:
        return NO_WEEKS
    try:
        with open_store(named) as store:
            sha256 = origin_of(path).sha256
            person = found(store, sha256).person
            chosen = chosen_of(store, person)
            history = history_of(store, person, READ)
    except StoreError:  # another one's recording, or none that was remembered
        return NO_WEEKS
    done = dict.fromkeys(item.exercise for item in history if item.session == sha256)
    pages = [
        weeks
        for exercise in done
        if (weeks := over_weeks(history, exercise, chosen=chosen)) and len(weeks.main.days) > 1
    ]
    if chosen:
        pages.sort(key=lambda weeks: weeks.main.asked.exercise != chosen)
    return Markup("").join(weeks_section(weeks) for weeks in pages)


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, text)
    except OSError as error:
        raise EmgmonError(f"{path}: cannot be written: {error.strerror or error}") from error
    say(str(path))


def _folded(lines: Sequence[str]) -> list[str]:
    """Fold sentences; rows of a table, which begin with a space, stay."""
    return [part for line in lines for part in ([line] if line.startswith(" ") else textwrap.wrap(line, WIDTH) or [""])]
