"""The whole analysis as one object: feed an entry, get events.

`Pipeline` has no clock, no file and no thread. All that can change a result is an entry, so the same entries give the
same events, bit for bit: from the air, from a file at any speed, and in one go.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from emgmon.dsp.filters import ERECTOR_SPINAE, BandPassSettings
from emgmon.errors import CatalogueError
from emgmon.exercise.catalogue import exercise_from
from emgmon.exercise.posture import Standing
from emgmon.exercise.reps import TICK_S
from emgmon.model import (
    Entry,
    Event,
    Mark,
    Notice,
    Packet,
    PacketRun,
    Part,
    Phase,
    Placement,
    ReferenceExceeded,
    RepClosed,
    SessionSummary,
    SetClosed,
    SetSummary,
    Stream,
    packed,
)
from emgmon.pipeline.at_once import MOST_NS, Run, gathered
from emgmon.pipeline.baselines import Baselines
from emgmon.pipeline.calibrating import MARKS as CALIBRATION_MARKS
from emgmon.pipeline.calibrating import PELVIS, Calibrating
from emgmon.pipeline.checks import Checks
from emgmon.pipeline.frames import NO_BASELINE, Frames, Motion
from emgmon.pipeline.intake import LEAP_S
from emgmon.pipeline.references import MARKS as REFERENCE_MARKS
from emgmon.pipeline.references import References
from emgmon.pipeline.sensors import Sensors
from emgmon.pipeline.sets import OpenSet
from emgmon.pipeline.settings import Settings
from emgmon.pipeline.shaking import START, STOP

CHECK_TICKS = round(1.0 / TICK_S)
"""What compares channels looks once a second."""

LONGEST_S = 12 * 3600.0
"""What comes later than this after the first entry is left out: one wrong time would mean years of ticks."""

BEYOND = "What came more than 12 hours after the session began was left out."


class Pipeline:
    """From entries to events; see the module's docstring.

    Parameters
    ----------
    settings : Settings, optional
    raised : mapping of Placement to float, optional
        Levels to which the person had maximal references raised, from an earlier pass over the same entries
        (`Pipeline.accepted`, or `SetSummary.exceeded` when everything offered is taken).
    """

    def __init__(self, settings: Settings | None = None, raised: Mapping[Placement, float] | None = None) -> None:
        self.settings = settings or Settings()
        self._epoch_ns: int | None = None
        self._now_s = 0.0
        self._tick = 0
        self._session: Mapping[str, Any] = {}
        self._sensors = Sensors()
        self._calibrating = Calibrating()
        self._checks = Checks()
        self._references = References(raised or {})
        self._baselines = Baselines()
        self._pending: list[tuple[float, Mark]] = []
        self._frames = Frames()
        self._rest_since_s: float | None = None
        self._exercises: dict[str, Mapping[str, Any]] = {}
        self._set: OpenSet | None = None
        self._check = False
        self._sets: list[SetSummary] = []
        self._notes: list[str] = []
        self._entry = 0
        self._put_off: list[tuple[float, int]] = []
        self._sensors.settle = self._make_up

    def feed(self, entry: Entry) -> list[Event]:
        """Take the next entry and return what follows from it; entries come in the order of `host_ns`."""
        return self._take(entry) + self._advance(self._due_s())

    def take(self, entries: Iterable[Part]) -> None:
        """Take all these entries and tell nothing: the same summary as by `feed`, in much less time.

        Packets are taken some seconds at once. Ticks of a set are put off until something else looks at the signal, at
        the latest for a second, and then made up for, each with what had come when it was due.
        """
        for part in gathered(entries):
            if isinstance(part, PacketRun):
                self._take_run(part)
            else:
                self._take_one(part)
        self._make_up()

    def _take_one(self, entry: Entry) -> None:
        """Take one entry, and the ticks that are due then."""
        self._entry += 1
        if isinstance(entry, Mark):
            self._make_up()
        self._take(entry, self._entry)
        self._pass_ticks([self._due_s()], self._entry)

    def _take_run(self, packets: PacketRun) -> None:
        """Take many packets, and the ticks that are due after each of them."""
        if self._epoch_ns is None:
            self._epoch_ns = int(packets.host_ns[0])
        epoch_ns = self._epoch_ns
        times_s = (packets.host_ns - epoch_ns) * 1e-9 if epoch_ns < MOST_NS else np.array([math.inf])
        if times_s.max() > LONGEST_S or self._sensors.shaking.begun:
            for packet in packets:
                self._take_one(packet)
            return
        now_s = np.maximum.accumulate(np.maximum(times_s, self._now_s))
        first, at = self._entry + 1, 0
        run = Run(self._sensors, packets, epoch_ns, first)
        while at < len(packets):
            stop = run.steady_until()
            if stop > at:
                due_s = run.take(at, stop, now_s[at:stop], self.settings.wait_s)
                self._now_s, self._entry = float(now_s[stop - 1]), first + stop - 1
                self._pass_ticks(np.maximum.accumulate(due_s).tolist(), first + at)
            if stop < len(packets):
                self._now_s, self._entry = float(now_s[stop]), first + stop
                for device, block in run.alone(stop):
                    self._sensors.take_block(device, block, epoch_ns, self._now_s, self._entry)
                self._pass_ticks([self._due_s()], self._entry)
            at = stop + 1

    def _pass_ticks(self, due_s: Sequence[float], entry: int) -> None:
        """Do, or put off, the ticks up to those that are due after entries from this one on; `due_s` does not fall."""
        at = 0
        while (at := bisect_left(due_s, t_s := self._tick * TICK_S, at)) < len(due_s):
            self._sensors.moment.entry = entry + at
            if self._references.settling or self._tick % CHECK_TICKS == 0 or self._is_pending(t_s):
                self._make_up()
                self._at_tick(t_s, told=False)
            elif self._set is not None:
                self._put_off.append((t_s, entry + at))
            self._tick += 1
        self._sensors.moment.entry = math.inf

    def _take(self, entry: Entry, number: int = 0) -> list[Event]:
        if self._epoch_ns is None:
            self._epoch_ns = entry.host_ns
        if (entry.host_ns - self._epoch_ns) * 1e-9 > LONGEST_S:
            return [] if BEYOND in self._notes else [self._notice(BEYOND)]
        self._now_s = max(self._now_s, (entry.host_ns - self._epoch_ns) * 1e-9)
        if isinstance(entry, Packet):
            return self._sensors.take(entry, self._epoch_ns, self._now_s, number)
        return self._mark(entry)

    def _make_up(self) -> None:
        """Do the ticks that were put off."""
        now = self._sensors.moment.entry
        if self._set is not None and self._put_off:
            self._set.follow(self._put_off, self._sensors.moment)
            self._sensors.moment.entry = now
        self._put_off.clear()

    def close(self) -> list[Event]:
        """Finish at the end of the entries: what waited is handed out and an open set is closed."""
        newest = max((track.newest_s for track in self._sensors.emg.values()), default=0.0)
        marks = max((t_s for t_s, _mark in self._pending), default=0.0)
        events = self._advance(self._sensors.reached_s(max(newest, marks, self._tick * TICK_S) + TICK_S))
        if self._set is not None:
            events += self._close_set(self._tick * TICK_S)
        return events + self._references.settle(math.inf, self._sensors.emg)

    def summary(self) -> SessionSummary:
        """Everything known so far, as a report shows it."""
        notes = [*self._notes, *self._references.closing_notes()]
        if not self._sets:
            notes.append("No set was finished in this recording.")
        return SessionSummary(
            started_utc=str(self._session.get("started_utc", "")),
            program=str(self._session.get("program", "")),
            source=str(self._session.get("source", "")),
            simulated=bool(self._session.get("simulated", False)),
            duration_s=self._now_s,
            sets=tuple(self._sets),
            channels=self._sensors.quality(self._now_s),
            settings={
                "band_pass": asdict(BandPassSettings()),
                "band_pass_erector_spinae": asdict(ERECTOR_SPINAE),
                "cue": asdict(self.settings.cue),
                "rep": asdict(self.settings.rep),
            },
            notes=tuple(notes),
        )

    @property
    def accepted(self) -> Mapping[Placement, float]:
        """Levels to which the person had references raised; a second pass applies them to all sets."""
        return dict(self._references.accepted)

    def standing(self) -> Standing | str:
        """Return how the pelvis stood, to be held against earlier standing; or one sentence why that is not known."""
        pelvis = (i for i in self._sensors.imus.values() if i.placement is not None and i.placement.muscle == PELVIS)
        return self._calibrating.standing(next(pelvis, None))

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Streams that came so far, where they are said to be."""
        return self._sensors.streams

    # --- marks ----------------------------------------------------------------------------------------------------

    def _mark(self, mark: Mark) -> list[Event]:
        """Act on what concerns the link at once; what concerns the person waits until the signal is there."""
        name = str(mark.data.get("device", ""))
        if mark.kind == "session":
            self._session = mark.data
        elif mark.kind == "device":
            lacking = self._sensors.add(name, str(mark.data.get("driver", "")))
            return [self._notice(lacking)] if lacking else []
        elif mark.kind == "placement":
            self._baselines.moves += self._sensors.wear(name, mark.data.get("channels", {}))
        elif mark.kind == "trouble":
            return [self._notice(f"{name}: {mark.data.get('text', '')}")]
        elif mark.kind in {"connected", "lost"}:
            return self._sensors.link(name, mark.kind, self._now_s)
        else:
            if mark.kind == START:
                self._sensors.shaking.begin(self._now_s)
            self._pending.append((self._now_s, mark))
        return []

    def _notice(self, text: str) -> Notice:
        self._notes.append(text)
        return Notice(self._now_s, text)

    # --- time -----------------------------------------------------------------------------------------------------

    def _reached_s(self) -> float:
        """How far the session is: what a busy computer held back, and now takes sensor by sensor, is still to come."""
        heard_s = self._sensors.heard_s
        return self._now_s if self._now_s - heard_s > LEAP_S else min(self._now_s, heard_s)

    def _due_s(self) -> float:
        """Up to when ticks are due: all channels have reached them, or waited long enough."""
        wait_s = self.settings.wait_s
        at_most_s = self._sensors.reached_s(self._now_s - wait_s)
        if at_most_s < self._tick * TICK_S:  # most packets end here: what was heard can only make it less
            return at_most_s
        return self._sensors.reached_s(self._reached_s() - wait_s)

    def _advance(self, reached_s: float) -> list[Event]:
        """Hand out every tick that is due."""
        events: list[Event] = []
        while self._tick * TICK_S <= reached_s:
            events += self._at_tick(self._tick * TICK_S)
            self._tick += 1
        return events

    def _is_pending(self, t_s: float) -> bool:
        return bool(self._pending) and self._pending[0][0] <= t_s

    def _at_tick(self, t_s: float, *, told: bool = True) -> list[Event]:
        events: list[Event] = []
        while self._is_pending(t_s):
            events += self._person(t_s, self._pending.pop(0)[1])
        if self._references.settling:
            events += self._settle(t_s)
        return events + self._frame(t_s, told=told)

    def _frame(self, t_s: float, *, told: bool) -> list[Event]:
        events: list[Event] = []
        motion, baseline, hold_target_s = Motion(math.nan, Phase.REST, 0.0, 0), NO_BASELINE, None
        if self._set is not None:
            motion, rep = self._set.tick(t_s)
            baseline, hold_target_s = self._set.baseline, self._set.exercise.hold_target_s
            if rep is not None:
                events.append(RepClosed(t_s, rep))
        elif self._tick % 500 == 0:
            self._sensors.forget_before(t_s - self.settings.keep_s)
        if self._tick % CHECK_TICKS == 0:
            events += [self._notice(text) for imu in self._sensors.imus.values() if (text := imu.complaint(t_s))]
        if self._sensors.emg:
            cues = self.settings.cue
            references = self._set.references if self._set is not None else self._references.current(self._sensors.emg)
            if self._tick % CHECK_TICKS == 0:
                self._checks.second(t_s, self._sensors.emg, references, self._references.finished)
            if told:
                worn = self._sensors.emg
                events.append(self._frames.at(t_s, worn, references, motion, baseline, hold_target_s, cues))
        return events

    def _settle(self, t_s: float) -> list[Event]:
        """Judge once more the references that ended a while ago; a set that began meanwhile takes what is new."""
        before = self._references.version
        events = self._references.settle(t_s, self._sensors.emg)
        if self._set is not None and self._references.version != before:
            told = self._baselines.anew(self._set.condition)
            self._set.refer(self._references)
            if (now := self._baselines.anew(self._set.condition)) != told and now:
                events.append(self._notice(now))
        return events

    # --- what the person does -------------------------------------------------------------------------------------

    def _person(self, t_s: float, mark: Mark) -> list[Event]:
        if mark.kind == "reference_start" and self._set is not None:
            return [self._notice("A reference is taken between sets: this one was left out.")]
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
            closed = self._close_set(t_s) if self._set is not None else []
            dropped = self._references.drop(t_s)
            return [*closed, *dropped, *self._open_set(t_s, mark)]
        elif mark.kind == "set_stop" and self._set is not None:
            return self._close_set(t_s)
        return []

    def _learn(self, t_s: float, mark: Mark) -> list[Event]:
        """Act on what belongs to a reference contraction, or to the calibration of motion sensors."""
        if mark.kind == STOP:
            return self._shaken(t_s)
        if mark.kind in CALIBRATION_MARKS:
            return self._calibrating.mark(t_s, mark, self._sensors.imus.values())
        return self._references.mark(t_s, mark, self._sensors.emg, len(self._sets))

    def _shaken(self, t_s: float) -> list[Event]:
        """Move the clocks of sensors that were shaken together."""
        shifts, text = self._sensors.shaking.end(t_s)
        for name, shift_s in shifts.items():
            self._sensors.devices[name].shift_s += shift_s
        return [self._notice(text)] if text else []

    def _take_noise(self, start_s: float, stop_s: float) -> None:
        for track in self._sensors.emg.values():
            track.take_noise(start_s + 0.3, stop_s - 0.1)

    def _open_set(self, t_s: float, mark: Mark) -> list[Event]:
        name = str(mark.data.get("exercise", ""))
        try:
            exercise = exercise_from(name, self._exercises.get(name), "this recording")
        except CatalogueError as error:
            return [self._notice(f"The set was left out: {error}")]
        target = mark.data.get("target_reps", exercise.reps_target)
        self._check = mark.data.get("check") is True
        self._sensors.forget_before(t_s - self.settings.keep_s)  # sets may follow each other without a pause
        self._set = OpenSet(
            len(self._sets) + 1,
            exercise,
            t_s,
            target if isinstance(target, int) else None,
            self._sensors.emg,
            self._sensors.imus,
            self._references,
            self._baselines,
            self.settings.rep,
            self.settings.cue,
        )
        anew = self._baselines.anew(self._set.condition)
        return [self._set.opened(), *([self._notice(anew)] if anew else [])]

    def _close_set(self, stop_s: float) -> list[Event]:
        assert self._set is not None  # noqa: S101 - callers look first
        condition, summary, self._set = self._set.condition, self._set.close(stop_s), None
        if self._check:  # one repetition to see whether it is seen is no set of the session
            return [SetClosed(stop_s, summary, check=True)]
        self._baselines.keep(condition, summary.index, summary.reps)
        self._sets.append(summary := packed(summary))
        for item in summary.exceeded:
            self._references.offer(item)
        return [SetClosed(stop_s, summary), *(ReferenceExceeded(stop_s, summary.index, e) for e in summary.exceeded)]
