"""The whole analysis as one object: feed an entry, get events.

`Pipeline` has no clock, no file and no thread. All that can change a result is an entry, so the same entries give the
same events, bit for bit: from the air, from a file at any speed, and in one go.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from emgmon.dsp.filters import ERECTOR_SPINAE, BandPassSettings
from emgmon.exercise.posture import Standing
from emgmon.exercise.reps import TICK_S
from emgmon.model import (
    Array,
    Entry,
    Event,
    Mark,
    Notice,
    Packet,
    PacketRun,
    Part,
    Placement,
    SessionSummary,
    Stream,
)
from emgmon.pipeline.at_once import MOST_NS, Run, gathered
from emgmon.pipeline.calibrating import PELVIS
from emgmon.pipeline.intake import LEAP_S
from emgmon.pipeline.person import Person
from emgmon.pipeline.references import References
from emgmon.pipeline.sensors import Sensors
from emgmon.pipeline.settings import Settings
from emgmon.pipeline.shaking import START
from emgmon.pipeline.ticking import Ticking

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
        self._references = References(raised or {})
        self._person = Person(self.settings, self._sensors, self._references, self._notice)
        self._ticking = Ticking(self._sensors, self._person, self._notice)
        self._sensors.settle = self._ticking.make_up
        self._pending: list[tuple[float, Mark]] = []
        self._notes: list[str] = []
        self._entry = 0

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
        self._ticking.make_up()

    def _take_one(self, entry: Entry) -> None:
        """Take one entry, and the ticks that are due then."""
        self._entry += 1
        if isinstance(entry, Mark):
            self._ticking.make_up()
        self._take(entry, self._entry)
        self._pass_ticks(np.array([self._due_s()]), self._entry)

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
                self._pass_ticks(np.maximum.accumulate(due_s), first + at)
            if stop < len(packets):
                self._now_s, self._entry = float(now_s[stop]), first + stop
                for device, block in run.alone(stop):
                    self._sensors.take_block(device, block, epoch_ns, self._now_s, self._entry)
                self._pass_ticks(np.array([self._due_s()]), self._entry)
            at = stop + 1

    def _pass_ticks(self, due_s: Array, entry: int) -> None:
        """Do, or put off, the ticks up to those that are due after entries from this one on; `due_s` does not fall."""
        if due_s[-1] < self._tick * TICK_S:
            return
        ticks = np.arange(self._tick, int(due_s[-1] / TICK_S) + 2)
        times_s = ticks * TICK_S
        n, at = int(times_s.searchsorted(due_s[-1], "right")), 0
        entries = entry + due_s.searchsorted(times_s[:n])
        while at < n:
            alone_s = min(self._pending[0][0] if self._pending else math.inf, self._references.settling_s)
            stop = max(at, int(times_s[:n].searchsorted(alone_s)))
            self._ticking.later(zip(ticks[at:stop].tolist(), entries[at:stop].tolist(), strict=True))
            if stop < n:
                self._sensors.moment.entry = int(entries[stop])
                self._ticking.make_up()
                self._at_tick(int(ticks[stop]), told=False)
            at = stop + 1
        self._tick += n
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

    def close(self) -> list[Event]:
        """Finish at the end of the entries: what waited is handed out and an open set is closed."""
        newest = max((track.newest_s for track in self._sensors.emg.values()), default=0.0)
        marks = max((t_s for t_s, _mark in self._pending), default=0.0)
        events = self._advance(self._sensors.reached_s(max(newest, marks, self._tick * TICK_S) + TICK_S))
        if self._person.set is not None:
            events += self._person.close_set(self._tick * TICK_S)
        return events + self._references.settle(math.inf, self._sensors.emg)

    def summary(self) -> SessionSummary:
        """Everything known so far, as a report shows it."""
        notes = [*self._notes, *self._references.closing_notes()]
        if not self._person.sets:
            notes.append("No set was finished in this recording.")
        return SessionSummary(
            started_utc=str(self._session.get("started_utc", "")),
            program=str(self._session.get("program", "")),
            source=str(self._session.get("source", "")),
            simulated=bool(self._session.get("simulated", False)),
            duration_s=self._now_s,
            sets=tuple(self._person.sets),
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
        return self._person.calibrating.standing(next(pelvis, None))

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
            self._person.baselines.moves += self._sensors.wear(name, mark.data.get("channels", {}))
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
        wait_s, tick_s = self.settings.wait_s, self._tick * TICK_S
        at_most_s = self._now_s - wait_s
        if self._sensors.lag(at_most_s, tick_s):  # most packets end here
            return at_most_s
        at_most_s = self._sensors.reached_s(at_most_s)
        if at_most_s < tick_s:  # what was heard can only make it less
            return at_most_s
        return self._sensors.reached_s(self._reached_s() - wait_s)

    def _advance(self, reached_s: float) -> list[Event]:
        """Hand out every tick that is due."""
        events: list[Event] = []
        while self._tick * TICK_S <= reached_s:
            events += self._at_tick(self._tick)
            self._tick += 1
        return events

    def _is_pending(self, t_s: float) -> bool:
        return bool(self._pending) and self._pending[0][0] <= t_s

    def _at_tick(self, tick: int, *, told: bool = True) -> list[Event]:
        t_s = tick * TICK_S
        events: list[Event] = []
        while self._is_pending(t_s):
            events += self._person.act(t_s, self._pending.pop(0)[1])
        if self._references.settling_s <= t_s:
            events += self._person.settle(t_s)
        return events + self._ticking.at(tick, told=told)
