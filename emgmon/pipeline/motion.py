"""The worn motion sensors: directions of gravity on the session clock, and excursions from a rest pose."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np

from emgmon.dsp.envelope import STALE_S
from emgmon.dsp.inertial_calibration import HingeAxis, SegmentFrame
from emgmon.dsp.orientation import STILL, TURN, UP, Gravity, Tilt
from emgmon.dsp.rest_loops import COLUMNS
from emgmon.exercise.angles import MAX_TURN_S, Pose, wrapped
from emgmon.model import Array, Placement, Stream, TimedBlock, TimedRun
from emgmon.pipeline.kept import Came, Growing, Moment, each_from

MOTION_QUANTITIES = ("imu", "acceleration")
"""Streams from which a direction of gravity can be made."""

SCALE_OFF = 0.07
"""An accelerometer whose 1 g is wrong by more is told."""

STILL_BACK_S = 60.0
"""Stillness is sought no farther back."""

HEAD = slice(0, 4)
"""The columns of a row that are looked at each tick: `UP` and `STILL`."""

BROKEN_S = 0.15
"""Samples farther apart than this are not one movement: how far was turned between them is not known."""


Direction = list[float]
"""Of gravity in a sensor's frame, and 1 behind it where the sensor is still, as the first columns of a row."""


@dataclass(slots=True)
class ImuTrack:
    """One motion sensor: the direction of gravity in its frame, and how far that is from the rest pose.

    Samples wait until somebody looks. Then all of them are followed in one go, and shown up to `moment`: the numbers
    are the same. `newest_s` is the time of the newest one.

    Attributes
    ----------
    stream : Stream
        ``imu``, or ``acceleration``: then without turning, and late by the low-pass (taken out of the times).
    up : Growing
        Rows as `emgmon.dsp.orientation` gives them.
    rest : (3,) array or None
        Direction of gravity in the rest pose.
    rest_s : float
        When that was; NaN before.
    frame : SegmentFrame or None
        How the sensor sits on its segment, from the calibration.
    supine_deg : float
        Sagittal inclination lying on the back; NaN when no mark said so.
    bent : HingeAxis or None
        What the bows since the last stance gave.
    """

    stream: Stream
    moment: Moment = field(default_factory=Moment)
    newest_s: float = -math.inf
    rest: Array | None = None
    rest_s: float = math.nan
    frame: SegmentFrame | None = None
    supine_deg: float = math.nan
    stale_s: float = field(init=False)
    bent: HingeAxis | None = None
    _scale_known: tuple[float, float] = (math.inf, math.inf)
    _gravity: Gravity | Tilt = field(init=False)
    _up: Growing = field(default_factory=lambda: Growing(COLUMNS))
    _waiting: list[Came] = field(default_factory=list)
    _ahead: deque[tuple[int, int, float]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._gravity = (Gravity if self.stream.quantity == "imu" else Tilt)(self.stream.fs_hz)
        self.stale_s = max(STALE_S, 2.5 / self.stream.fs_hz)

    @property
    def placement(self) -> Placement | None:
        """Where the sensor sits."""
        return self.stream.placements[0]

    def add(self, block: TimedBlock, entry: int = 0) -> None:
        """Take the next samples, which came with this entry; a sensor put elsewhere loses its calibration."""
        if block.stream.placements != self.stream.placements:
            self.stream, self.frame, self.rest, self.supine_deg = block.stream, None, None, math.nan
        n = len(block.samples)
        self._wait(Came([entry], [block.start_s], [n], block.period_s, block.samples))
        last_s = block.start_s - self._gravity.delay_s + float(n - 1) * block.period_s
        self.newest_s = max(self.newest_s, last_s)

    def add_many(self, run: TimedRun) -> Array:
        """Take the next samples as `add` does, of a sensor that was not moved; `newest_s` after each block, (n,)."""
        lists = run.entries.tolist(), run.start_s.tolist(), run.lengths.tolist()
        self._wait(Came(*lists, run.period_s, run.samples))
        last_s = run.start_s - self._gravity.delay_s + (run.lengths - 1.0) * run.period_s
        newest_s = np.maximum.accumulate(np.maximum(last_s, self.newest_s))
        self.newest_s = float(newest_s[-1])
        return newest_s

    def _wait(self, came: Came) -> None:
        if self._waiting and self._waiting[-1].period_s != came.period_s:
            self._follow()
        self._waiting.append(came)

    @property
    def gravity(self) -> Gravity | Tilt:
        """What follows the direction, after all that came."""
        self._follow()
        return self._gravity

    @property
    def up(self) -> Growing:
        """Rows as `emgmon.dsp.orientation` gives them, up to the moment that is looked at."""
        if self._waiting:
            self._follow()
        while self._ahead and self._ahead[0][0] <= self.moment.entry:
            _entry, self._up.n, self._up.newest_s = self._ahead.popleft()
        return self._up

    def _follow(self) -> None:
        """Follow all samples that wait; their rows are shown when their entry is."""
        if not self._waiting:
            return
        waiting, up = self._waiting, self._up
        shown = up.n, up.newest_s
        if self._ahead:
            _entry, up.n, up.newest_s = self._ahead[-1]
        scale = self._gravity.scale
        before, unknown, period_s = scale.seen, scale.known_at < 0, waiting[0].period_s
        rows = self._gravity(waiting[0].samples if len(waiting) == 1 else np.concatenate([c.samples for c in waiting]))
        delay_s = self._gravity.delay_s
        lengths = [n for came in waiting for n in came.lengths]
        time_s = each_from([start_s - delay_s for came in waiting for start_s in came.start_s], lengths, period_s)
        entries, ends = [entry for came in waiting for entry in came.entries], list(accumulate(lengths))
        if unknown and scale.known_at >= 0:
            at = scale.known_at - before
            self._scale_known = entries[bisect_right(ends, at)], float(time_s[at])
        first = up.n
        up.append(time_s, rows)
        newest_s = up.time_s[first + np.array(ends) - 1].tolist()
        self._ahead.extend(zip(entries, (first + end for end in ends), newest_s, strict=True))
        up.n, up.newest_s = shown
        waiting.clear()

    def forget_before(self, time_s: float) -> None:
        """Drop rows that are older; those that are not shown yet stay."""
        up = self.up
        dropped = up.forget_before(time_s, self._ahead[-1][1] - up.n if self._ahead else 0)
        if dropped:
            self._ahead = deque((entry, n - dropped, newest_s) for entry, n, newest_s in self._ahead)

    def between(self, start_s: float, stop_s: float) -> Array:
        """Rows over [start_s, stop_s)."""
        up = self.up
        first, last = np.searchsorted(up.time_s, (start_s, stop_s))
        return up.rows[first:last]

    def complaint(self, t_s: float) -> str:
        """Say once that the accelerometer's scale is wrong; empty otherwise."""
        self._follow()
        entry, known_s = self._scale_known
        if entry > self.moment.entry or t_s < known_s:
            return ""
        self._scale_known, scale = (math.inf, math.inf), self._gravity.scale.g
        if abs(scale - 1.0) <= SCALE_OFF:
            return ""
        return (
            f"The accelerometer of {self.stream.device} reads {abs(scale - 1.0):.0%} too "
            f"{'much' if scale > 1.0 else 'little'} gravity. That alone does not change an inclination, but if only "
            "one of its axes is wrong the inclination is wrong too: have it calibrated."
        )

    def set_rest(self, t_s: float) -> None:
        """Take the mean direction of the last half second as the rest pose."""
        rows = self.between(t_s - 0.5, t_s)[:, UP]
        rows = rows[np.isfinite(rows).all(axis=1)]
        if len(rows):
            mean = rows.mean(axis=0)
            self.rest, self.rest_s = np.asarray(mean / (np.linalg.norm(mean) or 1.0)), t_s

    def excursion_deg(self, t_s: float) -> float:
        """Angle between gravity now and in the rest pose; NaN without either."""
        now = self.direction_at(t_s)
        if now is None or self.rest is None:
            return math.nan
        ux, uy, uz = now[UP]
        rx, ry, rz = self.rest.tolist()
        sine = math.hypot(uy * rz - uz * ry, uz * rx - ux * rz, ux * ry - uy * rx)
        return math.degrees(math.atan2(sine, ux * rx + uy * ry + uz * rz))

    def excursions_deg(self, time_s: Array) -> Array:
        """Excursion at each of `time_s`, between the samples around it; NaN where more than `stale_s` is missing."""
        taken_s, up = self._around(time_s)
        if self.rest is None or len(taken_s) < 2:
            return np.full(len(time_s), math.nan)
        sine = np.linalg.norm(np.cross(up, self.rest), axis=1)
        excursion = np.interp(time_s, taken_s, np.degrees(np.arctan2(sine, up @ self.rest)))
        return np.where(self._far(time_s, taken_s), math.nan, excursion)

    def ups(self, time_s: Array) -> Array:
        """Directions of gravity (n, 3) at `time_s` (n,), between the samples around each; NaN where none is near.

        A single time takes the newest sample at or before it, so that nothing that comes later can change it.
        """
        if len(time_s) == 1:
            now = self.direction_at(float(time_s[0]))
            return np.full((1, 3), math.nan) if now is None else np.array([now[UP]])
        taken_s, up = self._around(time_s)
        if len(taken_s) < 2:
            return np.full((len(time_s), 3), math.nan)
        between = np.column_stack([np.interp(time_s, taken_s, column) for column in up.T])
        between /= np.linalg.norm(between, axis=1)[:, None]
        between[self._far(time_s, taken_s)] = math.nan
        return between

    def turned_deg(self, time_s: Array, since_s: float) -> Array:
        """Return the turning about the vertical since `since_s`, to the left positive; NaN after 5 s or a gap."""
        first, last = np.searchsorted(self.up.time_s, (since_s - 1e-9, float(time_s[-1]) + 1.0))
        there = np.isfinite(self.up.rows[first:last, TURN]).all(axis=1)
        taken_s, rows = self.up.time_s[first:last][there], self.up.rows[first:last, TURN][there]
        if len(time_s) == 1:
            keep = taken_s <= time_s[0]
            taken_s, rows = taken_s[keep], rows[keep]
        broken = np.flatnonzero(np.diff(taken_s, prepend=since_s) > max(BROKEN_S, self.stale_s))
        if len(broken):
            taken_s, rows = taken_s[: broken[0]], rows[: broken[0]]
        if not len(taken_s):
            return np.full(len(time_s), math.nan)
        w0, x0, y0, z0 = rows[0]
        z = rows[:, 3] * w0 - rows[:, 0] * z0 + rows[:, 2] * x0 - rows[:, 1] * y0
        heading = np.unwrap(2.0 * np.arctan2(z, rows @ rows[0]))
        turned = wrapped(np.interp(time_s, taken_s, np.degrees(heading)))
        late = (time_s > since_s + MAX_TURN_S) | (time_s < since_s - 1e-9) | (time_s > taken_s[-1] + self.stale_s)
        return np.where(late, math.nan, turned)

    def still_before(self, t_s: float) -> int | None:
        """Index of the last row at or before `t_s` in which the sensor was still."""
        first, last = np.searchsorted(self.up.time_s, (t_s - STILL_BACK_S, t_s + 1e-9))
        found = np.flatnonzero(self.up.rows[first:last, STILL] == 1.0)
        return int(first + found[-1]) if len(found) else None

    def pose(self, time_s: Array, since_s: float) -> Pose:
        """Return the segment at `time_s`; turning is counted from the last stillness at or before `since_s`."""
        frame = self.frame or SegmentFrame(np.full(3, math.nan))
        index = self.still_before(since_s)
        if index is None:
            turn, zero = np.full(len(time_s), math.nan), np.full(3, math.nan)
        else:
            turn = self.turned_deg(time_s, float(self.up.time_s[index]))
            zero = frame.seen(self.up.rows[index : index + 1, UP])[0]
        return Pose(frame.seen(self.ups(time_s)), turn, zero, self.supine_deg)

    def direction_at(self, t_s: float) -> Direction | None:
        """Newest direction at or before `t_s`; None when it is lost or too old."""
        up = self.up
        last = int(up.time_s.searchsorted(t_s, "right"))
        if not last or up.time_s[last - 1] < t_s - self.stale_s:
            return None
        now: Direction = up.rows[last - 1, HEAD].tolist()
        return now if math.isfinite(now[0]) else None

    def directions(self, ticks: Sequence[tuple[float, int]]) -> Array:
        """Look up what `direction_at` says at ticks, each from an entry of its own, (n, 4); NaN where it says None."""
        self._follow()
        up, ahead = self._up, self._ahead
        ends = np.array([up.n, *(n for _entry, n, _newest_s in ahead)])
        shown, up.n = up.n, int(ends[-1])
        time_s, rows = up.time_s, up.rows
        up.n = shown
        if not len(rows):
            return np.full((len(ticks), 4), math.nan)
        at_s = np.array([t_s for t_s, _entry in ticks])
        came = np.searchsorted([entry for entry, _n, _newest_s in ahead], [entry for _t_s, entry in ticks], "right")
        last = np.minimum(time_s.searchsorted(at_s, "right"), ends[came]) - 1
        found = rows[last, HEAD]
        found[(last < 0) | (time_s[last] < at_s - self.stale_s) | ~np.isfinite(found[:, 0])] = math.nan
        return found

    def _around(self, time_s: Array) -> tuple[Array, Array]:
        """Return times and directions of the samples that are there, from a second before to a second after."""
        first, last = np.searchsorted(self.up.time_s, (time_s[0] - 1.0, time_s[-1] + 1.0))
        rows = self.up.rows[first:last, UP]
        there = np.isfinite(rows[:, 0])
        return self.up.time_s[first:last][there], rows[there]

    def _far(self, time_s: Array, taken_s: Array) -> Array:
        """Whether no sample is near, for each of `time_s`."""
        after = np.clip(np.searchsorted(taken_s, time_s), 1, len(taken_s) - 1)
        nearest_s = np.minimum(np.abs(time_s - taken_s[after - 1]), np.abs(taken_s[after] - time_s))
        return np.asarray(nearest_s > self.stale_s)
