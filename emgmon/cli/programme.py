"""``emgmon programme``: what is due today, which stages are open and why; timers for rolling and stretching."""

from __future__ import annotations

import argparse
import json
import math
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from typing import Any

from emgmon.cli import DONE
from emgmon.cli.console import say
from emgmon.errors import CatalogueError
from emgmon.exercise.catalogue import Exercise, packaged
from emgmon.exercise.dose import Stretch, dose, stretches
from emgmon.exercise.programme import (
    DONE_KEY,
    HOLD,
    OPEN,
    PAIN_KEY,
    SKIP,
    STAGE_KEY,
    TENSION_KEY,
    Item,
    Plan,
    StageSeen,
)
from emgmon.exercise.programme_table import Programme, packaged_programme
from emgmon.report.axes import day_text, value_text
from emgmon.report.wording import number
from emgmon.runner.history import existing
from emgmon.runner.programme import keep, read_plan

WIDTH = 100
SCHEMA = "emgmon-programme/1"
BELL = "\a"
WORDS = {OPEN: "opened by you", HOLD: "held by you", SKIP: "skipped by you"}
DUE = {
    "first": "No screen yet: 'emgmon live --exercise {screen}' before the programme begins.",
    "may": "The screen ({screen}) was on {screened}; it may be done again.",
    "due": "The screen ({screen}) was on {screened}: it is due again.",
}


def run(options: argparse.Namespace) -> int:
    """Show today's plan, run a timer, or keep what the person chose for a stage."""
    programme = packaged_programme()
    if options.timer:
        timed(_exercise(options.timer), options.seconds)
        if existing(options.store):
            keep(options.store, options.person, [(DONE_KEY, options.timer)])
        return DONE
    wanted = [(STAGE_KEY + _stage(programme, stage), choice) for stage, choice in options.stage or ()]
    told = ((TENSION_KEY, options.tension), (PAIN_KEY, options.pain))
    wanted += [(key, f"{value:g}") for key, value in told if value is not None]
    if wanted:
        keep(options.store, options.person, wanted)
    found = read_plan(options.store, options.person, options.date).plan
    if options.json:
        print(json.dumps(as_json(found, programme), indent=1, allow_nan=False))
    else:
        print("\n".join(part for text in lines(found, programme) for part in _folded(text)))
    return DONE


def _exercise(name: str) -> Exercise:
    found = packaged().get(name)
    timers = [item.id for item in packaged().values() if item.signal == "timer"]
    if found is None or found.hold_target_s is None:
        raise CatalogueError(f"{name!r} has no timer; there are {', '.join(timers)}.")
    return found


def _stage(programme: Programme, name: str) -> str:
    known = [stage.id for stage in programme.stages]
    if name not in known:
        raise CatalogueError(f"No stage is called {name!r}; there are {', '.join(known)}.")
    return name


# --- timers -----------------------------------------------------------------------------------------------------------


def timed(exercise: Exercise, seconds: float | None, sleep: Callable[[float], None] = time.sleep) -> None:
    """Count down an exercise by the clock, with a bell at each change; raises `KeyboardInterrupt` on Ctrl-C."""
    print(f"{exercise.title}: {exercise.how}")
    print(exercise.safety)
    for part in stretches(exercise, seconds):
        _count(_named(part), part.seconds, sleep)
    say(f"{exercise.title}: done.")


def _named(part: Stretch) -> str:
    counted = f"{part.number} of {part.of}" if part.of > 1 else ""
    return " ".join(filter(None, ("change:" if part.change else "", part.side, counted))) or "go"


def _count(what: str, seconds: int, sleep: Callable[[float], None]) -> None:
    for left in range(seconds, 0, -1):
        print(f"\r{what}: {left:3d} s ", end="", flush=True, file=sys.stderr)
        sleep(1.0)
    print(f"\r{what}: done   {BELL}", flush=True, file=sys.stderr)


# --- text -------------------------------------------------------------------------------------------------------------


def lines(found: Plan, programme: Programme) -> Iterator[str]:
    """Give the plan of a day as lines."""
    if found.simulated:
        yield "SIMULATED DATA: no person wore the sensors."
    yield f"Programme for {found.day}: a proposal; you decide."
    yield ""
    if found.screen_due:
        yield (
            DUE[found.screen_due].format(screen=programme.screen, screened=found.screened)
            + f" {programme.screen_reason}"
        )
    if found.rests:
        yield f"Yesterday was a training day: rest, or only roll and stretch. {programme.rest_reason}"
    for phase, items in found.phases:
        yield ""
        yield phase.upper()
        yield from (f"  {_item_line(item)}" for item in items)
    yield ""
    yield "Stages ('--stage NAME open|hold|skip|rules' decides otherwise)"
    for seen in found.stages:
        yield from _stage_lines(seen)
    if found.log:
        yield ""
        yield f"  {'Day':8} {'after':28} {'index':>7} {'tension':>8} {'pain':>5}"
        for row in found.log[-8:]:
            sdi = value_text(row.sdi, "ln")
            told = (number(value, 0) for value in (row.tension, row.pain))
            yield "  {:8} {:28} {:>7} {:>8} {:>5}".format(
                day_text(row.day), (row.exercise or "said by itself")[:28], sdi, *told
            )
    yield ""
    yield from programme.reminders
    yield ""
    yield programme.safety


def _item_line(item: Item) -> str:
    when = "done today" if item.done_today else f"last {day_text(item.last)}" if item.last else ""
    timer = f"--timer {item.exercise.id}" if item.exercise.signal == "timer" else ""
    asks = "asks for hamstring tension" if item.exercise.asks else ""
    rest = "; ".join(filter(None, (when, timer, asks)))
    return f"{item.exercise.title[:34]:34} {item.exercise.id:20} {dose(item.exercise):26} {rest}".rstrip()


def _stage_lines(seen: StageSeen) -> Iterator[str]:
    state = WORDS.get(seen.chosen) or ("open" if seen.open else "not yet")
    yield f"  {seen.stage.id:10} {state:14} {seen.stage.title}"
    for rule in seen.rules:
        what = ", ".join(rule.rule.needs)
        met = "skipped" if rule.skipped else "met" if rule.met else "not met"
        yield (
            f"      {met}: {rule.rule.exercise} on target ({what}) in {rule.fulfilled} of the last {rule.sessions} "
            f"sessions; asked are {rule.rule.sessions} of {rule.rule.of}. {rule.rule.reason} A convention."
        )


def _folded(text: str) -> list[str]:
    if text.startswith("  ") and not text.startswith("      "):
        return [text]
    indent = " " * (len(text) - len(text.lstrip()))
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False) or [""]


def as_json(found: Plan, programme: Programme) -> dict[str, Any]:
    """Return the plan as JSON knows it; a missing number is None."""
    return {
        "schema": SCHEMA,
        "day": found.day,
        "simulated": found.simulated,
        "rest_proposed": found.rests,
        "screen": {"due": found.screen_due, "last": found.screened or None, "exercise": programme.screen},
        "phases": [
            {
                "phase": phase,
                "exercises": [
                    {
                        "id": item.exercise.id,
                        "title": item.exercise.title,
                        "dose": dose(item.exercise),
                        "stage": item.stage,
                        "done_today": item.done_today,
                        "last": item.last or None,
                    }
                    for item in items
                ],
            }
            for phase, items in found.phases
        ],
        "stages": [
            {
                "id": seen.stage.id,
                "phase": seen.stage.phase,
                "open": seen.open,
                "chosen": seen.chosen,
                "rules": [
                    {
                        "exercise": each.rule.exercise,
                        "fulfilled": each.fulfilled,
                        "sessions": each.sessions,
                        "asked": [each.rule.sessions, each.rule.of],
                        "met": each.met,
                        "reason": each.rule.reason,
                        "convention": True,
                    }
                    for each in seen.rules
                ],
            }
            for seen in found.stages
        ],
        "log": [
            {name: None if isinstance(v, float) and math.isnan(v) else v for name, v in row._asdict().items()}
            for row in found.log
        ],
        "reminders": list(programme.reminders),
        "safety": programme.safety,
    }
