"""Compensations in a rep: how far each went, and whether that is little, amber or red.

All limits of amber and red stand in the catalogue and are conventions of this project; no published limit exists for
sensors on straps. A sign is a number with a limit, never a diagnosis. What the worn sensors cannot see is not measured,
and never "none".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from emgmon.model import Array, Rep, SignOfRep, SignOfSet

SIDES = ("left", "right")
AT_TOP_S = 0.15
"""What holds at the top of a movement is the mean within this of it."""

LEAST_HELD = 25
"""Ticks of a hold without its ends, for something to be said of it: half a second."""

ENOUGH = 3
"""Reps of five that must show a sign before it is said; fewer sets need the same share."""
OF_REPS = 5


class Angles(Protocol):
    """What a sign reads: angles by name and side, as `emgmon.exercise.angles.AngleSet` gives them."""

    def get(self, name: str, side: str = "midline") -> Array:
        """Degrees at each moment, NaN where they cannot be said."""
        ...

    def reason(self, name: str, side: str = "midline") -> str:
        """Why there is no number; empty when there is one."""
        ...


@dataclass(frozen=True, slots=True)
class RepMotion:
    """What a sign may look at.

    Attributes
    ----------
    rep : Rep
    time_s : (n,) array
        From the start of the rep to its end.
    angles : Angles
        At `time_s`; changes are taken from the first of them.
    excursion : mapping of (str, str) to array
        For each segment and side (empty for the midline) the (n,) angle from the rest pose, which needs no calibration;
        ``("", "")`` is the movement in which the rep was found.
    changes : mapping of str to float
        Change of ``sdi``, ``log_ratio_h`` and ``log_ratio_e`` against the person's own first reps, ln.
    unrest : (n,) array
        Angle from the mean pose of the hold, degrees, 0 or more; which needs no calibration.
    held : bool
        The rep is a hold or a stretch: it begins in its pose, so angles count from the calibration's stance and not
        from its start.
    """

    rep: Rep
    time_s: Array
    angles: Angles
    excursion: Mapping[tuple[str, str], Array] = field(default_factory=dict)
    changes: Mapping[str, float] = field(default_factory=dict)
    unrest: Array = field(default_factory=lambda: np.empty(0))
    held: bool = False

    @property
    def sides(self) -> tuple[str, ...]:
        """Sides that the exercise is about."""
        return (self.rep.side,) if self.rep.side else SIDES

    def change(self, name: str, side: str = "midline") -> Array:
        """Change of an angle since the start of the rep, (n,) degrees; of a held pose against the stance."""
        angle = self.angles.get(name, side)
        there = angle[np.isfinite(angle)]
        return angle - there[0] if len(there) and not self.held else angle

    def at_top(self, course: Array) -> float:
        """Mean of a course around the top of the movement."""
        top_s = (self.rep.top_s + self.rep.release_s) / 2
        return _mean(course[np.abs(self.time_s - top_s) <= AT_TOP_S])


class Sign(NamedTuple):
    """One compensation: what to call it, its unit, how it is measured, and which sensors it needs."""

    title: str
    unit: str
    measure: Callable[[RepMotion], float]
    needs: str


def _mean(values: Array) -> float:
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else math.nan


def _largest(values: Array) -> float:
    values = values[np.isfinite(values)]
    return float(values.max()) if len(values) else math.nan


def _worst(values: Sequence[float]) -> float:
    return max((value for value in values if not math.isnan(value)), default=math.nan)


def _extreme(name: str, sign: float) -> Callable[[RepMotion], float]:
    """Largest change of a midline angle in one direction; in both with sign 0."""

    def measure(motion: RepMotion) -> float:
        change = motion.change(name)
        return _largest(sign * change if sign else np.abs(change))

    return measure


def _side_change_at_top(name: str) -> Callable[[RepMotion], float]:
    return lambda motion: _worst([motion.at_top(motion.change(name, side)) for side in motion.sides])


def _lumbar_flexion(motion: RepMotion) -> float:
    """Return the rounding of the back in the lower half of the movement."""
    out = motion.excursion.get(("", ""))
    change = motion.change("lumbar_flexion")
    if out is not None and np.isfinite(out).any():
        change = np.where(out - out[0] >= 0.5 * np.nanmax(out - out[0]), change, math.nan)
    return _largest(change)


def _forward_lean(motion: RepMotion) -> float:
    """Trunk against shin at the bottom; a trunk beyond 45 degrees counts as 20 whatever the shin does."""
    trunk = motion.at_top(motion.change("trunk_lean"))
    shins = [motion.at_top(motion.change("shank_inclination", side)) for side in motion.sides]
    shin = _mean(np.array(shins))
    return _worst([trunk - shin, *([trunk - 25.0] if trunk > 45.0 else [])])


def _weight_shift(motion: RepMotion) -> float:
    thighs = [motion.at_top(motion.change("thigh_inclination", side)) for side in SIDES]
    leans = [abs(motion.at_top(motion.change(name))) for name in ("obliquity", "trunk_side_lean")]
    return _worst([*leans, abs(thighs[0] - thighs[1])])


def _thigh_difference(motion: RepMotion) -> float:
    thighs = [motion.excursion.get(("thigh", side)) for side in SIDES]
    tops = [motion.at_top(course) for course in thighs if course is not None]
    return abs(tops[0] - tops[1]) if len(tops) == 2 else math.nan


def _pelvis_turns(motion: RepMotion) -> float:
    course = motion.excursion.get(("pelvis", ""))
    return math.nan if course is None else _largest(np.abs(course - course[0]))


def _held(motion: RepMotion, course: Array | None) -> Array:
    """Return a course in the hold, without a quarter of a second at both ends; empty when that is too short."""
    if course is None or len(course) != len(motion.time_s):
        return np.empty(0)
    inside = (motion.time_s >= motion.rep.top_s + 0.25) & (motion.time_s <= motion.rep.release_s - 0.25)
    held = course[inside & np.isfinite(course)]
    return held if len(held) >= LEAST_HELD else np.empty(0)


def _hold_sag(motion: RepMotion) -> float:
    """How far the top sinks in the hold: between its first and last tenth, so that a tremor is none."""
    held = _held(motion, motion.excursion.get(("", "")))
    if not len(held):
        return math.nan
    tenth = max(len(held) // 10, 5)
    return max(float(held[:tenth].mean() - held[-tenth:].mean()), 0.0)


def _sway(motion: RepMotion) -> float:
    held = _held(motion, motion.unrest)
    return float(np.sqrt(np.mean(held**2))) if len(held) else math.nan


def _hips_up(motion: RepMotion) -> float:
    """Largest bending of the hips in the hold, of the side that bends less; in a plank, whose line is standing's."""
    sides = [_held(motion, motion.change("hip_flexion", side)) for side in SIDES]
    return min((float(held.max()) for held in sides if len(held)), default=math.nan)


def _hips_rise_first(motion: RepMotion) -> float:
    """By how long the knees reach half of their way up before the hips do, ms."""
    back = (motion.time_s >= motion.rep.release_s) & (motion.time_s <= motion.rep.end_s)
    lags = []
    for side in motion.sides:
        half_s = [_half_s(motion.time_s[back], motion.angles.get(f"{j}_flexion", side)[back]) for j in ("hip", "knee")]
        lags.append(1e3 * (half_s[0] - half_s[1]))
    return _worst(lags)


def _half_s(time_s: Array, angle: Array) -> float:
    """When an angle has done half of its way down; NaN when it moves less than 15 degrees."""
    there = np.isfinite(angle)
    if there.sum() < 5 or np.ptp(angle[there]) < 15.0:
        return math.nan
    middle = (float(angle[there].max()) + float(angle[there].min())) / 2
    past = np.flatnonzero(there & (angle <= middle))
    return float(time_s[past[0]]) if len(past) else math.nan


def _muscle(name: str) -> Callable[[RepMotion], float]:
    return lambda motion: motion.changes.get(name, math.nan)


SPINE, PELVIS, SHANKS = "sacrum and thoracic spine", "sacrum", "thighs and shanks"
SIGNS: Mapping[str, Sign] = {
    "feet_out": Sign("Feet turn out", "deg", _side_change_at_top("foot_turn_out"), "feet"),
    "knees_in": Sign("Knees go in", "deg", _side_change_at_top("knee_in"), SHANKS),
    "lumbar_arch": Sign("Low back arches", "deg", _extreme("lumbar_flexion", -1.0), SPINE),
    "forward_lean": Sign("Trunk leans forward", "deg", _forward_lean, "thoracic spine and shanks"),
    "lumbar_flexion": Sign("Low back rounds", "deg", _lumbar_flexion, SPINE),
    "weight_shift": Sign("Weight shifts to one side", "deg", _weight_shift, "sacrum, or both thighs"),
    "anterior_tilt": Sign("Pelvis tips forward", "deg", _extreme("pelvic_tilt", 1.0), PELVIS),
    "pelvic_drop": Sign("Pelvis drops on one side", "deg", _extreme("obliquity", 0.0), PELVIS),
    "pelvis_opens": Sign("Pelvis opens to the side", "deg", _extreme("obliquity", 0.0), PELVIS),
    "pelvis_turns": Sign("Pelvis turns", "deg", _pelvis_turns, "sacrum or gluteus (not calibrated)"),
    "trunk_side_lean": Sign("Trunk leans to the side", "deg", _extreme("trunk_side_lean", 0.0), "thoracic spine"),
    "hips_up": Sign("Hips rise out of line", "deg", _hips_up, "sacrum and thighs"),
    "hips_rise_first": Sign("Hips rise first", "ms", _hips_rise_first, "sacrum, thighs and shanks"),
    "thigh_difference": Sign("Sides lift differently", "deg", _thigh_difference, "both thighs (not calibrated)"),
    "hold_sag": Sign("Top sinks in the hold", "deg", _hold_sag, "the exercise's own sensor"),
    "sway": Sign("Sways", "deg", _sway, "the exercise's own sensor"),
    "sdi_up": Sign("Synergists take over", "ln", _muscle("sdi"), "EMG of glutes, hamstrings and back"),
    "hamstrings_up": Sign("Hamstrings take over", "ln", _muscle("log_ratio_h"), "EMG of glutes and hamstrings"),
    "back_up": Sign("Back takes over", "ln", _muscle("log_ratio_e"), "EMG of glutes and back"),
}
"""Every sign by the name that the catalogue uses."""


def level_of(value: float, limits: tuple[float, float]) -> str:
    """Return ``none``, ``amber`` or ``red``, or ``not measured`` for NaN."""
    if math.isnan(value):
        return "not measured"
    return "red" if value >= limits[1] else "amber" if value >= limits[0] else "none"


def signs_of(motion: RepMotion, limits: Mapping[str, tuple[float, float]]) -> tuple[SignOfRep, ...]:
    """Measure each sign of an exercise in one rep.

    Parameters
    ----------
    motion : RepMotion
    limits : mapping of str to (float, float)
        The signs that the exercise scores, with the limits of amber and red.
    """
    values = {name: SIGNS[name].measure(motion) for name in limits}
    return tuple(
        SignOfRep(name, value, SIGNS[name].unit, level_of(value, limits[name])) for name, value in values.items()
    )


def signs_of_set(
    reps: Sequence[Sequence[SignOfRep]], limits: Mapping[str, tuple[float, float]], least: int = ENOUGH
) -> tuple[SignOfSet, ...]:
    """Say of each sign whether it shows in at least three of five reps (the same share of more).

    Parameters
    ----------
    reps : sequence of sequences of SignOfRep
        As `signs_of` gave them.
    limits : mapping of str to (float, float)
    least : int
        Fewer reps say nothing; 1 for holds, of which a set has few: then all of up to three must show a sign.

    Returns
    -------
    tuple of SignOfSet
        Level ``red`` where enough reps are red, ``amber`` where enough are amber or red; ``not measured`` with fewer
        than `least` reps that could be measured.
    """
    out = []
    for name in limits:
        found = [sign for rep in reps for sign in rep if sign.name == name and not math.isnan(sign.value)]
        red = sum(sign.level == "red" for sign in found)
        amber = sum(sign.level == "amber" for sign in found)
        enough = max(min(ENOUGH, len(found)), math.ceil(len(found) * ENOUGH / OF_REPS))
        if len(found) < least:
            level = "not measured"
        else:
            level = "red" if red >= enough else "amber" if red + amber >= enough else "none"
        median = float(np.median([sign.value for sign in found])) if found else math.nan
        sign = SIGNS[name]
        needs = sign.needs if level == "not measured" else ""
        out.append(SignOfSet(name, sign.title, sign.unit, level, median, len(found), amber, red, needs))
    return tuple(out)
