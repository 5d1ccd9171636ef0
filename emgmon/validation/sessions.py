"""Signals as a session: packets of a file and the marks of a person, through the same pipeline as everything else.

A session here has no radio and no clock error; those have rows of their own. Time 0 is the first sample.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from emgmon.devices import imported
from emgmon.model import Array, Entry, Event, Mark, Packet, SessionSummary
from emgmon.pipeline import Pipeline

EPOCH_NS = 10**12
PACKET_S = 0.1
EMG_DEVICE, IMU_DEVICE = "emg", "imu"
SPAN = "span"
"""Id of the exercise whose one repetition is the set from start to stop."""

_SAFETY = "Simulated."
_SPAN_TABLE: Mapping[str, Any] = {
    "id": SPAN,
    "title": "Span of known length",
    "phase": "assess",
    "signal": "none",
    "groups": ["G", "H", "E"],
    "sdi": True,
    "safety": _SAFETY,
}
G, H, E = ("gluteus_maximus", "biceps_femoris", "erector_spinae")
LETTERS = {G: "G", H: "H", E: "E"}


class Emg(NamedTuple):
    """EMG of one device: `samples` (n, channels) in `unit` at `fs_hz`, one placement (``muscle/side``) a channel.

    `quantity` is ``envelope`` for a device that hands out no raw signal.
    """

    samples: Array
    fs_hz: float
    places: tuple[str, ...]
    unit: str = "uv"
    quantity: str = "emg"


class Imu(NamedTuple):
    """Acceleration (g) and angular velocity (dps) of one sensor: `samples` (n, 6) at `fs_hz`."""

    samples: Array
    fs_hz: float
    place: str


@dataclass(slots=True)
class Plan:
    """What the person does, as marks in order of time."""

    marks: list[Mark] = field(default_factory=list)

    def add(self, t_s: float, mark: str, **data: Any) -> None:
        """Add one mark of a kind at `t_s`."""
        self.marks.append(Mark(at_ns(t_s), mark, data))

    def rest(self, start_s: float, stop_s: float) -> None:
        """Record the relaxed level."""
        self.add(start_s, "baseline_start")
        self.add(stop_s, "baseline_stop")

    def reference(self, group: str, start_s: float, stop_s: float, kind: str = "T1") -> None:
        """Record a reference contraction of one group."""
        self.add(start_s, "reference_start", group=group, kind=kind)
        self.add(stop_s, "reference_stop", group=group, kind=kind)

    def set(self, exercise: str, start_s: float, stop_s: float) -> None:
        """Do one set."""
        self.add(start_s, "set_start", exercise=exercise)
        self.add(stop_s, "set_stop")


def at_ns(t_s: float) -> int:
    """Host time of a session time."""
    return EPOCH_NS + round(t_s * 1e9)


def entries_of(plan: Plan, emg: Emg | None = None, imus: Sequence[Imu] = (), table: Any = None) -> list[Entry]:
    """All entries of a session, in order of host time.

    Parameters
    ----------
    plan : Plan
    emg : Emg, optional
    imus : sequence of Imu
    table : mapping, optional
        Table of the exercise that the plan's sets name; `SPAN` when absent.
    """
    session = {"program": "emgmon validation", "source": "simulated", "simulated": True}
    entries: list[Entry] = [
        Mark(EPOCH_NS, "session", session),
        Mark(EPOCH_NS, "exercise", dict(table or _SPAN_TABLE)),
    ]
    data: list[Entry] = list(plan.marks)
    if emg is not None:
        stream = {"quantity": emg.quantity, "unit": emg.unit, "fs_hz": emg.fs_hz, "placements": list(emg.places)}
        entries += _described(EMG_DEVICE, stream)
        worn = {"device": EMG_DEVICE, "channels": {emg.quantity: list(emg.places)}}
        entries.append(Mark(EPOCH_NS, "placement", worn))
        data += _packets(EMG_DEVICE, emg.samples, emg.fs_hz)
    for number, imu in enumerate(imus):
        stream = {"quantity": "imu", "unit": "g,dps", "fs_hz": imu.fs_hz, "placements": [imu.place]}
        entries += _described(f"{IMU_DEVICE}{number}", stream)
        data += _packets(f"{IMU_DEVICE}{number}", imu.samples, imu.fs_hz)
    return entries + sorted(data, key=lambda entry: entry.host_ns)


def _described(device: str, stream: Mapping[str, Any]) -> list[Entry]:
    payload = imported.description_payload([dict(stream)])
    return [
        Mark(EPOCH_NS, "device", {"device": device, "driver": "imported"}),
        Packet(device, imported.DESCRIPTION, EPOCH_NS, payload),
        Mark(EPOCH_NS, "connected", {"device": device}),
    ]


def _packets(device: str, samples: Array, fs_hz: float) -> Iterator[Entry]:
    """Packets of `PACKET_S`, each arriving with its last sample."""
    n = max(1, round(PACKET_S * fs_hz))
    for first in range(0, len(samples), n):
        part = samples[first : first + n]
        arrival_ns = at_ns((first + len(part) - 1) / fs_hz)
        yield Packet(device, "0", arrival_ns, imported.data_payload(first, first / fs_hz, part))


def analysed(entries: Iterable[Entry]) -> SessionSummary:
    """Summary of a session."""
    pipeline = Pipeline()
    pipeline.take(entries)
    pipeline.close()
    return pipeline.summary()


def told(entries: Iterable[Entry]) -> tuple[list[tuple[int, Event]], SessionSummary]:
    """All events, each with the host time of the entry that led to it, and the summary."""
    pipeline = Pipeline()
    events: list[tuple[int, Event]] = []
    now_ns = EPOCH_NS
    for entry in entries:
        now_ns = entry.host_ns
        events += [(now_ns, event) for event in pipeline.feed(entry)]
    events += [(now_ns, event) for event in pipeline.close()]
    return events, pipeline.summary()


def level(summary: SessionSummary, number: int, place: str) -> float:
    """Amplitude of one channel over a set that was one span, fraction of the reference; NaN without either."""
    values = summary.sets[number].reps[0].values if summary.sets[number].reps else ()
    found = (v.value for v in values if (v.metric, v.phase, v.where, v.unit) == ("level", "act", place, "ref"))
    return next(found, math.nan)


def grid(n: int, fs_hz: float) -> Array:
    """Sample times in s, (n,)."""
    return np.arange(n) / fs_hz
