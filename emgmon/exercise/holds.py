"""Finds holds in which a person stays still in a pose: plank, side plank, balance."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import scipy

from emgmon.exercise.boundaries import TICK_S, RepSettings, edges, smoothed
from emgmon.model import Array

STEADY_S, STEADY_DEG = 0.5, 2.5
"""Still is who turns less than this in so long a time."""

BREAK_S = 1.0
"""A shorter break belongs to the hold around it, when the pose after it is the same."""

LEAST_S = 3.0
"""A shorter stillness is no hold."""

SAME_DEG = 15.0
"""Holds of one set are in poses nearer to each other than this."""


REACH_S = 2.0
"""The movement into and out of a hold is sought this near to the end of the stillness."""


class Worn(NamedTuple):
    """One sensor in a set of holds.

    Attributes
    ----------
    up : (n, 3) array
        Direction of gravity each `TICK_S`; NaN where it is lost.
    rest : (3,) array
        The same when the set was begun.
    range_deg : float
        Farther from `rest` than this is another pose.
    """

    up: Array
    rest: Array
    range_deg: float


class Holds(NamedTuple):
    """Start and end of each hold, in s, and whether its pose is another than that at the start of the set."""

    spans_s: tuple[tuple[float, float], ...]
    left_rest: bool


@dataclass(slots=True)
class HoldClock:
    """Counts a hold while it goes on; online. What it says is for the screen, `find_holds` judges the set.

    Every stillness counts, after half a second, because one may be in the pose when the set begins; it ends when the
    pose is left for more than `BREAK_S`. Swaying within the pose ends nothing.

    Attributes
    ----------
    ranges_deg : sequence of float
        For each sensor: farther from the pose of the hold than this is out of it.
    hold_s : float
        Length of the present hold, or of the last.
    holding : bool
    holds : int
        Those of at least `LEAST_S` that are over.
    """

    ranges_deg: Sequence[float]
    hold_s: float = 0.0
    holding: bool = False
    holds: int = 0
    _pose: list[list[float]] = field(default_factory=list)
    _since_s: float = 0.0
    _last_s: float = 0.0
    _recent: deque[Sequence[Sequence[float]]] = field(default_factory=lambda: deque(maxlen=round(STEADY_S / TICK_S)))

    def feed(self, t_s: float, up: Sequence[Sequence[float]]) -> None:
        """Take the directions of gravity of all sensors, three numbers each, at the next tick; NaN where it is lost."""
        if self.holding:
            if all(_turned_deg(*poses) < deg for *poses, deg in zip(up, self._pose, self.ranges_deg, strict=True)):
                self._last_s, self.hold_s = t_s, t_s - self._since_s
            elif t_s - self._last_s > BREAK_S:
                self.holding = False
                self.holds += self.hold_s >= LEAST_S
                self._recent.clear()
            return
        self._recent.append(up)
        if len(self._recent) < (self._recent.maxlen or 0) or not _near(self._recent[0], up):
            return
        course = np.array(self._recent)
        turned = np.linalg.norm(course.max(axis=0) - course.min(axis=0), axis=1)
        if (turned < np.radians(STEADY_DEG)).all():
            self.holding, self._pose = True, course.mean(axis=0).tolist()
            self._since_s, self._last_s = t_s - STEADY_S, t_s
            self.hold_s = STEADY_S


def _near(before: Sequence[Sequence[float]], now: Sequence[Sequence[float]]) -> bool:
    """Whether sensors may have been still in between: a quick look that says no only where they were not."""
    least = math.radians(STEADY_DEG)
    return all(abs(a - b) < least for ups in zip(before, now, strict=True) for a, b in zip(*ups, strict=True))


def _turned_deg(a: Sequence[float], b: Sequence[float]) -> float:
    """Angle between two directions in plain numbers: a tick cannot wait for arrays."""
    (ax, ay, az), (bx, by, bz) = a, b
    across = math.hypot(ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx)
    return math.degrees(math.atan2(across, ax * bx + ay * by + az * bz))


def find_holds(time_s: Array, worn: Sequence[Worn]) -> Holds:
    """Find stretches in which all sensors are still in the pose of the exercise; offline over the set, no delay.

    What the pose is, one sensor cannot know: it is that of the longest stillness away from where the set was begun; if
    there is none, the person was in it from the start.

    Parameters
    ----------
    time_s : (n,) array
        Each `TICK_S`.
    worn : sequence of Worn
        At least one.

    Returns
    -------
    Holds
        Ascending, without overlap; each at least `LEAST_S` long.
    """
    width = round(STEADY_S / TICK_S)
    if len(time_s) < 2 * width:
        return Holds((), left_rest=False)
    still = np.all([_steady(sensor.up, width) for sensor in worn], axis=0)
    runs = _joined(_runs(still), worn)
    long = [(a, b) for a, b in runs if (b - a) * TICK_S >= LEAST_S]
    away = [run for run in long if any(_angle(_pose(w.up, run), w.rest) >= w.range_deg for w in worn)]
    chosen = away or long
    if not chosen:
        return Holds((), left_rest=False)
    longest = max(chosen, key=lambda run: run[1] - run[0])
    same = [run for run in chosen if all(_angle(_pose(w.up, run), _pose(w.up, longest)) < SAME_DEG for w in worn)]
    spans = [_placed(run, worn, len(time_s)) for run in same]
    spans_s = tuple((float(time_s[0]) + TICK_S * a, float(time_s[0]) + TICK_S * b) for a, b in spans)
    return Holds(spans_s, left_rest=bool(away))


def _placed(run: tuple[int, int], worn: Sequence[Worn], n: int) -> tuple[float, float]:
    """Put the ends of a hold where the movements before and after it end and begin, in ticks.

    Stillness alone comes too early and goes too late: a person arrives and leaves gently, and the last degrees of a
    movement look like stillness. Without a movement near an end, it stays where the stillness ends.
    """
    reach = round(REACH_S / TICK_S)
    out = []
    for end, direction in ((run[0], -1.0), (run[1] - 1, 1.0)):
        first, last = max(0, end - reach), min(n, end + reach)
        found = [_movement(w, run, slice(first, last), direction) for w in worn] if last - first >= 20 else []
        moved = [at for at in found if at is not None]
        furthest = (max if direction < 0 else min)(moved, default=float(end - first))
        out.append(first + furthest)
    return (out[0], out[1]) if out[0] < out[1] else (float(run[0]), float(run[1] - 1))


def _movement(worn: Worn, run: tuple[int, int], part: slice, direction: float) -> float | None:
    """Where in a part of the ticks a sensor's movement into the hold ends (direction −1) or out of it begins (1)."""
    up, settings = worn.up[part], RepSettings()
    if np.isnan(up).any():
        return None
    pose = _pose(worn.up, run)
    away_deg = np.degrees(np.arctan2(np.linalg.norm(np.cross(up, pose), axis=1), up @ pose))
    if np.ptp(away_deg) < worn.range_deg / 2:
        return None
    speed_dps = direction * np.gradient(smoothed(away_deg, settings), TICK_S)
    found = edges(speed_dps, int(np.argmax(speed_dps)), settings)
    return None if found is None else found[0 if direction > 0 else 1]


def _steady(up: Array, width: int) -> Array:
    """Whether each tick (n,) lies in a stretch of `width` ticks in which a direction (n, 3) hardly turns."""
    spread = np.linalg.norm(
        scipy.ndimage.maximum_filter1d(up, width, axis=0) - scipy.ndimage.minimum_filter1d(up, width, axis=0), axis=1
    )
    lost = scipy.ndimage.maximum_filter1d(np.isnan(up).any(axis=1).astype(np.uint8), width)
    calm = (spread < np.radians(STEADY_DEG)) & (lost == 0)
    whole = np.zeros(len(up), bool)
    whole[width // 2 : len(up) - width // 2] = calm[width // 2 : len(up) - width // 2]
    return np.asarray(scipy.ndimage.maximum_filter1d(whole.astype(np.uint8), width) > 0)


def _runs(still: Array) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(still.astype(np.int8), prepend=0, append=0))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _joined(runs: Sequence[tuple[int, int]], worn: Sequence[Worn]) -> list[tuple[int, int]]:
    """Join stretches with less than `BREAK_S` between them in which no sensor changed its pose, or that only sway."""
    out: list[tuple[int, int]] = []
    for run in runs:
        near = out and (run[0] - out[-1][1]) * TICK_S < BREAK_S
        same = out and all(_angle(_end(w.up, out[-1]), _begin(w.up, run)) < w.range_deg for w in worn)
        if (near and same) or (out and _sways(worn, out[-1], run)):
            out[-1] = (out[-1][0], run[1])
        else:
            out.append(run)
    return out


def _sways(worn: Sequence[Worn], before: tuple[int, int], after: tuple[int, int]) -> bool:
    """Whether between two stretches every sensor stays near the pose, of those whose pose is not that of rest."""
    away = [w for w in worn if _angle(_pose(w.up, before), w.rest) >= w.range_deg]
    gaps = [(w.up[before[1] : after[0]], _pose(w.up, before), w.range_deg) for w in away]
    return bool(away) and all(
        np.isfinite(up).all() and max((_angle(row, pose) for row in up), default=0.0) < range_deg
        for up, pose, range_deg in gaps
    )


def _pose(up: Array, run: tuple[int, int]) -> Array:
    return np.asarray(np.nanmedian(up[run[0] : run[1]], axis=0))


def _begin(up: Array, run: tuple[int, int]) -> Array:
    return _pose(up, (run[0], min(run[0] + round(STEADY_S / TICK_S), run[1])))


def _end(up: Array, run: tuple[int, int]) -> Array:
    return _pose(up, (max(run[1] - round(STEADY_S / TICK_S), run[0]), run[1]))


def _angle(a: Array, b: Array) -> float:
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b)))
