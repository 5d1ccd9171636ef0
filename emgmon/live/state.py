"""What the window knows: a fold over events, one `apply` for each. No Qt, no clock.

`emgmon.live.readout` turns it into the words and lengths that are painted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import exp, isfinite, isnan, nan

import numpy as np

from emgmon.dsp.quality import MASKING
from emgmon.live.marks import Feedback, Light, RepMark, Sensor, Task, rank
from emgmon.model import (
    DeviceChanged,
    Event,
    Frame,
    Notice,
    Phase,
    Placement,
    QualityChanged,
    ReferenceTaken,
    RepClosed,
    SetClosed,
    SetOpened,
    SetSummary,
    SignalSeen,
)

__all__ = ["BASELINE_REPS", "Feedback", "Light", "RepMark", "Sensor", "Task", "TrainState", "rank"]

BASELINE_REPS = 2
"""Finished reps with a share whose mean becomes the target mark."""
HEADLINE_LETTERS = 24
"""A notice outside a set that is no longer than this and has no full stop is shouted instead of the cue."""
LOSS_WINDOW_S = 3.0
"""Time constant over which lost samples make a light weak."""
LOSS_WEAK, LOSS_GOOD = 0.05, 0.02
"""A light turns weak above the first share of lost samples and good again below the second."""
BATTERY_WEAK_PERCENT = 10


@dataclass(slots=True)
class TrainState:
    """Everything the training screen paints.

    Attributes
    ----------
    recording, sound : bool
        Shown in the top bar.
    feedback : Feedback
        When a rep is shown while it runs.
    task : Task or None
        What the board says that the person is at, when it ends by itself.
    exercise, exercise_title : str
    signal, sides, asks : str, str, tuple of str
        Of the exercise, as in its table.
    set_index : int
        Number of the set in the session, 0 before the first.
    sets : int
        How many of the exercise are asked for.
    in_set : bool
    reps_target : int or None
    hold_target_s : (float, float) or None
        Shortest and longest hold.
    groups : tuple of str
        Which of G, H, E are worn, as the set said.
    reps : list of RepMark
        Finished reps of this set.
    earlier : list of RepMark
        Reps of the earlier set that this one is measured by; empty when its own first reps do that.
    sensors : dict of str to Sensor
        By device.
    loss : dict of Placement to float
        Share of samples lost lately, 0 to 1.
    weak : set of Placement
        Where that is too much.
    quality : dict of Placement to QualityChanged
        What the signal itself is like, where it is not good.
    unit, peak : dict of Placement
        Unit of the signal and largest level so far in the session.
    frame : Frame or None
        The latest.
    clock_s : float
        Session time of the newest event.
    headline : str
        What to do before a set, as in ``LIE STILL``; empty when the cue says it.
    notice : str
        Latest notice, and `notice_s` when it came.
    summaries : list of SetSummary
        Closed sets.
    quiet_s : float
        Session time since which the person rests: after a rep, or after a set; NaN while a rep runs and before.
    """

    recording: bool = False
    sound: bool = False
    feedback: Feedback = Feedback.LIVE
    task: Task | None = None
    exercise: str = ""
    exercise_title: str = ""
    signal: str = ""
    sides: str = "both"
    asks: tuple[str, ...] = ()
    set_index: int = 0
    sets: int = 1
    in_set: bool = False
    reps_target: int | None = None
    hold_target_s: tuple[float, float] | None = None
    groups: tuple[str, ...] = ()
    reps: list[RepMark] = field(default_factory=list)
    earlier: list[RepMark] = field(default_factory=list)
    sensors: dict[str, Sensor] = field(default_factory=dict)
    loss: dict[Placement, float] = field(default_factory=dict)
    weak: set[Placement] = field(default_factory=set)
    quality: dict[Placement, QualityChanged] = field(default_factory=dict)
    unit: dict[Placement, str] = field(default_factory=dict)
    peak: dict[Placement, float] = field(default_factory=dict)
    frame: Frame | None = None
    clock_s: float = 0.0
    headline: str = ""
    notice: str = ""
    notice_s: float = float("-inf")
    summaries: list[SetSummary] = field(default_factory=list)
    quiet_s: float = nan
    _worn_by: dict[Placement, list[Sensor]] | None = field(default=None, compare=False)

    def apply(self, event: Event) -> None:
        """Take in one event."""
        match event:
            case Frame():
                self._frame(event)
            case SignalSeen():
                self._signal(event)
                return  # its start is older than the newest frame
            case QualityChanged():
                self._quality(event)
            case DeviceChanged():
                self._device(event)
            case SetOpened():
                self._opened(event)
            case RepClosed():
                self.reps.append(RepMark.of(event.summary))
            case SetClosed():
                self._closed(event)
            case ReferenceTaken():
                self._referred(event)
            case Notice():
                self._notice(event)
        self.clock_s = max(self.clock_s, event.t_s)

    def forget_signals(self) -> None:
        """Forget who wears what and how it is, because sensors were placed anew."""
        for known in (self.sensors, self.loss, self.weak, self.quality, self.unit, self.peak):
            known.clear()
        self.frame, self.headline, self._worn_by = None, "", None

    @property
    def set_number(self) -> int:
        """Number of the set among those of its exercise, 0 before the first set."""
        others = [item for item in self.summaries if item.exercise != self.exercise]
        return max(self.set_index - len(others), min(1, self.set_index))

    def measure(self) -> list[RepMark]:
        """Return the reps that others are measured by, as the analysis does: an earlier set, else the first two."""
        if self.earlier:
            return self.earlier
        first = [rep for rep in self.reps if rep.share or isfinite(rep.sdi)][:BASELINE_REPS]
        return first if len(first) == BASELINE_REPS else []

    def mark(self) -> float | None:
        """Return the target: mean glute share of the reps to be measured by, None before."""
        shares = [rep.share["G"] for rep in self.measure() if rep.share]
        return sum(shares) / len(shares) if shares else None

    def first_sdi(self) -> float:
        """Return the mean index of the reps to be measured by, NaN before."""
        first = [rep.sdi for rep in self.measure() if isfinite(rep.sdi)]
        return sum(first) / len(first) if first else nan

    def first_level(self, placement: Placement) -> float | None:
        """Return the mean level of one glute channel in the holds to be measured by, None before."""
        levels = [rep.glute_level.get(placement, nan) for rep in self.earlier or self.reps]
        first = [level for level in levels if isfinite(level)]
        if not self.earlier:
            first = first[:BASELINE_REPS]
        return sum(first) / len(first) if len(first) >= BASELINE_REPS else None

    def last_share(self) -> Mapping[str, float]:
        """Return the shares of the newest finished rep that has them; empty when there is none."""
        return next((rep.share for rep in reversed(self.reps) if rep.share), {})

    def placements(self) -> set[Placement]:
        """Return every place that bears a sensor, as far as is known."""
        worn = {place for sensor in self.sensors.values() for place in sensor.placements}
        return worn | set(self.frame.level if self.frame else ()) | set(self.unit)

    def light(self, placement: Placement) -> Light:
        """Return how well the sensor at one place is heard."""
        here = self._here(placement)
        if any(sensor.state == "lost" for sensor in here) or self.unusable(placement):
            return Light.LOST
        if not here and self.frame and not isfinite(self.frame.level.get(placement, 0.0)):
            return Light.LOST
        doubtful = placement in self.weak or placement in self.quality
        return Light.WEAK if doubtful or any(map(_faint, here)) else Light.GOOD

    def _here(self, placement: Placement) -> list[Sensor]:
        """Return the sensors at one place; asked for all places many times a second."""
        if self._worn_by is None:
            sensors = self.sensors.values()
            worn = {place for sensor in sensors for place in sensor.placements}
            self._worn_by = {place: [s for s in sensors if place in s.placements] for place in worn}
        return self._worn_by.get(placement, [])

    def unusable(self, placement: Placement) -> bool:
        """Say whether what the sensor at one place sends is not muscle."""
        seen = self.quality.get(placement)
        return seen is not None and seen.state == "red" and seen.code in MASKING

    def _frame(self, frame: Frame) -> None:
        if self.frame is not None and frame.referenced != self.frame.referenced:
            self.peak.clear()  # another unit from here on
        if self.in_set:
            was = self.frame.phase if self.frame is not None else Phase.REST
            if frame.phase is not Phase.REST:
                self.quiet_s = nan
            elif was is not Phase.REST:
                self.quiet_s = frame.t_s
        self.frame = frame
        for placement, level in frame.level.items():
            if level > self.peak.get(placement, 0.0):
                self.peak[placement] = level

    def _signal(self, block: SignalSeen) -> None:
        self.unit[block.placement] = block.unit
        if not block.samples.size:
            return
        torn = isnan(np.add.reduce(block.samples))  # most are not, and one sum tells
        lost = float(np.isnan(block.samples).mean()) if torn else 0.0
        keep = exp(-block.samples.size * block.period_s / LOSS_WINDOW_S)
        loss = self.loss.get(block.placement, 0.0) * keep + lost * (1.0 - keep)
        self.loss[block.placement] = loss
        if loss > LOSS_WEAK:
            self.weak.add(block.placement)
        elif loss < LOSS_GOOD:
            self.weak.discard(block.placement)

    def _quality(self, event: QualityChanged) -> None:
        if event.state == "good":
            self.quality.pop(event.placement, None)
            return
        self.quality[event.placement] = event
        if event.state == "red":
            self.notice, self.notice_s = f"{event.placement.label}: {event.remedy}", event.t_s

    def _device(self, event: DeviceChanged) -> None:
        old = self.sensors.get(event.device)
        sensor = Sensor(event.device, event.placements, event.state, event.battery_percent)
        if old is not None:
            battery = old.battery_percent if event.battery_percent is None else event.battery_percent
            sensor = replace(sensor, placements=event.placements or old.placements, battery_percent=battery)
        self.sensors[event.device], self._worn_by = sensor, None

    def _opened(self, event: SetOpened) -> None:
        self.exercise, self.exercise_title, self.set_index = event.exercise, event.exercise_title, event.index
        self.signal, self.sides, self.asks, self.sets = event.signal, event.sides, event.asks, event.sets
        self.quiet_s, self.task = nan, None
        self.reps_target, self.hold_target_s, self.groups = event.reps_target, event.hold_target_s, event.groups
        self.reps, self.headline, self.in_set = [], "", True
        known = next((item.reps for item in self.summaries if item.index == event.measured_by), ())
        self.earlier = [mark for rep in known if (mark := RepMark.of(rep)).share or isfinite(mark.sdi)]

    def _referred(self, event: ReferenceTaken) -> None:
        """Forget an earlier set's marks when what they are fractions of was judged once more, as the analysis does."""
        self.headline = ""
        judged = {reference.placement.group for reference in event.references}
        if self.in_set and not self.reps and (not judged or judged & set(self.groups)):
            self.earlier = []

    def _closed(self, event: SetClosed) -> None:
        self.in_set, self.quiet_s = False, event.t_s
        if event.check:  # belongs to no set
            self.quiet_s = nan
            return
        self.summaries.append(event.summary)

    def _notice(self, event: Notice) -> None:
        self.notice, self.notice_s = event.text, event.t_s
        if not self.in_set and len(event.text) <= HEADLINE_LETTERS and not event.text.endswith("."):
            self.headline = event.text.upper()


def _faint(sensor: Sensor) -> bool:
    """Say whether the link itself calls for attention: not streaming yet, or the battery nearly empty."""
    battery = sensor.battery_percent
    return sensor.state == "connected" or (battery is not None and battery <= BATTERY_WEAK_PERCENT)
