"""Entries taken at once: packets of some seconds in columns, and what of them goes one by one.

Packets are decoded sensor by sensor. Their blocks go through clock and tracks in columns as long as each belongs to a
stream that is worn and has come before; a block that changes what there is (a first one, a heart's) is taken alone, in
its turn. What a tick sees is what had come when it was due: tracks are looked at up to that entry.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from emgmon.devices.runs import decoded
from emgmon.model import MUSCLE_QUANTITIES, Array, BlockRun, Ints, Packet, PacketRun, Part, SampleBlock, Stream
from emgmon.model.runs import ORDER_BITS
from emgmon.pipeline.intake import LEAP_S, UNUSED, DeviceIntake
from emgmon.pipeline.intake_runs import Timed, time_runs
from emgmon.pipeline.motion import MOTION_QUANTITIES
from emgmon.pipeline.sensors import Sensors

MOST_PACKETS, MOST_BYTES = 4096, 1 << 20
"""Packets that come one by one are laid side by side up to so many: memory stays bounded."""

MOST_NS = 1 << 63


def gathered(entries: Iterable[Part]) -> Iterator[Part]:
    """Lay packets that follow each other side by side; one whose time is beyond what columns hold stays as it is."""
    waiting: list[Packet] = []
    size = 0
    for entry in entries:
        usual = isinstance(entry, Packet) and 0 <= entry.host_ns < MOST_NS
        if isinstance(entry, Packet) and usual:
            waiting.append(entry)
            size += len(entry.payload)
        if waiting and (not usual or len(waiting) == MOST_PACKETS or size > MOST_BYTES):
            yield PacketRun.of(waiting)
            waiting, size = [], 0
        if not usual:
            yield entry
    if waiting:
        yield PacketRun.of(waiting)


@dataclass(slots=True)
class Blocks:
    """Blocks of one stream of a sensor in a run of packets, and how many of them were taken."""

    device: DeviceIntake
    run: BlockRun
    taken: int = 0

    def until(self, number: int) -> int:
        """Count the blocks of packets before this one."""
        return int(self.run.order.searchsorted(number << ORDER_BITS))


@dataclass(frozen=True, slots=True)
class Course:
    """Entries that follow each other: the first one's number, and how many they are."""

    first: int
    n: int

    def of(self, entries: Ints, values: Array, before: float) -> Array:
        """Return what holds after each of the entries, (n,), from what becomes another at some of them."""
        counts = np.empty(len(entries) + 1, np.int64)
        counts[0], counts[-1] = entries[0] - self.first, self.first + self.n - entries[-1]
        np.subtract(entries[1:], entries[:-1], out=counts[1:-1])
        return np.concatenate([[before], values]).repeat(counts)


class Run:
    """A run of packets on its way into the tracks.

    Parameters
    ----------
    sensors : Sensors
    packets : PacketRun
        Decoded at once; the blocks are taken in parts.
    epoch_ns : int
    entry : int
        Number of the first packet in the session.
    """

    def __init__(self, sensors: Sensors, packets: PacketRun, epoch_ns: int, entry: int) -> None:
        self._sensors, self._epoch_ns, self._entry = sensors, epoch_ns, entry
        self._blocks = [
            Blocks(sensors.devices[name], run)
            for name, ports in _ports(packets, sensors).items()
            for run in self._decoded(sensors.devices[name], packets, ports)
            if run.stream.quantity not in UNUSED
        ]
        self._n = len(packets)

    def _decoded(self, device: DeviceIntake, packets: PacketRun, ports: Sequence[tuple[str, Ints]]) -> list[BlockRun]:
        runs, bad = decoded(device.decoder, packets, ports)
        device.bad_packets += bad
        return runs

    def steady_until(self) -> int:
        """Return the first packet not taken yet with a block that changes what sensors and tracks there are."""
        left = [blocks for blocks in self._blocks if blocks.taken < len(blocks.run)]
        places: Counter[object] = Counter()
        steady = []
        for blocks in left:
            known = blocks.device.known(blocks.run.stream) if blocks.device.streaming else None
            uses = None if known is None else self._uses(known[0])
            steady.append(uses)
            places.update(uses or ())
        orders = [
            int(blocks.run.order[blocks.taken])
            for blocks, uses in zip(left, steady, strict=True)
            if uses is None or any(places[use] > 1 for use in uses)
        ]
        return min(orders) >> ORDER_BITS if orders else self._n

    def _uses(self, stream: Stream) -> list[object] | None:
        """Stream and tracks that blocks of a worn stream go to; None when these are still to be made, or a heart's."""
        sensors = self._sensors
        uses: list[object] = [stream]
        if stream.quantity == "ecg":
            return None
        if stream.quantity in MOTION_QUANTITIES:
            key = stream.device, stream.quantity
            if key not in sensors.imus or sensors.imus[key].stream.placements != stream.placements:
                return None
            uses.append(key)
        if stream.quantity in MUSCLE_QUANTITIES:
            worn = [place for place in stream.placements if place is not None]
            if any(place not in sensors.emg for place in worn):
                return None
            uses += worn
        return uses

    def alone(self, number: int) -> list[tuple[DeviceIntake, SampleBlock]]:
        """Take the blocks of one packet out."""
        found = []
        for blocks in self._blocks:
            stop = blocks.until(number + 1)
            found += [(int(blocks.run.order[k]), blocks.device, blocks.run.block(k)) for k in range(blocks.taken, stop)]
            blocks.taken = stop
        return [(device, block) for _order, device, block in sorted(found, key=lambda item: item[0])]

    def take(self, first: int, stop: int, now_s: Array, wait_s: float) -> Array:
        """Take the blocks of the packets up to `stop`, all steady; returns up to when ticks are due after each.

        Parameters
        ----------
        first, stop : int
            Packets; those before `first` were taken.
        now_s : (stop - first,) array
            Newest arrival up to each.
        wait_s : float
            So long a tick waits for what is late.
        """
        course = Course(self._entry + first, stop - first)
        timed = self._timed(stop)
        heard_s = self._heard_s(timed, course)
        until_s = np.where(now_s - heard_s > LEAP_S, now_s, np.minimum(now_s, heard_s)) - wait_s
        reached_s = np.full(course.n, math.inf)
        moved = self._newest_s(timed, course)
        for track in self._sensors.tracks:
            newest_s = moved.get(id(track), np.float64(track.newest_s))
            reached_s = np.where(newest_s > until_s, np.minimum(reached_s, newest_s), reached_s)
        return np.where(reached_s < math.inf, reached_s, until_s)

    def _timed(self, stop: int) -> list[Timed]:
        """Put the blocks of the packets up to `stop` on the session clock, sensor by sensor."""
        parts: dict[str, list[BlockRun]] = {}
        for blocks in self._blocks:
            if (end := blocks.until(stop)) > blocks.taken:
                parts.setdefault(blocks.device.device, []).append(blocks.run.part(blocks.taken, end))
                blocks.taken = end
        devices = self._sensors.devices
        return [timed for name in parts for timed in time_runs(devices[name], parts[name], self._epoch_ns, self._entry)]

    def _newest_s(self, timed: Sequence[Timed], course: Course) -> dict[int, Array]:
        """Hand the blocks to their tracks; returns the newest time of each after each entry, by identity."""
        runs = [run for each in timed if (run := each.run()) is not None]
        return {
            id(track): course.of(run.entries, newest_s, before_s)
            for run in runs
            for track, before_s, newest_s in self._sensors.take_run(run)
        }

    def _heard_s(self, timed: Sequence[Timed], course: Course) -> Array:
        """Return what `Sensors.heard_s` was after each entry."""
        heard_s = np.full(course.n, -math.inf)
        told = {id(each.intake): each for each in timed}
        for device in self._sensors.devices.values():
            for intake in device.heard if device.streaming else ():
                each = told.get(id(intake))
                next_s = (
                    np.float64(intake.next_s)
                    if each is None
                    else course.of(np.concatenate(each.entries), np.concatenate(each.next_s), each.before_s)
                )
                heard_s = np.fmax(heard_s, next_s)  # NaN is passed over
        return np.where(heard_s > -math.inf, heard_s, math.inf)


def _ports(packets: PacketRun, sensors: Sensors) -> dict[str, list[tuple[str, Ints]]]:
    """Numbers of the packets of each sensor that is known, by port."""
    order = np.argsort(packets.source, kind="stable")
    bounds = packets.source[order].searchsorted(np.arange(len(packets.sources) + 1)).tolist()
    found: dict[str, dict[str, Ints]] = {}
    for (name, port), first, stop in zip(packets.sources, bounds[:-1], bounds[1:], strict=True):
        if stop > first and name in sensors.devices:
            ports = found.setdefault(name, {})
            numbers = order[first:stop]
            ports[port] = np.sort(np.concatenate([ports[port], numbers])) if port in ports else numbers
    return {name: list(ports.items()) for name, ports in found.items()}
