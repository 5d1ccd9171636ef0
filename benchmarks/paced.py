"""What the benchmarks of the window share: eight simulated sensors, and their packets delivered when they are due.

The packets are made beforehand, so that sensors and radio cost nothing while the program is measured. Delivery is by a
task on an asyncio loop, as Bluetooth callbacks are; an entry that is late is late because the loop was busy.
"""

from __future__ import annotations

import asyncio
import math
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from PySide6.QtCore import qInstallMessageHandler

import firmware_sim
from emgmon.exercise.catalogue import packaged
from emgmon.live.bridge import Bridge
from emgmon.model import Entry, Event, Frame, Mark, Packet, SignalSeen
from firmware_sim import kits, profile
from firmware_sim.faults import Faults
from firmware_sim.firmware import Sensor
from firmware_sim.sensors.base import HostStep, Write
from firmware_sim.stream import HOST_EPOCH_NS, LEAD_S
from firmware_sim.wearer import Script

EXERCISE = "bridge_2leg"
PACKET_S = 0.025
SITES = (*firmware_sim.KITS[kits.OWN_KIT], *(unit for unit in firmware_sim.KITS["motion"] if unit.name[:5] == "EMG-D"))
"""Glutes, hamstrings, back and gluteus medius, both sides: eight sensors of one EMG channel and one IMU."""


def eight(emg_hz: int) -> str:
    """Make a kit of eight of our own sensors that are set to a rate; returns its name."""

    def book(sensor: Sensor) -> tuple[HostStep, ...]:
        config = bytes((profile.Op.SET_CONFIG, 1, profile.Tag.RATE, 2, *struct.pack("<H", emg_hz)))
        config += bytes((profile.Tag.PACKET_SAMPLES, 1, round(emg_hz * PACKET_S)))
        *before, start = Sensor.book(sensor)
        return (*before, Write(profile.CONTROL, config), start)

    name = f"eight of {emg_hz} Hz"
    kind = type(f"Sensor{emg_hz}", (Sensor,), {"book": book})

    def make(unit: kits.Unit, wardrobe: kits.Wardrobe, seed: int) -> Sensor:
        site = tuple(unit.emg[0].split("/"))
        return kind(unit.name, wardrobe.at(unit.emg[0]), seed=seed, site=site)

    kits.KINDS[name] = make
    kits.KITS[name] = tuple(replace(unit, kind=name) for unit in SITES)
    return name


def entries_of(
    script: Script,
    emg_hz: int = 2000,
    *,
    seed: int = 1,
    faults: Faults | None = None,
    sensors: Iterable[str] | None = None,
) -> Iterator[Entry]:
    """Yield a session of eight sensors, or of those named, as entries; `script_ns` tells when the script runs."""
    began_ns = HOST_EPOCH_NS
    yield Mark(began_ns, "session", {"source": "simulated sensors, benchmark", "simulated": True})
    yield Mark(began_ns, "exercise", packaged()[EXERCISE].table())
    for record in firmware_sim.stream(script, seed=seed, kit=eight(emg_hz), faults=faults, sensors=sensors):
        if record.tag == "packet":
            yield Packet(record.device, record.port, record.host_ns, record.payload)
        else:
            yield Mark(record.host_ns, record.kind, record.data)


def hush_qt() -> None:
    """Drop what Qt's offscreen platform says each time that a window changes its smallest size."""

    def told(_kind: object, _context: object, text: str) -> None:
        if "propagateSizeHints" not in text:
            print(text, file=sys.stderr)

    qInstallMessageHandler(told)


def script_ns(script_s: float) -> int:
    """Host time of a moment of the script."""
    return HOST_EPOCH_NS + round((LEAD_S + script_s) * 1e9)


class Stamp(NamedTuple):
    """One entry that said something: when it was due, how many events were pushed up to it, and of which kind."""

    due_s: float
    pushed: int
    frame: bool
    signal: bool


class StampedBridge(Bridge):
    """A bridge that remembers which entry each event came from.

    Attributes
    ----------
    due_s : float
        Set by whoever delivers, before each entry: when that entry was due, by `time.perf_counter`.
    """

    def __init__(self, also: Callable[[Sequence[Event]], None] | None = None) -> None:
        super().__init__(also=also)
        self.due_s = math.nan
        self._stamps: deque[Stamp] = deque()
        self._pushed = self._drained = 0

    def push(self, events: Iterable[Event]) -> None:
        """Stamp events, then leave them."""
        events = list(events)
        self._pushed += len(events)
        frame = any(isinstance(event, Frame) for event in events)
        signal = any(isinstance(event, SignalSeen) for event in events)
        self._stamps.append(Stamp(self.due_s, self._pushed, frame, signal))
        super().push(events)

    def drain(self) -> list[Event]:
        """Take everything that waits."""
        events = super().drain()
        self._drained += len(events)
        return events

    def painted(self) -> list[Stamp]:
        """Take the stamps of all that was drained since the last time."""
        found = []
        while self._stamps and self._stamps[0].pushed <= self._drained:
            found.append(self._stamps.popleft())
        return found


async def deliver(
    entries: Iterable[Entry], take: Callable[[Entry], None], bridge: StampedBridge, stop: threading.Event, from_ns: int
) -> float:
    """Hand out entries when they are due, those before `from_ns` at once; returns when `from_ns` was."""
    began_s = math.nan
    for entry in entries:
        if entry.host_ns >= from_ns:
            if math.isnan(began_s):
                began_s = time.perf_counter()
            bridge.due_s = began_s + (entry.host_ns - from_ns) * 1e-9
            wait_s = bridge.due_s - time.perf_counter()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
        if stop.is_set():
            break
        take(entry)
    return began_s


@dataclass(slots=True)
class CpuWatch:
    """CPU of every thread of this process since `begin`, as a share of one core; Linux."""

    wall_s: float = 0.0
    cpu_s: dict[str, float] | None = None
    process_s: float = 0.0

    def begin(self) -> None:
        """Look at all clocks."""
        self.wall_s, self.cpu_s, self.process_s = time.perf_counter(), _threads_s(), time.process_time()

    def shares(self) -> dict[str, float]:
        """Give the share of each thread by its name, and that of the process."""
        now, wall_s = _threads_s(), time.perf_counter() - self.wall_s
        before = self.cpu_s or {}
        shares = {name: (now[name] - before.get(name, 0.0)) / wall_s for name in now}
        return {**shares, "process": (time.process_time() - self.process_s) / wall_s}


def _threads_s() -> dict[str, float]:
    found = {}
    for thread in threading.enumerate():
        if thread.ident is not None:
            found[thread.name] = time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
    return found
