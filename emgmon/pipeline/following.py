"""Follows the sensors of motion of one segment through a set: late samples, gaps, and reps judged on all that came."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from emgmon.dsp.phase_loops import ANGLE, AXIS_AT, HELD, LEARNT, LEAST, PHASE, REST, SENSOR, UNKNOWN, excursion, step
from emgmon.exercise.boundaries import refine
from emgmon.exercise.catalogue import Exercise
from emgmon.exercise.own import OwnMovement, Seen, another, learn
from emgmon.exercise.reps import TICK_S, RepFinder, RepSettings
from emgmon.metrics import top_window_s
from emgmon.model import Array, Rep
from emgmon.pipeline.motion import ImuTrack

LOOK_BACK_S = 2.0
PATIENCE_S = 10.0
"""A sensor that is late is waited for this long; what it says then is judged as if it had come in time."""

NOWHERE = (UNKNOWN, UNKNOWN, UNKNOWN, 0.0)
"""Direction of a sensor that is lost."""

Ticks = tuple[Any, Any]
"""Times (n,), and what the sensors of a follower see then, (n, 4 * k)."""

LIMBS = ("thigh", "shank", "foot")
"""Segments that there are two of."""


class Found(NamedTuple):
    """A rep, its range in degrees, and when the movement was within a tenth of its top."""

    rep: Rep
    range_deg: float
    top_s: tuple[float, float]


@dataclass(slots=True)
class Follower:
    """Sensors that move together, their mean excursion from the rest pose, and the reps in it.

    Attributes
    ----------
    imus : sequence of ImuTrack
    finder : RepFinder
    start_s : float
        Of the set: what was before does not count.
    side : str
        Side that is followed, empty for both.
    other : int
        Movements that were not the person's own first three reps' kind.
    """

    imus: Sequence[ImuTrack]
    finder: RepFinder
    start_s: float
    side: str = ""
    other: int = 0
    _learning: list[Seen] = field(default_factory=list)
    _own: OwnMovement | None = None
    _waiting: list[float] = field(default_factory=list)
    _sensors: list[float] = field(init=False)
    _rests: list[Array | None] = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.imus)
        self._sensors = [UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, 0.0] * n
        self._rests = [None] * n
        self.finder.state[ANGLE] = UNKNOWN

    @property
    def angle_deg(self) -> float:
        """Excursion at the newest tick that was judged; NaN while the sensors are late or away."""
        return self.finder.state[ANGLE]

    @property
    def hold_s(self) -> float:
        """Length of the present hold, or of the last one while moving back and resting."""
        return self.finder.state[HELD]

    @property
    def resting(self) -> bool:
        """Whether no movement goes on."""
        return self.finder.state[PHASE] == REST

    @property
    def late(self) -> bool:
        """Whether ticks wait for sensors."""
        return bool(self._waiting)

    def tick(self, t_s: float) -> list[Found]:
        """Move on to one tick, or as far as the sensors have come; returns the reps that were finished."""
        self._waiting.append(t_s)
        return self._judge(t_s - PATIENCE_S)

    def close(self) -> list[Found]:
        """Judge what still waits, at the end of the set; returns the reps that were finished."""
        return self._judge(math.inf)

    def run(self, loops: ModuleType, ticks: Ticks, first: int, stop: int) -> int:
        """Move on over many ticks at once, none of which waits.

        Parameters
        ----------
        loops : module
            `emgmon.dsp.phase_loops`, or what has the same compiled.
        ticks : Ticks
            As the loops take them.
        first, stop : int
            Ticks that come next, and before which to stop.

        Returns
        -------
        int
            The tick before which it stopped: `stop`, or one that has to be judged alone.
        """
        self._take_rests()
        state, sensors = loops.numbers([self.finder.state, self._sensors])
        reached = int(loops.followed(*ticks, first, stop, *loops.numbers([self.finder.spec]), state, sensors))
        self.finder.state[:], self._sensors[:] = map(float, state), map(float, sensors)
        self._give_rests()
        return reached

    def saved(self) -> tuple[list[float], list[float]]:
        """Return what `load` brings back."""
        return self.finder.state.copy(), self._sensors.copy()

    def load(self, saved: tuple[list[float], list[float]]) -> None:
        """Be where the follower was saved; no rep was judged since."""
        self.finder.state[:], self._sensors[:] = saved
        self._give_rests()

    def _take_rests(self) -> None:
        """Take the sensors' poses of rest where they are others now."""
        for k, imu in enumerate(self.imus):
            if imu.rest is not self._rests[k]:
                self._rests[k] = imu.rest
                self._sensors[SENSOR * k : SENSOR * k + 3] = [UNKNOWN] * 3 if imu.rest is None else imu.rest.tolist()

    def _give_rests(self) -> None:
        """Give the sensors the poses of rest that followed."""
        for k, imu in enumerate(self.imus):
            rest, before = self._sensors[SENSOR * k : SENSOR * k + 3], self._rests[k]
            if before is not None and rest != before.tolist():
                imu.rest = self._rests[k] = np.array(rest)

    def _judge(self, until_s: float) -> list[Found]:
        found, judged = [], 0
        spec, state, sensors = self.finder.spec, self.finder.state, self._sensors
        for waits_s in self._waiting:
            self._take_rests()
            row = [number for imu in self.imus for number in imu.direction_at(waits_s) or NOWHERE]
            angle_deg = excursion(row, spec, state, sensors)
            if math.isnan(angle_deg) and waits_s > max(until_s, *(imu.up.newest_s for imu in self.imus)):
                break
            judged += 1
            step(waits_s, angle_deg, row, spec, state, sensors)
            self._give_rests()
            inside_s = self.finder.ripe(waits_s)
            rep = self._refined(inside_s, waits_s) if inside_s is not None else None
            found += [rep] if rep else []
        if judged < len(self._waiting):
            state[ANGLE] = UNKNOWN
        del self._waiting[:judged]
        return found

    def _refined(self, inside_s: float, now_s: float) -> Found | None:
        """Look again at what may have been a rep, on all samples that came; None when it was none."""
        time_s = np.arange(max(self.start_s, inside_s - LOOK_BACK_S), now_s, TICK_S)
        angle_deg = self.course(time_s)
        if angle_deg is None:
            return None
        time_s, angle_deg = _whole(time_s, angle_deg, inside_s, self.finder.settings)
        refined = refine(time_s, angle_deg, inside_s, self.finder.settings)
        if refined is None:
            return None
        begins_high = angle_deg[0] - angle_deg.min() > self.finder.settings.end_level * refined[1]
        if time_s[0] > self.start_s and refined[0].start_s < time_s[0] + TICK_S and begins_high:
            self.finder.give_up()  # a gap hid how it began
            return None
        seen = self._seen(refined[0], refined[1])
        if seen and self._own and another(seen, self._own):
            self.other += 1
            return None
        rep = self.finder.accept(*refined)
        if rep is None:
            return None
        if seen and self._own is None:
            self._learning.append(seen)
            self.finder.state[LEARNT] = 1.0
            self._own = learn(self._learning)
        return Found(rep, refined[1], top_window_s(time_s, angle_deg, rep))

    def _seen(self, rep: Rep, range_deg: float) -> Seen | None:
        """Return the rep as the first sensor saw it; None where samples are lost."""
        rest, top = self.imus[0].ups(np.array([rep.start_s, (rep.top_s + rep.release_s) / 2]))
        return Seen(rest, top, range_deg) if np.isfinite([rest, top]).all() else None

    def course(self, time_s: Array) -> Array | None:
        """Mean excursion of those sensors that are whole, of all where none is; None where none has a sample."""
        each = [self._excursions(k, time_s) for k in range(len(self.imus))]
        whole = [angle for angle in each if np.isfinite(angle).all()]
        used = whole or [angle for angle in each if np.isfinite(angle).any()][:1]
        return np.asarray(sum(used) / len(used)) if used else None

    def _excursions(self, k: int, time_s: Array) -> Array:
        imu = self.imus[k]
        angle_deg = imu.excursions_deg(time_s)
        axis = np.array(self._sensors[SENSOR * k + AXIS_AT : SENSOR * k + AXIS_AT + 3])
        if imu.rest is None or math.isnan(axis[0]):
            return angle_deg
        return _signed(angle_deg, np.cross(imu.rest, _ups(imu, time_s)), axis)


def _signed(angle_deg: Array, turned: Array, axis: Array) -> Array:
    """Give excursions (n,) a sign by their turning (n, 3): negative against the axis; without a jump near rest."""
    lengths = np.linalg.norm(turned, axis=1) * np.linalg.norm(axis)
    along = (turned @ axis) / np.maximum(lengths, LEAST)
    return np.asarray(angle_deg * np.clip(along * (1.0 + 4.0 * angle_deg**2), -1.0, 1.0))


def _ups(imu: ImuTrack, time_s: Array) -> Array:
    """Direction of gravity in a sensor's frame, (n, 3), at the last sample before each time."""
    return imu.up.rows[np.maximum(imu.up.time_s.searchsorted(time_s, "right") - 1, 0), :3]


def followers(exercise: Exercise, imus: Sequence[ImuTrack], start_s: float, settings: RepSettings) -> list[Follower]:
    """Choose the best segment that is worn; one follower, or one for each side where the exercise is one-sided.

    A segment that was seen at rest as the set began is better than any that was not.
    """
    rested = [(imu, imu.placement) for imu in imus if imu.rest is not None and imu.placement is not None]
    fresh = {place.segment for imu, place in rested if imu.rest_s == start_s}
    seen = [segment for segment in exercise.segments if any(place.segment == segment for _imu, place in rested)]
    segment = next((s for s in seen if s in fresh), seen[0] if seen else "")
    worn = [(imu, place.side) for imu, place in rested if place.segment == segment]
    if not worn:
        return []
    sides = sorted({side for _imu, side in worn})
    if exercise.sides == "both" or segment not in LIMBS:
        sides = [""]
    low_deg = exercise.min_range_deg[exercise.segments.index(segment)]
    return [
        Follower(
            [imu for imu, own in worn if side in {"", own}],
            RepFinder(low_deg, settings, exercise.first, exercise.largest_deg(segment)),
            start_s,
            side,
        )
        for side in sides
    ]


def _whole(time_s: Array, angle_deg: Array, inside_s: float, settings: RepSettings) -> tuple[Array, Array]:
    """Bridge short gaps in a course, and cut it behind the last long one before a moment."""
    there = np.flatnonzero(np.isfinite(angle_deg))
    long_gaps = np.flatnonzero(np.diff(there) * TICK_S > settings.gap_s)
    first = int(there[0])
    for gap in long_gaps.tolist():
        if time_s[there[gap + 1]] <= inside_s:
            first = int(there[gap + 1])
    filled = np.interp(time_s, time_s[there], angle_deg[there])
    last = int(there[-1]) + 1
    return time_s[first:last], filled[first:last]
