"""What the person does, at its moment: rest, reference contractions, calibration, sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emgmon.errors import CatalogueError
from emgmon.exercise.catalogue import exercise_from
from emgmon.model import (
    Event,
    Mark,
    Notice,
    Placement,
    Reference,
    ReferenceExceeded,
    SetClosed,
    SetSummary,
    packed,
)
from emgmon.pipeline.baselines import Baselines
from emgmon.pipeline.calibrating import MARKS as CALIBRATION_MARKS
from emgmon.pipeline.calibrating import Calibrating
from emgmon.pipeline.references import MARKS as REFERENCE_MARKS
from emgmon.pipeline.references import References
from emgmon.pipeline.sensors import Sensors
from emgmon.pipeline.sets import OpenSet
from emgmon.pipeline.settings import Settings
from emgmon.pipeline.shaking import STOP


@dataclass(slots=True)
class Person:
    """Acts on what the person does.

    Attributes
    ----------
    settings : Settings
    sensors : Sensors
    references : References
    notice : callable
        Says a sentence to the person, and keeps it for the summary.
    calibrating : Calibrating
    baselines : Baselines
    set : OpenSet or None
        The set that is being done.
    sets : list of SetSummary
        Those that were finished.
    """

    settings: Settings
    sensors: Sensors
    references: References
    notice: Callable[[str], Notice]
    calibrating: Calibrating = field(default_factory=Calibrating)
    baselines: Baselines = field(default_factory=Baselines)
    set: OpenSet | None = None
    sets: list[SetSummary] = field(default_factory=list)
    _rest_since_s: float | None = None
    _exercises: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _check: bool = False

    @property
    def in_force(self) -> Mapping[Placement, Reference]:
        """References that hold now."""
        return self.set.references if self.set is not None else self.references.current(self.sensors.emg)

    def settle(self, t_s: float) -> list[Event]:
        """Judge once more the references that ended a while ago; a set that began meanwhile takes what is new."""
        before = self.references.version
        events = self.references.settle(t_s, self.sensors.emg)
        if self.set is not None and self.references.version != before:
            told = self.baselines.anew(self.set.condition)
            self.set.refer(self.references)
            if (now := self.baselines.anew(self.set.condition)) != told and now:
                events.append(self.notice(now))
        return events

    def act(self, t_s: float, mark: Mark) -> list[Event]:
        """Act on a mark at its moment."""
        if mark.kind == "reference_start" and self.set is not None:
            return [self.notice("A reference is taken between sets: this one was left out.")]
        if mark.kind in (*REFERENCE_MARKS, *CALIBRATION_MARKS, STOP):
            return self._learn(t_s, mark)
        if mark.kind == "baseline_start":
            self._rest_since_s = t_s
            return [Notice(t_s, "Lie still")]
        if mark.kind == "baseline_stop" and self._rest_since_s is not None:
            start_s, self._rest_since_s = self._rest_since_s, None
            self._take_noise(start_s, t_s)
        elif mark.kind == "baseline_cancel":
            self._rest_since_s = None
        elif mark.kind == "exercise":
            self._exercises[str(mark.data.get("id", ""))] = mark.data
        elif mark.kind == "set_start":
            closed = self.close_set(t_s) if self.set is not None else []
            dropped = self.references.drop(t_s)
            return [*closed, *dropped, *self._open_set(t_s, mark)]
        elif mark.kind == "set_stop" and self.set is not None:
            return self.close_set(t_s)
        return []

    def _learn(self, t_s: float, mark: Mark) -> list[Event]:
        """Act on what belongs to a reference contraction, or to the calibration of motion sensors."""
        if mark.kind == STOP:
            return self._shaken(t_s)
        if mark.kind in CALIBRATION_MARKS:
            return self.calibrating.mark(t_s, mark, self.sensors.imus.values())
        return self.references.mark(t_s, mark, self.sensors.emg, len(self.sets))

    def _shaken(self, t_s: float) -> list[Event]:
        """Move the clocks of sensors that were shaken together."""
        shifts, text = self.sensors.shaking.end(t_s)
        for name, shift_s in shifts.items():
            self.sensors.devices[name].shift_s += shift_s
        return [self.notice(text)] if text else []

    def _take_noise(self, start_s: float, stop_s: float) -> None:
        for track in self.sensors.emg.values():
            track.take_noise(start_s + 0.3, stop_s - 0.1)

    def _open_set(self, t_s: float, mark: Mark) -> list[Event]:
        name = str(mark.data.get("exercise", ""))
        try:
            exercise = exercise_from(name, self._exercises.get(name), "this recording")
        except CatalogueError as error:
            return [self.notice(f"The set was left out: {error}")]
        target = mark.data.get("target_reps", exercise.reps_target)
        self._check = mark.data.get("check") is True
        self.sensors.forget_before(t_s - self.settings.keep_s)  # sets may follow each other without a pause
        self.set = OpenSet(
            len(self.sets) + 1,
            exercise,
            t_s,
            target if isinstance(target, int) else None,
            self.sensors.emg,
            self.sensors.imus,
            self.references,
            self.baselines,
            self.settings.rep,
            self.settings.cue,
        )
        anew = self.baselines.anew(self.set.condition)
        return [self.set.opened(), *([self.notice(anew)] if anew else [])]

    def close_set(self, stop_s: float) -> list[Event]:
        """Finish the set that is open."""
        assert self.set is not None  # noqa: S101 - callers look first
        condition, summary, self.set = self.set.condition, self.set.close(stop_s), None
        if self._check:  # one repetition to see whether it is seen is no set of the session
            return [SetClosed(stop_s, summary, check=True)]
        self.baselines.keep(condition, summary.index, summary.reps)
        self.sets.append(summary := packed(summary))
        for item in summary.exceeded:
            self.references.offer(item)
        return [SetClosed(stop_s, summary), *(ReferenceExceeded(stop_s, summary.index, e) for e in summary.exceeded)]
