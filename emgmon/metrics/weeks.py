"""The same exercise over weeks: what changed, how sure that is, and in which words.

The unit is the day: electrodes are placed anew, and that is the largest error. Three words, never more
(``docs/comparing.md``): ``clear`` when a change beyond ×1.25 is 95 % probable and the last days differ from the first
by more than the minimal detectable change; ``probable`` from 80 % on; else ``within measurement error``. Clear is kept
for the one number that was chosen beforehand, over at least six days: with many numbers and many looks something
always moves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from emgmon.exercise.reference import PERMITS
from emgmon.metrics.adjusted import estimate_of
from emgmon.metrics.comparable import Asked, gather, reasons, why_apart
from emgmon.metrics.comparison import Comparison
from emgmon.metrics.line import compared
from emgmon.metrics.reliability import NORMAL_95, default_sem, detectable, scale_of
from emgmon.model import Estimate, PastSet

CHOSEN = ("sdi", "log_ratio_h", "log_ratio_e")
"""The chosen number: the index, or what takes its place where a group was not worn."""
PHASES = ("hold", "act", "con", "ecc")


def compare(
    history: Iterable[PastSet],
    exercise: str,
    metric: str = "sdi",
    *,
    phase: str = "",
    where: str = "both",
    chosen: str = "",
) -> Comparison:
    """Compare one number of one exercise over weeks.

    Parameters
    ----------
    history : iterable of PastSet
        All sets of one person, in any order.
    exercise, metric, phase, where : str
        Which number, as in `Estimate`; of no phase the first of `PHASES` that most days have.
    chosen : str
        The exercise that was chosen beforehand: another one's verdict is exploratory. Empty: this one was.
    """
    history = list(history)
    asked = Asked(exercise, metric, phase or _phase(history, exercise, metric, where), where)
    gathered = gather(history, asked)
    title = next((item.exercise_title for item in history if item.exercise == exercise), exercise)
    if not gathered.kept:
        lacked = (f"a set of this exercise with this number ({metric}, {asked.phase or 'any phase'}, {where})",)
        return Comparison(asked, title, "", lacked=lacked, notes=reasons(gathered.left))
    unit = estimate_of(gathered.kept[0], asked).unit
    first = usual(history, exercise)
    exploratory = first is None or (metric, where) != (first.metric, first.where) or chosen not in {"", exercise}
    return compared(asked, gathered, title, unit, exploratory=exploratory)


def usual(history: Iterable[PastSet], exercise: str = "") -> Asked | None:
    """Return what is asked first: the index of the exercise with the most days, None when no set has one.

    `exercise` is the one that the person chose, if any. Two groups' index takes its place where one was not worn.
    """
    found: dict[Asked, set[str]] = {}
    for item in history:
        if exercise in {"", item.exercise}:
            for estimate in item.estimates:
                if estimate.metric in CHOSEN and estimate.where == "both" and math.isfinite(estimate.error):
                    asked = Asked(item.exercise, estimate.metric, estimate.phase, estimate.where)
                    found.setdefault(asked, set()).add(item.day)

    def rank(asked: Asked) -> tuple[int, int, int, str]:
        return -len(found[asked]), CHOSEN.index(asked.metric), _place(asked.phase), asked.exercise

    return min(found, key=rank, default=None)


def numbers(history: Iterable[PastSet]) -> dict[Asked, int]:
    """Return all numbers with an interval, and on how many days each was measured, most days first."""
    found: dict[Asked, set[str]] = {}
    for item in history:
        for estimate in item.estimates:
            if math.isfinite(estimate.error):
                asked = Asked(item.exercise, estimate.metric, estimate.phase, estimate.where)
                found.setdefault(asked, set()).add(item.day)
    return {asked: len(days) for asked, days in sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))}


def _place(phase: str) -> int:
    return PHASES.index(phase) if phase in PHASES else len(PHASES)


def _phase(history: Sequence[PastSet], exercise: str, metric: str, where: str) -> str:
    days: dict[str, set[str]] = {}
    for item in history:
        if item.exercise == exercise:
            for found in item.estimates:
                if (found.metric, found.where) == (metric, where) and math.isfinite(found.error):
                    days.setdefault(found.phase, set()).add(item.day)
    return min(days, key=lambda phase: (-len(days[phase]), _place(phase), phase), default="")


class Beside(NamedTuple):
    """One number of two sets: both values in its unit, second less first on its scale, what that must exceed."""

    asked: Asked
    unit: str
    first: Estimate
    second: Estimate
    difference: float
    mdc: float

    @property
    def beyond(self) -> bool:
        """Whether the difference is larger than one day against one day moves without any change."""
        return abs(self.difference) > self.mdc


class Sideways(NamedTuple):
    """Two sets side by side: their numbers, and what makes them hard to compare."""

    first: PastSet
    second: PastSet
    rows: tuple[Beside, ...]
    warnings: tuple[str, ...]


def sideways(first: PastSet, second: PastSet) -> Sideways:
    """Put two sets side by side.

    Numbers that both have, with the minimal detectable change of one day against one day; of sets of one day the
    change that their own intervals leave open (electrodes untouched). NaN where the references permit no comparison.
    """
    warnings = why_apart(first, second)
    same_day = first.day == second.day and first.session == second.session
    hard = any(getattr(first, key) != getattr(second, key) for key in ("exercise", "kind", "composition", "simulated"))
    rows = []
    for one in first.estimates:
        other = second.estimate(one.metric, one.phase, one.where)
        if other is None or not (math.isfinite(one.mean) and math.isfinite(other.mean)):
            continue
        scale = scale_of(one.metric, one.unit)
        within = math.hypot(one.error * scale.slope(one.mean), other.error * scale.slope(other.mean)) * NORMAL_95
        days = default_sem(one.metric, one.where, first.kind)
        mdc = within if same_day else math.hypot(detectable(days, 1, 1), within)
        if hard or not (same_day or (first.kind in PERMITS and PERMITS[first.kind].days)):
            mdc = math.nan
        asked = Asked(first.exercise, one.metric, one.phase, one.where)
        rows.append(Beside(asked, one.unit, one, other, scale.there(other.mean) - scale.there(one.mean), mdc))
    return Sideways(first, second, tuple(rows), warnings)
