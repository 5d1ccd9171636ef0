"""The overhead-squat screen: what a set says of its signs, which angle said so, and what the muscles did meanwhile.

The six signs and their limits stand in the catalogue, `emgmon.exercise.signs` measures them. Here they are read for a
person: how many of how many reps, from which angle, and in which sensors that would have been needed. What a muscle did
is a change, in the person's own numbers, and never explains a sign.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from emgmon.exercise.catalogue import Exercise
from emgmon.exercise.reference import PERMITS
from emgmon.exercise.signs import SIGNS
from emgmon.model import Placement, RepSummary, SetSummary

SCREEN = "overhead_squat"

FIRST_REPS = 2
"""Reps of a set that later ones are held against, where no earlier recording may be."""

CLEAR_LN = math.log(1.5)
"""A change of a muscle's level or of a ratio that is called one; a convention of this project."""

SEEN_FROM: Mapping[str, str] = {
    "feet_out": "turning of the foot about the vertical since it stood still, at the bottom",
    "knees_in": "frontal angle of shank less thigh, at the bottom",
    "lumbar_arch": "low back against pelvis, largest extension since the start",
    "forward_lean": "trunk less shin at the bottom, or a trunk beyond 45 degrees",
    "lumbar_flexion": "low back against pelvis, largest flexion in the lower half",
    "weight_shift": "largest of pelvic obliquity, side lean of the trunk, and left less right thigh, at the bottom",
}
"""The angle that leads to each sign."""

WHOLE: Mapping[str, frozenset[str]] = {
    "weight_shift": frozenset({"sacrum/midline", "thoracic_spine/midline", "thigh/left", "thigh/right"}),
    "forward_lean": frozenset({"thoracic_spine/midline", "shank/left", "shank/right"}),
}
"""Motion sensors without which a sign is seen only in part."""


class Companion(NamedTuple):
    """A number of the muscles that belongs to a sign: its name, and which way it goes (0: either)."""

    title: str
    number: str
    way: int


COMPANIONS: Mapping[str, tuple[Companion, ...]] = {
    "feet_out": (Companion("biceps femoris to semitendinosus", "bf_st", 1),),
    "knees_in": (Companion("gluteus medius", "level_d", -1),),
    "lumbar_arch": (Companion("back to glutes", "log_ratio_e", 1),),
    "forward_lean": (
        Companion("back to glutes", "log_ratio_e", 1),
        Companion("hamstrings to glutes", "log_ratio_h", 1),
    ),
    "lumbar_flexion": (Companion("back", "level_e", -1),),
    "weight_shift": (
        Companion("right to left, glutes", "symmetry_g", 0),
        Companion("right to left, hamstrings", "symmetry_h", 0),
    ),
}


@dataclass(frozen=True, slots=True)
class Change:
    """What a muscle did beside a sign.

    Attributes
    ----------
    title : str
    ln : float
        Change of the level or ratio; NaN where it cannot be said.
    word : str
        ``up``, ``down``, ``little change``, or ``not measured``.
    against : str
        What it is held against, or why there is none.
    expected : bool
        It went the way that is looked for beside this sign.
    """

    title: str
    ln: float
    word: str
    against: str
    expected: bool


@dataclass(frozen=True, slots=True)
class SignSeen:
    """One line of the screen.

    Attributes
    ----------
    name, title, unit : str
    level : str
        ``none``, ``amber``, ``red`` or ``not measured``.
    reps, measured : int
        Reps that show it (amber or red), and reps in which it was measured.
    median : float
        Of the angle, over the measured reps; NaN without any.
    limits : tuple of float
        Amber and red, in `unit`.
    seen_from : str
        The angle.
    lacks : tuple of str
        Sensors that would be needed (not measured), or without which it is seen only in part.
    changes : tuple of Change
        Of the muscles, where the sign shows.
    """

    name: str
    title: str
    unit: str
    level: str
    reps: int
    measured: int
    median: float
    limits: tuple[float, float]
    seen_from: str
    lacks: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def partly(self) -> bool:
        """Measured, but not by all sensors that it takes."""
        return self.level != "not measured" and bool(self.lacks)


def screen(
    summary: SetSummary, exercise: Exercise, motion: Sequence[Placement], earlier: Sequence[SetSummary] = ()
) -> tuple[SignSeen, ...]:
    """Read the signs of a set.

    Parameters
    ----------
    summary : SetSummary
        Of `exercise`.
    exercise : Exercise
        With the limits of its signs.
    motion : sequence of Placement
        Where motion sensors were worn.
    earlier : sequence of SetSummary
        The same person's earlier sets of the exercise; the newest whose references permit it is what the muscles are
        held against.
    """
    worn = {str(place) for place in motion}
    seen = []
    for item in summary.signs:
        lacks: tuple[str, ...] = (item.needs,) if item.needs else ()
        if item.level != "not measured":
            lacks = tuple(sorted(WHOLE.get(item.name, frozenset()) - worn))
        shows = item.level in {"amber", "red"}
        seen.append(
            SignSeen(
                item.name,
                item.title,
                item.unit,
                item.level,
                item.amber + item.red,
                item.measured,
                item.median,
                exercise.signs[item.name],
                SEEN_FROM.get(item.name, SIGNS[item.name].title),
                lacks,
                tuple(_change(one, summary, earlier) for one in COMPANIONS.get(item.name, ())) if shows else (),
            )
        )
    return tuple(seen)


def _change(one: Companion, summary: SetSummary, earlier: Sequence[SetSummary]) -> Change:
    """Hold a number against the earlier recording where references permit, else against the set's first reps."""
    now = [_number(rep, one.number) for rep in summary.reps if rep.valid]
    if not np.isfinite(now).any():
        return Change(one.title, math.nan, "not measured", "the channels are not worn", expected=False)
    if one.number.startswith("symmetry") and not PERMITS[summary.kind].sides:
        return Change(one.title, math.nan, "not measured", "sides need references", expected=False)
    before = [
        _median([_number(rep, one.number) for rep in item.reps if rep.valid])
        for item in earlier
        if item.kind == summary.kind and PERMITS[item.kind].days
    ]
    there = [value for value in before if math.isfinite(value)]
    if there:
        return _said(one, _median(now) - there[-1], "the earlier recording")
    change = _median(now[FIRST_REPS:]) - _median(now[:FIRST_REPS])
    if math.isnan(change):
        return Change(one.title, math.nan, "not measured", "too few reps", expected=False)
    return _said(one, change, "the first two reps")


def _said(one: Companion, change: float, against: str) -> Change:
    word = "little change" if abs(change) < CLEAR_LN else "up" if change > 0 else "down"
    expected = word != "little change" and (one.way == 0 or one.way * change > 0)
    return Change(one.title, change, word, against, expected)


def _median(values: Sequence[float]) -> float:
    there = [value for value in values if math.isfinite(value)]
    return float(np.median(there)) if there else math.nan


def _number(rep: RepSummary, name: str) -> float:
    """Return a log level, or log-ratio, of a whole rep; NaN when it is not there."""
    if name in {"log_ratio_e", "log_ratio_h"}:
        return rep.value(name, "act")
    if name.startswith("symmetry"):
        return rep.value("symmetry", "act", name[-1].upper())
    if name == "bf_st":
        return _log_level(rep, "muscle", "biceps_femoris") - _log_level(rep, "muscle", "semitendinosus")
    return _log_level(rep, "group", name[-1].upper())


def _log_level(rep: RepSummary, attribute: str, wanted: str) -> float:
    """Mean of the log levels of the channels of a muscle or group; bounds are no levels."""
    levels = [
        math.log(item.value)
        for item in rep.values
        if item.metric == "level" and item.phase == "act" and not item.flag and item.value > 0
        if (place := Placement.parse(item.where)) is not None and getattr(place, attribute) == wanted
    ]
    return math.fsum(levels) / len(levels) if levels else math.nan
