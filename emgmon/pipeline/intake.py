"""From packets to samples on the session clock, with every lost one counted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from emgmon.devices import Decoder
from emgmon.errors import PacketError
from emgmon.model import (
    MOTION_WIDTH,
    MUSCLE_QUANTITIES,
    ChannelQuality,
    Packet,
    Placement,
    SampleBlock,
    Stream,
    TimedBlock,
)
from emgmon.timing.align import ClockFit, ClockSettings
from emgmon.timing.counters import MAX_FILL_S, SampleCounter

UNUSED = frozenset({"magnetic_field", "quaternion"})
"""Quantities that are recorded but that nothing here understands: not timed and not listed."""

LEAP_S = 10.0
"""No link holds packets back for longer than this."""

MEMORY_S = 2.0
"""So long after it began to stream a sensor's rate is measured: what it held in its memory came at once."""

EARLY_S = 0.5
"""A packet that would have arrived so much before its time is damaged: packets can be late, never early."""


MOST_MET = 64
"""Streams of one decoder that are known by identity; one that makes them anew for each packet has no use of it."""


@dataclass(slots=True)
class StreamIntake:
    """Counter and rate of one stream."""

    counter: SampleCounter = field(default_factory=SampleCounter)
    next_s: float = math.nan
    away_lost: int = 0
    began_s: float = math.nan
    first: tuple[int, float] | None = None
    newest: tuple[int, float] | None = None
    returned: tuple[float, float] | None = None
    last: tuple[int, int] | None = None
    doubted: tuple[int, int] | None = None
    fs_runs: list[tuple[float, float]] = field(default_factory=list)

    def restart(self) -> None:
        """Keep what was counted, forget the running index."""
        self._close_run()
        self.counter.restart()
        self.last = self.doubted = None

    def leaps(self, block: SampleBlock) -> bool:
        """Whether the index moved quite otherwise than the host's clock since the last block that was believed."""
        return self.last is not None and _strayed_s(self.last, block) > LEAP_S

    def confirms(self, block: SampleBlock) -> bool:
        """Whether a doubtful block goes on where the last doubtful one was: then the sensor counts anew."""
        before, self.doubted = self.doubted, (block.first, block.host_ns)
        return before is not None and _strayed_s(before, block) <= EARLY_S

    def missed(self, clock: ClockFit, fs_hz: float) -> int:
        """Count the samples between the run before and this one, by all that is known of the clock so far."""
        if self.returned is None:
            return 0
        next_s, device_s = self.returned
        return samples_within(clock.session_s(device_s) - next_s, fs_hz, clock)

    def note_rate(self, index: int, session_s: float) -> None:
        """Remember newest sample of this run, and the first that did not come out of a sensor's memory."""
        if self.first is None:
            self.began_s = session_s
        if self.first is None or session_s - self.began_s < MEMORY_S:
            self.first = (index, session_s)
        self.newest = (index, session_s)

    def _close_run(self) -> None:
        if self.first and self.newest and self.newest[1] > self.first[1]:
            self.fs_runs.append((self.newest[0] - self.first[0], self.newest[1] - self.first[1]))
        self.first = self.newest = None

    def fs_measured_hz(self) -> float:
        """Rate against the host's clock; NaN from less than 5 s."""
        runs = list(self.fs_runs)
        if self.first and self.newest:
            runs.append((self.newest[0] - self.first[0], self.newest[1] - self.first[1]))
        samples, length_s = sum(n for n, _s in runs), sum(s for _n, s in runs)
        return samples / length_s if length_s >= 5.0 else math.nan


def samples_within(length_s: float, fs_hz: float, clock: ClockFit) -> int:
    """Count the samples of nominal rate `fs_hz` that a stretch of time brings, by what is known of the clock."""
    return max(0, round(length_s * fs_hz / (1.0 + clock.skew_ppm * 1e-6)))


def _strayed_s(before: tuple[int, int], block: SampleBlock) -> float:
    """By how much index and host's clock disagree about the time since an earlier block, given as both."""
    moved_s = (block.first - before[0]) / block.stream.fs_hz
    return abs(moved_s - (block.host_ns - before[1]) * 1e-9)


@dataclass(slots=True)
class DeviceIntake:
    """One sensor: its decoder, its clock and its streams."""

    device: str
    decoder: Decoder
    clock: ClockFit = field(init=False)
    streams: dict[Stream, StreamIntake] = field(default_factory=dict)
    worn: Mapping[str, tuple[Placement | None, ...]] = field(default_factory=dict)
    bad_packets: int = 0
    streaming: bool = False
    away: bool = False
    shift_s: float = 0.0
    heard: list[StreamIntake] = field(default_factory=list)
    _met: dict[int, tuple[Stream, Stream, StreamIntake]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = ClockFit(ClockSettings(skew_ppm=self.decoder.clock_ppm))

    @property
    def placements(self) -> tuple[Placement, ...]:
        """Where the channels that streamed so far sit, each place once."""
        return tuple(dict.fromkeys(place for stream in self.streams for place in stream.placements if place))

    def wear(self, channels: Mapping[str, Sequence[str | None]]) -> None:
        """Take the user's word, by quantity, for where the channels sit; it outranks the sensor's own label."""
        self.worn = {
            quantity: tuple(Placement.parse(place) if place else None for place in places)
            for quantity, places in channels.items()
        }
        self._met.clear()

    def _placed(self, stream: Stream) -> Stream:
        """Return the stream where the user says it is; a motion sensor without a word goes where its muscle is."""
        said = self.worn.get(stream.quantity)
        if said is None and stream.quantity in MOTION_WIDTH:
            said = next((self.worn[quantity][:1] for quantity in MUSCLE_QUANTITIES if self.worn.get(quantity)), None)
        if said is None:
            return stream
        n = len(stream.placements)
        return replace(stream, placements=(*said[:n], *(None for _ in range(n - len(said)))))

    def connected(self) -> None:
        """Begin a new run: indices and clock start again."""
        self.decoder.restart()
        self.streaming = self.away = False
        self._begin_run()

    def _begin_run(self) -> None:
        for stream, intake in self.streams.items():
            intake.away_lost += intake.missed(self.clock, stream.fs_hz)
            intake.returned = None
            intake.restart()
        self.clock.restart()

    def take(self, packet: Packet, epoch_ns: int) -> list[TimedBlock]:
        """Turn one packet into samples on the session clock; a packet that cannot be read is counted."""
        try:
            blocks = self.decoder.decode(packet)
        except PacketError:
            self.bad_packets += 1
            return []
        return [timed for block in blocks for timed in self.time(block, epoch_ns)]

    def known(self, stream: Stream) -> tuple[Stream, StreamIntake] | None:
        """Return a decoder's stream where it is worn, with its intake; None when nothing of it came yet."""
        placed = self._placed(stream)
        return (placed, self.streams[placed]) if placed in self.streams else None

    def _known(self, stream: Stream) -> tuple[Stream, StreamIntake]:
        """Return a decoder's stream where it is worn, with its intake; by identity, which is quicker than by value."""
        met = self._met.get(id(stream))
        if met is not None and met[0] is stream:
            return met[1], met[2]
        placed = self._placed(stream) if self.worn else stream
        if placed not in self.streams:
            self.streams[placed] = StreamIntake()
            if placed.quantity != "envelope":
                self.heard.append(self.streams[placed])
        if len(self._met) == MOST_MET:
            self._met.clear()
        self._met[id(stream)] = (stream, placed, self.streams[placed])
        return placed, self.streams[placed]

    def time(self, block: SampleBlock, epoch_ns: int) -> list[TimedBlock]:
        """Put one block on the session clock."""
        if block.stream.quantity in UNUSED:
            return []
        clock = self.clock
        stream, intake = self._known(block.stream)
        period_s, n = 1.0 / stream.fs_hz, len(block.samples)
        last_device_s = block.device_s + (n - 1) * period_s
        host_s = (block.host_ns - epoch_ns) * 1e-9
        late_s = host_s - clock.session_s(last_device_s) if clock.known else 0.0
        if not -EARLY_S <= late_s <= LEAP_S or intake.leaps(block):  # the sensor counts anew, or a bit is wrong
            if not intake.confirms(block):
                self.bad_packets += 1
                return []
            self._begin_run()
        intake.last, intake.doubted = (block.first, block.host_ns), None
        clock.add(last_device_s, host_s)
        returning = intake.first is None and not math.isnan(intake.next_s)
        samples, first = intake.counter.take(block)
        n = len(samples)
        if not n:
            return []
        start_s = clock.session_s(block.device_s + (first - block.first) * period_s) + self.shift_s
        intake.note_rate(first + n - 1, start_s + (n - 1) * period_s)
        timed = [TimedBlock(stream, samples, start_s, period_s)]
        if returning:
            intake.returned = (intake.next_s - self.shift_s, block.device_s + (first - block.first) * period_s)
            timed = self._bridge(stream, intake, start_s, period_s) + timed
        intake.next_s = start_s + n * period_s
        return timed

    def _bridge(self, stream: Stream, intake: StreamIntake, start_s: float, period_s: float) -> list[TimedBlock]:
        """Hand on a stretch of what was missed while the sensor was away as NaN."""
        missed = max(0, round((start_s - intake.next_s) / period_s))
        fill = min(missed, int(MAX_FILL_S * stream.fs_hz))
        hole = np.full((fill, stream.width), np.nan)
        return [TimedBlock(stream, hole, start_s - fill * period_s, period_s)] if fill else []

    def quality(self, end_s: float, noise: dict[Placement, float]) -> list[ChannelQuality]:
        """Coverage of each stream up to `end_s`, the session's last moment."""
        out = []
        for stream, intake in self.streams.items():
            missing = samples_within(end_s - intake.next_s, stream.fs_hz, self.clock) if self.away else 0
            out += [
                ChannelQuality(
                    self.device,
                    place,
                    stream.quantity,
                    stream.unit,
                    stream.fs_hz,
                    intake.fs_measured_hz(),
                    intake.counter.received,
                    intake.counter.lost + intake.away_lost + intake.missed(self.clock, stream.fs_hz) + missing,
                    self.decoder.loss_evidence,
                    self.bad_packets,
                    noise.get(place, math.nan) if place and stream.quantity in MUSCLE_QUANTITIES else math.nan,
                    self.decoder.battery_percent,
                )
                for place in dict.fromkeys(stream.placements)
            ]
        return out
