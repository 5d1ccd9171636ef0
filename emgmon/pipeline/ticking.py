"""What happens at a tick: the set goes on, channels and sensors are looked at, a frame is made.

Where nobody waits for events, ticks are put off and made up for later, each with what had come when it was due: what
is taken at once is cheaper, and the numbers are the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from emgmon.exercise.reps import TICK_S
from emgmon.model import Event, Notice, Phase, RepClosed
from emgmon.pipeline.checks import TOGETHER, Checks
from emgmon.pipeline.frames import NO_BASELINE, Frames, Motion
from emgmon.pipeline.person import Person
from emgmon.pipeline.sensors import Sensors

CHECK_TICKS = round(1.0 / TICK_S)
"""What compares channels looks once a second."""

FORGET_TICKS = 10 * CHECK_TICKS
"""So often signals that are older than what is kept are dropped between sets."""

MOST_TICKS = 12 * CHECK_TICKS
"""So many ticks are put off, and a few seconds more, so that memory stays bounded."""

REST = Motion(math.nan, Phase.REST, 0.0, 0)


class Ticking:
    """Does ticks, at once or later.

    Parameters
    ----------
    sensors : Sensors
    person : Person
    notice : callable
        Says a sentence to the person, and keeps it for the summary.
    """

    def __init__(self, sensors: Sensors, person: Person, notice: Callable[[str], Notice]) -> None:
        self._sensors, self._person, self._notice = sensors, person, notice
        self._checks, self._frames = Checks(), Frames()
        self._put_off: list[tuple[int, int]] = []

    def at(self, tick: int, *, told: bool) -> list[Event]:
        """Do a tick; returns what there is to tell, without a frame where nobody is told."""
        t_s, person, sensors = tick * TICK_S, self._person, self._sensors
        events: list[Event] = []
        motion, baseline, hold_target_s = REST, NO_BASELINE, None
        if person.set is not None:
            motion, rep = person.set.tick(t_s)
            baseline, hold_target_s = person.set.baseline, person.set.exercise.hold_target_s
            if rep is not None:
                events.append(RepClosed(t_s, rep))
        if tick % CHECK_TICKS == 0:
            events += self._complaints(t_s)
            self._check(tick)
        if sensors.emg and told:
            frame = self._frames.at(
                t_s, sensors.emg, person.in_force, motion, baseline, hold_target_s, person.settings.cue
            )
            events.append(frame)
        return events

    def _complaints(self, t_s: float) -> list[Notice]:
        return [self._notice(text) for imu in self._sensors.imus.values() if (text := imu.complaint(t_s))]

    def _check(self, tick: int) -> None:
        """Look once a second at the channels."""
        t_s, person, sensors = tick * TICK_S, self._person, self._sensors
        if person.set is None and tick % FORGET_TICKS == 0:
            sensors.forget_before(t_s - person.settings.keep_s)
        if sensors.emg:
            self._checks.second(t_s, sensors.emg, person.in_force, person.references.finished)

    def _idle(self, tick: int) -> bool:
        """Whether `_check` has nothing to do."""
        person, emg = self._person, self._sensors.emg
        if person.set is None and tick % FORGET_TICKS == 0:
            return False
        return not emg or not self._checks.due(tick * TICK_S, emg, person.in_force, person.references.finished)

    def later(self, ticks: Iterable[tuple[int, int]]) -> None:
        """Put off ticks, each with the entry that it was due after."""
        if self._person.set is None:
            ticks = (item for item in ticks if item[0] % CHECK_TICKS == 0)
        put_off = self._put_off
        put_off += ticks
        if put_off and put_off[-1][0] - put_off[0][0] > MOST_TICKS:
            every = TOGETHER * CHECK_TICKS
            last = put_off[-1][0] // every * every
            self._make_up([item for item in put_off if item[0] <= last])
            self._put_off = [item for item in put_off if item[0] > last]

    def make_up(self) -> None:
        """Do the ticks that were put off."""
        put_off, self._put_off = self._put_off, []
        self._make_up(put_off)

    def _make_up(self, put_off: Sequence[tuple[int, int]]) -> None:
        moment, at = self._sensors.moment, 0
        now = moment.entry
        for k, (tick, entry) in enumerate(put_off):
            if tick % CHECK_TICKS == 0:
                moment.entry = entry
                self._complaints(tick * TICK_S)
                if not self._idle(tick):
                    self._follow(put_off[at : k + 1])
                    moment.entry = entry
                    self._check(tick)
                    at = k + 1
        self._follow(put_off[at:])
        moment.entry = now

    def _follow(self, put_off: Sequence[tuple[int, int]]) -> None:
        if self._person.set is not None and put_off:
            self._person.set.follow([(tick * TICK_S, entry) for tick, entry in put_off], self._sensors.moment)
