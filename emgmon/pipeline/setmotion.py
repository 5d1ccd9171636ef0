"""The movement of one set as sensors of motion see it: rest poses, reps as they end, and the clock of a hold."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from emgmon.dsp import phase_loops
from emgmon.dsp.compiled import motion_kernel
from emgmon.dsp.orientation import UP
from emgmon.exercise.catalogue import Exercise
from emgmon.exercise.holds import HoldClock
from emgmon.exercise.reps import TICK_S, RepSettings
from emgmon.model import Phase
from emgmon.pipeline.following import PATIENCE_S, Follower, Found, followers
from emgmon.pipeline.frames import Motion
from emgmon.pipeline.kept import Moment
from emgmon.pipeline.motion import ImuTrack

LOST = (math.nan, math.nan, math.nan)

FEW = 3
"""So many ticks are not worth to be laid side by side."""

HEARD_S = 3.0
"""A sensor that was silent for longer when the set began is away: nobody waits for its rest pose."""


@dataclass(slots=True)
class SetMotion:
    """Follows all sensors of motion through a set.

    The rest pose of each is that of the half second before the set, also when its samples come later: the set goes on,
    and what it saw is judged when the pose is known, at the latest after `PATIENCE_S`. A sensor that was away then
    keeps the pose of an earlier set and is followed only where there is no other.

    Attributes
    ----------
    exercise : Exercise
    imus : mapping of (str, str) to ImuTrack
        The session's; more may join.
    start_s : float
    settings : RepSettings
    followers : list of Follower
        Those that find reps; empty before the rest poses are known, and for exercises without a movement.
    """

    exercise: Exercise
    imus: Mapping[tuple[str, str], ImuTrack]
    start_s: float
    settings: RepSettings
    followers: list[Follower] = field(default_factory=list)
    _rested: set[tuple[str, str]] = field(default_factory=set)
    _chosen: bool = False
    _waiting: list[float] = field(default_factory=list)
    _clock: HoldClock | None = None
    _holding: list[ImuTrack] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self._rest(self.start_s):
            self._choose(self.start_s)

    @property
    def worn(self) -> list[ImuTrack]:
        """All sensors of motion of the session."""
        return list(self.imus.values())

    @property
    def partial(self) -> int:
        """Movements that were begun and do not count."""
        return sum(follower.finder.partial for follower in self.followers)

    @property
    def other(self) -> int:
        """Movements that were not like the first reps."""
        return sum(follower.other for follower in self.followers)

    def follow(self, ticks: Sequence[tuple[float, int]], moment: Moment) -> Iterator[list[Found]]:
        """Move on over ticks, each looked at from an entry of its own: the same as one by one, sooner.

        Yields the reps that were finished at a tick, while it is that tick's `moment`.
        """
        at, course = 0, None
        while at < len(ticks):
            if self._steady and len(ticks) - at > FEW:
                course = course or _Course(ticks, self.followers, self._holding, self._clock)
                at = course.run(at)
            if at < len(ticks):
                t_s, moment.entry = ticks[at]
                found = self.tick(t_s)
                if found:
                    yield found
                at += 1

    @property
    def _steady(self) -> bool:
        """Whether nothing is waited for."""
        return self._chosen and len(self._rested) >= len(self.imus) and not any(f.late for f in self.followers)

    def tick(self, t_s: float) -> list[Found]:
        """Move on to one tick; returns the reps that were finished."""
        self._waiting.append(t_s)
        late = len(self._rested) < len(self.imus) and self._rest(t_s)
        if not self._chosen:
            if not late:
                self._choose(t_s)
            if not self._chosen:
                return []
        ticks, self._waiting = self._waiting, []
        if self.exercise.signal == "stillness":
            for at_s in ticks:
                self._hold(at_s)
        return [found for at_s in ticks for follower in self.followers for found in self._own(follower, at_s)]

    def close(self) -> list[Found]:
        """Judge what still waits, at the end of the set; returns the reps that were finished."""
        if not self._chosen:
            self._rest(math.inf)
            self._choose(math.inf)
        waiting, self._waiting = self._waiting, []
        return [
            found for at in (*waiting, math.inf) for follower in self.followers for found in self._own(follower, at)
        ]

    def now(self, t_s: float, done: int) -> Motion:
        """State of the set at a tick, after `done` reps."""
        if self.exercise.signal == "timer" or (self.exercise.held and self._chosen and self._clock is None):
            return Motion(math.nan, Phase.HOLD, max(t_s - self.start_s, 0.0), 1)
        if self._clock is not None:
            phase = Phase.HOLD if self._clock.holding else Phase.REST
            angle_deg = self._holding[0].excursion_deg(t_s)
            return Motion(angle_deg, phase, self._clock.hold_s, self._clock.holds + self._clock.holding)
        if not self.followers:
            return Motion(math.nan, Phase.REST, 0.0, done)
        shown = max(self.followers, key=lambda f: (f.finder.phase is not Phase.REST, f.angle_deg))
        running = shown.finder.phase is not Phase.REST
        return Motion(shown.angle_deg, shown.finder.phase, shown.hold_s, done + running)

    def _rest(self, t_s: float) -> bool:
        """Take the rest poses that are known by now; returns whether one that the exercise needs is waited for."""
        late = False
        for key, imu in self.imus.items():
            if key in self._rested:
                continue
            if imu.up.newest_s >= self.start_s or t_s > self.start_s + PATIENCE_S:
                imu.set_rest(self.start_s)
                self._rested.add(key)
            elif imu.up.newest_s > self.start_s - HEARD_S:
                place = imu.placement
                late = late or (place is not None and place.segment in self.exercise.segments)
        return late

    def _choose(self, t_s: float) -> None:
        """Choose whom to follow; where a movement has nobody to see it, a sensor that is late may still come."""
        segments = self.exercise.segments
        self._chosen = True
        if self.exercise.moved:
            self.followers = followers(self.exercise, self.worn, self.start_s, self.settings)
            self._chosen = bool(self.followers) or t_s > self.start_s + PATIENCE_S
        elif self.exercise.signal == "stillness":
            found = [(p.segment, i) for i in self.worn if i.rest is not None and (p := i.placement)]
            seen = sorted(((segments.index(s), i) for s, i in found if s in segments), key=lambda item: item[0])
            self._holding = [imu for _rank, imu in seen]
            self._clock = HoldClock([self.exercise.min_range_deg[rank] for rank, _imu in seen]) if seen else None

    def _hold(self, t_s: float) -> None:
        if self._clock is not None:
            each = [imu.direction_at(t_s) for imu in self._holding]
            self._clock.feed(t_s, [LOST if now is None else now[UP] for now in each])

    def _own(self, follower: Follower, t_s: float) -> list[Found]:
        """Reps that one side finished, without those in which the other side went further: the rep is its own."""
        kept = []
        for found in follower.tick(t_s) if t_s < math.inf else follower.close():
            time_s = np.arange(found.rep.start_s, found.rep.end_s, TICK_S)
            others = [f.course(time_s) for f in self.followers if f is not follower]
            if all(np.nanmax(course) - course[0] < found.range_deg for course in others if course is not None):
                kept.append(found._replace(rep=replace(found.rep, side=follower.side)))
        return kept


class _Course:
    """Ticks that are followed at once, as far as nothing happens that has to be judged by itself."""

    def __init__(
        self,
        ticks: Sequence[tuple[float, int]],
        followed: Sequence[Follower],
        holding: Sequence[ImuTrack],
        clock: HoldClock | None,
    ) -> None:
        self._loops: Any = motion_kernel() or phase_loops
        self._followers, self._clock = followed, clock
        self._times_s = [t_s for t_s, _entry in ticks]
        self._rows = [
            self._loops.table(self._times_s, np.hstack([imu.directions(ticks) for imu in follower.imus]))
            for follower in followed
        ]
        self._ups = [imu.directions(ticks)[:, UP].tolist() for imu in holding]

    def run(self, at: int) -> int:
        """Move on from a tick; returns the one that comes next, which has to be judged alone if there is one."""
        stop, saved = len(self._times_s), []
        for k, (follower, rows) in enumerate(zip(self._followers, self._rows, strict=True)):
            saved.append(follower.saved())
            reached = follower.run(self._loops, rows, at, stop)
            for other in range(k if reached < stop else 0):  # they went too far
                self._followers[other].load(saved[other])
                self._followers[other].run(self._loops, self._rows[other], at, reached)
            stop = reached
        if self._clock is not None:
            for k in range(at, stop):
                self._clock.feed(self._times_s[k], [ups[k] for ups in self._ups])
        return stop
