"""What can be told of a stream while it passes: how many samples came, which are missing, and at what rate."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from emgmon.model import Array, SampleBlock, Stream
from emgmon.storage.channelcheck import ChannelCheck, SignalTally
from emgmon.timing.align import ClockFit, ClockSettings
from emgmon.timing.counters import SampleCounter

LEAP_S = 10.0
"""An index that moves otherwise than the host's clock by more was started anew by the sensor."""

BIN_S = 1.0
"""Of the packets of so long a time the one with the least delay tells the clock; the cut ones at both ends do not."""

RATE_FROM_S, DRIFT_FROM_S = 5.0, 60.0
"""Shorter runs say nothing about a rate, or about a drift in parts per million."""

RATE_WITHIN, DRIFT_WITHIN = 0.002, 100e-6
"""Nor do runs whose packets came too unevenly to tell it so well."""

BUFFER_S = 8.0


@dataclass(frozen=True, slots=True)
class StreamCheck:
    """One stream.

    Attributes
    ----------
    fs_measured_hz : float
        Rate against the host's clock; NaN when a run of 5 s or its packets' regularity is missing.
    drift_ppm : float
        How much slower than the host's the sensor's clock runs; NaN as for the rate, from 60 s.
    clock_unsure_s : float
        How far times of the last run may be off by uneven arrival (`ClockFit.uncertainty_s`); NaN from less than 2 s.
    samples, lost, twice : int
        That came, are missing, came again.
    loss_evidence : str
        How a loss is known: ``index``, ``counter``, ``time``, ``file`` or ``none``.
    gaps : int
    longest_gap_s, longest_gap_at_s : float
        Length and session time of the longest gap.
    leaps : int
        How often the running index began anew without a reconnection.
    coverage : float
        Share of what a stream without loss would have given from its first sample to the end of the recording.
    repeated_share : float
        Share of rows that are equal to the row before in all channels.
    """

    device: str
    quantity: str
    unit: str
    fs_hz: float
    fs_measured_hz: float
    drift_ppm: float
    clock_unsure_s: float
    samples: int
    lost: int
    twice: int
    loss_evidence: str
    gaps: int
    longest_gap_s: float
    longest_gap_at_s: float
    leaps: int
    coverage: float
    repeated_share: float
    channels: tuple[ChannelCheck, ...]


@dataclass(slots=True)
class ClockPairs:
    """Least-delay pairs of one clock with the host's, run by run; online."""

    runs: list[list[tuple[float, float]]] = field(default_factory=lambda: [[]])
    _bin: int | None = None

    def restart(self) -> None:
        """Begin a new run."""
        self._bin = None
        self.runs.append([])

    def add(self, clock_s: float, host_s: float) -> None:
        """Take the times of one packet."""
        pair = (clock_s, host_s - clock_s)
        number = int(clock_s // BIN_S)
        run = self.runs[-1]
        if number != self._bin:
            self._bin = number
            run.append(pair)
        elif pair[1] < run[-1][1]:
            run[-1] = pair

    def slope(self, from_s: float, within: float) -> float:
        """Seconds that the host's clock gains per second of this one, from the longest run.

        NaN when that is shorter than `from_s`, or packets came so unevenly that three standard errors exceed `within`.
        """
        run = max(self.runs, key=lambda pairs: pairs[-1][0] - pairs[0][0] if pairs else 0.0)
        if len(run) < 5 or run[-1][0] - run[0][0] < from_s:
            return math.nan
        clock_s, delay_s = np.array(run[1:-1]).T
        centred_s = clock_s - clock_s.mean()
        spread = float((centred_s**2).sum())
        slope = float((centred_s * delay_s).sum()) / spread
        left_s = delay_s - delay_s.mean() - slope * centred_s
        error = math.sqrt(float((left_s**2).sum()) / max(len(left_s) - 2, 1) / spread)
        return slope if 3.0 * error <= within else math.nan


class StreamTally:
    """Counts and measures one stream as its blocks come; online, memory of `BUFFER_S`.

    Parameters
    ----------
    stream : Stream
    clock_ppm : float
        Largest error of the clock behind its times.
    """

    def __init__(self, stream: Stream, clock_ppm: float) -> None:
        self.stream = stream
        self._fit = ClockFit(ClockSettings(skew_ppm=clock_ppm))
        self._counter = SampleCounter()
        self._lost = self._gaps = self._leaps = 0
        self._longest = (0.0, 0.0)
        self._index_clock, self._device_clock = ClockPairs(), ClockPairs()
        self._first_s = math.nan
        self._next_s = math.nan
        self._last: tuple[int, float] | None = None
        self._rows: list[Array] = []
        self._buffered = 0
        self._signal: SignalTally | None = None

    def restart(self) -> None:
        """Begin a new run: the sensor was connected anew."""
        self._flush()
        self._counter.restart()
        self._index_clock.restart()
        self._device_clock.restart()
        self._fit.restart()
        self._last = None

    def add(self, block: SampleBlock, host_s: float) -> None:
        """Take one block that arrived at session time `host_s`."""
        fs_hz = self.stream.fs_hz
        if self._last and abs((block.first - self._last[0]) / fs_hz - (host_s - self._last[1])) > LEAP_S:
            self.restart()
            self._leaps += 1
        length_s = len(block.samples) / fs_hz
        if math.isnan(self._first_s):
            self._first_s = host_s - length_s
        elif self._last is None and host_s - length_s > self._next_s:
            self._gap(round((host_s - length_s - self._next_s) * fs_hz), self._next_s)
        self._last, self._next_s = (block.first, host_s), host_s
        before = self._counter.lost
        samples, _first = self._counter.take(block)
        hole = self._counter.lost - before
        if hole:
            self._flush()
            self._gap(hole, host_s - length_s - hole / fs_hz)
            samples = block.samples
        if not len(samples):
            return
        end_s = (block.first + len(block.samples) - 1) / fs_hz
        self._index_clock.add(end_s, host_s)
        self._device_clock.add(block.device_s + length_s, host_s)
        self._fit.add(block.device_s + length_s, host_s)
        self._rows.append(samples)
        self._buffered += len(samples)
        if self._buffered >= BUFFER_S * fs_hz:
            self._flush()

    def _gap(self, samples: int, at_s: float) -> None:
        self._lost += samples
        self._gaps += 1
        self._longest = max(self._longest, (samples / self.stream.fs_hz, at_s))

    def _flush(self) -> None:
        if self._rows:
            rows = np.concatenate(self._rows)
            self._rows, self._buffered = [], 0
            if self._signal is None:
                self._signal = SignalTally(self.stream.fs_hz, rows.shape[1])
            self._signal.add(rows)

    def check(self, end_s: float, loss_evidence: str) -> StreamCheck:
        """Say what was found; `end_s` is the session time of the recording's last packet."""
        self._flush()
        stream, received = self.stream, self._counter.received
        slope = self._index_clock.slope(RATE_FROM_S, RATE_WITHIN)
        fs_measured_hz = stream.fs_hz / (1.0 + slope)
        expected = (end_s - self._first_s) * (stream.fs_hz if math.isnan(slope) else fs_measured_hz)
        signal = self._signal
        return StreamCheck(
            stream.device,
            stream.quantity,
            stream.unit,
            stream.fs_hz,
            fs_measured_hz,
            1e6 * self._device_clock.slope(DRIFT_FROM_S, DRIFT_WITHIN),
            self._fit.uncertainty_s,
            received,
            self._lost,
            self._counter.repeated,
            loss_evidence,
            self._gaps,
            self._longest[0],
            self._longest[1] if self._gaps else math.nan,
            self._leaps,
            min(1.0, received / expected) if expected > 0 else 1.0,
            signal.repeated / max(received - 1, 1) if signal else 0.0,
            signal.channels(stream.placements) if signal else (),
        )
