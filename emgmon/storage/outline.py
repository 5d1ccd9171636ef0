"""The outline of a recording: session, sensors and sets, gathered from its entries as they pass."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emgmon.devices import Decoder, driver_named
from emgmon.errors import PacketError
from emgmon.model import Entry, Mark, Packet, SampleBlock, Stream
from emgmon.storage.streamcheck import StreamTally


@dataclass(frozen=True, slots=True)
class SetInfo:
    """One set as its marks say; `length_s` is NaN when it was never stopped."""

    exercise: str
    start_s: float
    length_s: float


@dataclass(slots=True)
class Sensor:
    """A sensor while its recording is read; packets are counted by port, samples by port and stream."""

    driver: str
    decoder: Decoder | None
    packets: dict[str, int] = field(default_factory=dict)
    since_connected: dict[str, int] = field(default_factory=dict)
    bad_packets: int = 0
    tallies: dict[tuple[str, Stream], StreamTally] = field(default_factory=dict)

    @classmethod
    def named(cls, name: str, driver_name: str) -> Sensor:
        """Make a sensor of a driver's kind; without a decoder when this version lacks the driver."""
        driver = driver_named(driver_name)
        return cls(driver_name, driver.decoder(name) if driver else None)

    def decode(self, packet: Packet) -> list[SampleBlock]:
        """Return the samples of a packet; one that does not follow the protocol is counted."""
        if self.decoder is None:
            return []
        try:
            return self.decoder.decode(packet)
        except PacketError:
            self.bad_packets += 1
            return []


class Outline:
    """What the marks of a recording say, and which sensor said how much; online.

    Attributes
    ----------
    session : mapping or None
        Data of the first session mark.
    backwards, strangers : int
        Entries that are older than the one before, and packets of sensors that no mark introduced.
    """

    def __init__(self) -> None:
        self.first_ns: int | None = None
        self.last_ns = 0
        self.session: Mapping[str, Any] | None = None
        self.sensors: dict[str, Sensor] = {}
        self.sets: list[SetInfo] = []
        self.marks: dict[str, int] = {}
        self.notes: list[str] = []
        self.backwards = 0
        self.strangers = 0
        self._titles: dict[str, str] = {}

    def take(self, entry: Entry) -> Sensor | None:
        """Take the next entry; returns the sensor whose packet it is."""
        if self.first_ns is None:
            self.first_ns = self.last_ns = entry.host_ns
        self.backwards += entry.host_ns < self.last_ns
        self.last_ns = max(self.last_ns, entry.host_ns)
        if isinstance(entry, Mark):
            self._mark(entry)
            return None
        sensor = self.sensors.get(entry.device)
        if sensor is None:
            self.strangers += 1
            return None
        for counts in (sensor.packets, sensor.since_connected):
            counts[entry.port] = counts.get(entry.port, 0) + 1
        return sensor

    def seconds(self, host_ns: int) -> float:
        """Session time of a host time."""
        return (host_ns - (self.first_ns or 0)) * 1e-9

    @property
    def duration_s(self) -> float:
        """From the first to the last entry."""
        return self.seconds(self.last_ns) if self.first_ns is not None else 0.0

    def _mark(self, mark: Mark) -> None:
        self.marks[mark.kind] = self.marks.get(mark.kind, 0) + 1
        name = str(mark.data.get("device", ""))
        if mark.kind == "session" and self.session is None:
            self.session = mark.data
        elif mark.kind == "exercise":
            self._titles[str(mark.data.get("id", ""))] = str(mark.data.get("title", ""))
        elif mark.kind == "device" and name not in self.sensors:
            self.sensors[name] = Sensor.named(name, str(mark.data.get("driver", "")))
        elif mark.kind == "connected" and name in self.sensors:
            sensor = self.sensors[name]
            if sensor.decoder is not None:
                sensor.decoder.restart()
            sensor.since_connected.clear()
            for tally in sensor.tallies.values():
                tally.restart()
        elif mark.kind == "set_start":
            exercise = str(mark.data.get("exercise", ""))
            self.sets.append(SetInfo(self._titles.get(exercise) or exercise, self.seconds(mark.host_ns), math.nan))
        elif mark.kind == "set_stop" and self.sets and math.isnan(self.sets[-1].length_s):
            last = self.sets[-1]
            self.sets[-1] = SetInfo(last.exercise, last.start_s, self.seconds(mark.host_ns) - last.start_s)
        elif mark.kind == "note":
            self.notes.append(str(mark.data.get("text", "")))
