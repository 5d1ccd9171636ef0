"""Which sensor was tapped twice: two knocks close together, and quiet before and after.

A knock is a jump from one sample to the next, of the acceleration where a sensor feels it, else of its EMG. It works on
what a sensor says before anyone told where it sits. Each sensor is timed by its own samples, so packets do not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from emgmon.devices import driver_named
from emgmon.devices.base import Decoder
from emgmon.errors import PacketError
from emgmon.model import Array, Entry, Packet, SampleBlock

FEELS: Mapping[str, int] = {"imu": 3, "acceleration": 3, "emg": 1}
"""Quantities in which a tap shows, the best first, with the columns that are looked at."""

JUMP = {"g": 0.15, "uv": 60.0}
"""Smaller jumps are no knock, by unit; elsewhere the usual jump alone decides."""

TIMES_USUAL = 8.0
USUAL_S = 2.0
"""Time constant of the usual jump."""

ONE_S, SECOND_S = 0.12, 0.8
"""Jumps within the first are one knock; the second knock comes at most this long after the first."""

QUIET_S = 0.5
"""Nothing may be felt so long before and after."""


@dataclass(slots=True)
class _Felt:
    rank: int
    usual: float = np.nan
    last: Array | None = None
    knocks: list[float] = field(default_factory=list)

    def add(self, block: SampleBlock) -> bool:
        """Take the next samples; true when two knocks are complete."""
        columns = list(FEELS.values())[self.rank]
        values = block.samples[:, :columns] if columns > 1 else block.samples
        rows = values if self.last is None else np.vstack([self.last, values])
        self.last = values[-1:]
        jumps = np.nan_to_num(np.abs(np.diff(rows, axis=0)).max(axis=1)) if len(rows) > 1 else np.zeros(0)
        if not len(jumps):
            return False
        fs_hz = block.stream.fs_hz
        time_s = (block.first + np.arange(len(block.samples) - len(jumps), len(block.samples))) / fs_hz
        mean = float(np.minimum(jumps, 4.0 * np.median(jumps) + 1e-9).mean())
        keep = np.exp(-len(jumps) / fs_hz / USUAL_S)
        self.usual = mean if np.isnan(self.usual) else self.usual * keep + mean * (1.0 - keep)
        floor = JUMP.get(block.stream.unit.partition(",")[0], 0.0)
        for at_s in time_s[jumps > max(floor, TIMES_USUAL * self.usual)]:
            if not self.knocks or at_s - self.knocks[-1] > ONE_S:
                self.knocks.append(float(at_s))
        return self._twice(float(time_s[-1]))

    def _twice(self, now_s: float) -> bool:
        """Judge the last two knocks once it has been quiet for a while."""
        if not self.knocks or now_s - self.knocks[-1] < QUIET_S:
            return False
        done, self.knocks = self.knocks, []
        return len(done) == 2 and done[1] - done[0] <= SECOND_S


class Tapping:
    """Takes the entries of a session and tells who was tapped; online."""

    def __init__(self) -> None:
        self._decoders: dict[str, Decoder] = {}
        self._felt: dict[str, _Felt] = {}

    def take(self, entry: Entry) -> str:
        """Take one entry; returns the name of a sensor that was just tapped twice, else nothing."""
        if isinstance(entry, Packet):
            return entry.device if self._packet(entry) else ""
        name = str(entry.data.get("device", ""))
        driver = driver_named(str(entry.data.get("driver", "")))
        if entry.kind == "device" and driver is not None:
            self._decoders[name] = driver.decoder(name)
        elif entry.kind == "connected" and name in self._decoders:
            self._decoders[name].restart()
            self._felt.pop(name, None)
        return ""

    def _packet(self, packet: Packet) -> bool:
        decoder = self._decoders.get(packet.device)
        if decoder is None:
            return False
        try:
            blocks = decoder.decode(packet)
        except PacketError:
            return False
        twice = [self.add(block) for block in blocks]
        return any(twice)

    def add(self, block: SampleBlock) -> bool:
        """Take samples; true when their sensor was tapped twice."""
        if block.stream.quantity not in FEELS:
            return False
        rank, name = list(FEELS).index(block.stream.quantity), block.stream.device
        felt = self._felt.get(name)
        if felt is None or rank < felt.rank:
            felt = self._felt[name] = _Felt(rank)
        return rank == felt.rank and felt.add(block)
