"""The corrective programme: which stages are open, and what is due on a day; it proposes, the person decides.

Stages and rules are data (``programme.toml``), each rule with its reason. A rule looks at the last sessions of one
exercise; what a person chose (open, hold, skip) always goes before it. Nothing here knows a clock: the day is given.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from emgmon.exercise.catalogue import PROGRAMME_PHASES, Exercise
from emgmon.exercise.programme_table import Programme, Rule, Stage
from emgmon.exercise.scores import count_score, hold_score
from emgmon.model import PastSet

PAIN_LIMIT = 3.0
"""From this pain on, of 10, a session opens nothing."""
STAGE_KEY, DONE_KEY = "programme.stage.", "programme.done"
TENSION_KEY, PAIN_KEY = "programme.tension", "programme.pain"
"""What was said outside a session, 0 to 10."""
OPEN, HOLD, SKIP, RULES = "open", "hold", "skip", "rules"
CHOICES = (OPEN, HOLD, SKIP, RULES)
"""What a person may choose for a stage; ``rules`` gives it back to the rules."""


class Chosen(NamedTuple):
    """Something that a person chose, at a time in UTC (ISO 8601); of one key the newest counts.

    `on` is the person's own day of it, empty where nobody knows: that of UTC is taken.
    """

    utc: str
    key: str
    value: str
    on: str = ""

    @property
    def day(self) -> str:
        """Day of the choice."""
        return self.on or self.utc[:10]


class RuleSeen(NamedTuple):
    """A rule, in how many of the last sessions it was fulfilled, and whether it is met (or its stage was skipped)."""

    rule: Rule
    fulfilled: int
    sessions: int
    met: bool
    skipped: bool


class StageSeen(NamedTuple):
    """A stage, whether it is open, what the person chose for it, and its rules."""

    stage: Stage
    open: bool
    chosen: str
    rules: tuple[RuleSeen, ...]


class Item(NamedTuple):
    """One exercise of a day; `last` is the day on which it was done last, empty when never."""

    exercise: Exercise
    stage: str
    done_today: bool
    last: str


class LogLine(NamedTuple):
    """Of one day: the index, hamstring tension after it and pain before it; NaN where not known.

    `exercise` is empty for what was said outside a session.
    """

    day: str
    exercise: str
    sdi: float
    tension: float
    pain: float


class Plan(NamedTuple):
    """What a day holds.

    Attributes
    ----------
    day : str
    phases : tuple of (phase, items)
        The four phases in order, without those that have nothing open.
    stages : tuple of StageSeen
    rests : bool
        The muscles were trained within the days of rest: only inhibit and lengthen are proposed.
    screen_due : str
        Empty, ``may`` (from two weeks on), ``due`` (from four), or ``first`` without any screen.
    screened : str
        Day of the last screen, empty without one.
    log : tuple of LogLine
    simulated : bool
        Some of the sets were: no person wore the sensors.
    """

    day: str
    phases: tuple[tuple[str, tuple[Item, ...]], ...]
    stages: tuple[StageSeen, ...]
    rests: bool
    screen_due: str
    screened: str
    log: tuple[LogLine, ...]
    simulated: bool


def plan(
    programme: Programme,
    catalogue: Mapping[str, Exercise],
    history: Sequence[PastSet],
    choices: Sequence[Chosen],
    today: dt.date,
) -> Plan:
    """Propose what to do on a day.

    Parameters
    ----------
    programme : Programme
    catalogue : mapping of str to Exercise
        Exercises that are not in it are left out.
    history : sequence of PastSet
        All sets of the person; those after `today` are left aside.
    choices : sequence of Chosen
        What the person chose, in any order.
    today : date
    """
    past = sorted(
        (item for item in history if item.day and item.day <= today.isoformat()), key=lambda item: item.started_utc
    )
    chosen = {choice.key: choice.value for choice in sorted(choices)}
    done = {(c.day, c.value) for c in choices if c.key == DONE_KEY}
    before = [item for item in past if item.day < today.isoformat()]  # a day's own sets do not change its plan
    stages = _stages(programme, catalogue, before, chosen)
    done |= {(item.day, item.exercise) for item in past}
    trained = [day for day, exercise in done if _phase(catalogue, exercise) in {"activate", "integrate"}]
    gaps = [(today - dt.date.fromisoformat(day)).days for day in trained if _is_day(day)]
    rests = any(0 < gap <= programme.rest_days for gap in gaps) and 0 not in gaps
    phases = []
    for phase in PROGRAMME_PHASES[1:]:
        open_now = [seen.stage for seen in stages if seen.open and seen.stage.phase == phase]
        if open_now and not (rests and phase in {"activate", "integrate"}):
            items = [
                _item(catalogue[name], open_now[-1], done, today)
                for name in open_now[-1].exercises
                if name in catalogue
            ]
            phases.append((phase, tuple(items)))
    screened = max((day for day, exercise in done if exercise == programme.screen), default="")
    due = _screen_due(programme, screened, today)
    return Plan(
        today.isoformat(),
        tuple(phases),
        stages,
        rests,
        due,
        screened,
        _log(past, choices, today),
        any(item.simulated for item in past),
    )


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _phase(catalogue: Mapping[str, Exercise], name: str) -> str:
    return catalogue[name].phase if name in catalogue else ""


def _stages(
    programme: Programme, catalogue: Mapping[str, Exercise], past: Sequence[PastSet], chosen: Mapping[str, str]
) -> tuple[StageSeen, ...]:
    skipped = {
        exercise
        for stage in programme.stages
        if chosen.get(STAGE_KEY + stage.id) == SKIP
        for exercise in stage.exercises
    }
    seen = []
    for stage in programme.stages:
        rules = tuple(
            _rule_seen(programme.rules[name], catalogue, past, skipped=programme.rules[name].exercise in skipped)
            for name in stage.after
        )
        choice = chosen.get(STAGE_KEY + stage.id, RULES)
        is_open = choice == OPEN or (choice == RULES and all(rule.met for rule in rules))
        seen.append(StageSeen(stage, is_open, choice, rules))
    return tuple(seen)


def _rule_seen(rule: Rule, catalogue: Mapping[str, Exercise], past: Sequence[PastSet], *, skipped: bool) -> RuleSeen:
    sessions: dict[str, list[PastSet]] = {}
    for item in past:
        if item.exercise == rule.exercise:
            sessions.setdefault(item.session, []).append(item)
    last = list(sessions.values())[-rule.of :]
    exercise = catalogue.get(rule.exercise)
    good = sum(
        any(exercise is not None and all(NEEDS[need](item, exercise) for need in rule.needs) for item in sets)
        for sets in last
    )
    return RuleSeen(rule, good, len(last), skipped or good >= rule.sessions, skipped)


def _enough(item: PastSet, exercise: Exercise) -> bool:
    return count_score(item.reps_valid, exercise.reps_from, exercise.reps_target) != "few"


def _held(item: PastSet, exercise: Exercise) -> bool:
    if exercise.hold_target_s is None:
        return True
    return math.isfinite(item.hold_s) and hold_score(item.hold_s, exercise.hold_target_s) == "met"


NEEDS: Mapping[str, Callable[[PastSet, Exercise], bool]] = {
    "count": _enough,
    "hold": _held,
    "calm": lambda item, _exercise: not item.pain >= PAIN_LIMIT,
}


def _item(exercise: Exercise, stage: Stage, done: set[tuple[str, str]], today: dt.date) -> Item:
    days = [day for day, name in done if name == exercise.id and day <= today.isoformat()]
    return Item(exercise, stage.id, today.isoformat() in days, max(days, default=""))


def _screen_due(programme: Programme, screened: str, today: dt.date) -> str:
    if not _is_day(screened):
        return "first"
    since = (today - dt.date.fromisoformat(screened)).days
    return "due" if since >= programme.screen_to_days else "may" if since >= programme.screen_from_days else ""


def _log(past: Sequence[PastSet], choices: Sequence[Chosen], today: dt.date) -> tuple[LogLine, ...]:
    """Return what was told of tension and pain, day by day; outside sessions the last word of a day counts."""
    lines = []
    for item in past:
        found = item.estimate("sdi", "hold") or item.estimate("sdi", "act")
        sdi = found.mean if found else math.nan
        if math.isfinite(item.tension) or math.isfinite(item.pain):
            lines.append(LogLine(item.day, item.exercise_title, sdi, item.tension, item.pain))
    said: dict[str, dict[str, float]] = {}
    for choice in sorted(choices):
        if choice.key in {TENSION_KEY, PAIN_KEY} and _is_day(choice.day) and choice.day <= today.isoformat():
            said.setdefault(choice.day, {})[choice.key] = _told(choice.value)
    lines += [
        LogLine(day, "", math.nan, told.get(TENSION_KEY, math.nan), told.get(PAIN_KEY, math.nan))
        for day, told in said.items()
        if any(map(math.isfinite, told.values()))
    ]
    return tuple(sorted(lines, key=lambda line: line.day))


def _told(text: str) -> float:
    """Return a number from 0 to 10, NaN for any other text."""
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if 0.0 <= value <= 10.0 else math.nan
