"""Whether the values of a channel are a signal: moments, clipping, standstill, mains line; vectorised by stretches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgmon.model import Array, Placement

LINES_HZ = (50.0, 60.0)
LINE_HALF_HZ, NEAR_HZ, FAR_HZ = 1.0, 3.0, 10.0
"""A line is looked for within the first, and compared with the spectrum between the other two distances from it."""

FAR_SD, FAR_SHARE = 3.0, 0.002
"""So often so far from the mean no signal comes to one and the same value unless something stops it there."""

SPECTRUM_SEGMENTS = 2
"""Spectra of 1 s that are needed at least."""


@dataclass(frozen=True, slots=True)
class ChannelCheck:
    """One channel of a stream.

    Attributes
    ----------
    placement : Placement or None
    mean, sd : float
        In the unit of the stream; the mean of raw EMG is its DC offset.
    missing_share : float
        Share of samples that came as not-a-number.
    extreme_share : float
        Share of samples at the channel's largest or smallest value, 0 unless they pile up there: clipping.
    constant_s : float
        Longest stretch of one and the same value, up to the 8 s that are looked at together.
    line_hz, line_db : float
        Mains line that stands out most, and its height over the spectrum beside it; NaN when it cannot be said.
    """

    placement: Placement | None
    mean: float
    sd: float
    missing_share: float
    extreme_share: float
    constant_s: float
    line_hz: float
    line_db: float


class SignalTally:
    """Values of one stream: moments, extremes, standstill and spectrum of each channel; vectorised by stretches."""

    def __init__(self, fs_hz: float, channels: int) -> None:
        self.fs_hz = fs_hz
        self.repeated = 0
        self._rows = 0
        self._present = np.zeros(channels, np.int64)
        self._sums, self._squares = np.zeros(channels), np.zeros(channels)
        self._offset: Array | None = None
        self._extremes = [_Extreme(channels), _Extreme(channels)]
        self._longest = np.zeros(channels, np.int64)
        self._segment = round(fs_hz)
        self._spectrum = np.zeros((self._segment // 2 + 1, channels))
        self._segments = 0

    def add(self, rows: Array) -> None:
        """Take a stretch of rows that follow one another."""
        if self._offset is None:
            self._offset = np.nan_to_num(rows[0])
        present = np.isfinite(rows)
        centred = np.where(present, rows - self._offset, 0.0)
        self._rows += len(rows)
        self._present += present.sum(axis=0)
        self._sums += centred.sum(axis=0)
        self._squares += (centred**2).sum(axis=0)
        for sign, extreme in zip((1.0, -1.0), self._extremes, strict=True):
            extreme.add(np.where(present, sign * rows, -np.inf))
        same = np.diff(rows, axis=0) == 0.0
        self.repeated += int(same.all(axis=1).sum())
        self._standstill(same)
        self._add_spectrum(centred, present)

    def _standstill(self, same: NDArray[np.bool_]) -> None:
        for channel in range(same.shape[1]):
            changes = np.flatnonzero(~same[:, channel])
            longest = np.diff(np.concatenate(([-1], changes, [len(same)]))).max()
            self._longest[channel] = max(self._longest[channel], longest)

    def _add_spectrum(self, centred: Array, present: NDArray[np.bool_]) -> None:
        size = self._segment
        count = len(centred) // size
        if not count or size / 2 <= LINES_HZ[0] + FAR_HZ:
            return
        segments = centred[: count * size].reshape(count, size, -1)
        whole = present[: count * size].reshape(count, size, -1).all(axis=(1, 2))
        segments = segments[whole]
        segments = (segments - segments.mean(axis=1, keepdims=True)) * np.hanning(size)[:, None]
        self._spectrum += (np.abs(np.fft.rfft(segments, axis=1)) ** 2).sum(axis=0)
        self._segments += len(segments)

    def channels(self, placements: Sequence[Placement | None]) -> tuple[ChannelCheck, ...]:
        """Say what was found in each channel; one placement for all counts for each."""
        count = len(self._sums)
        places = placements if len(placements) == count else [placements[0] if placements else None] * count
        return tuple(self._channel(number, place) for number, place in enumerate(places))

    def _channel(self, number: int, place: Placement | None) -> ChannelCheck:
        present = int(self._present[number])
        assert self._offset is not None  # noqa: S101 - there was a stretch, or there would be no tally
        mean = self._sums[number] / present if present else math.nan
        variance = max(self._squares[number] / present - mean**2, 0.0) if present else math.nan
        line_hz, line_db = self._line(number)
        centre = mean + self._offset[number]
        clipped = sum(
            extreme.share(number, present, sign * centre, math.sqrt(variance))
            for sign, extreme in zip((1.0, -1.0), self._extremes, strict=True)
        )
        return ChannelCheck(
            place,
            float(centre),
            math.sqrt(variance),
            1.0 - present / self._rows,
            clipped,
            float(self._longest[number]) / self.fs_hz,
            line_hz,
            line_db,
        )

    def _line(self, number: int) -> tuple[float, float]:
        """Mains frequency with the greater height over the median of its neighbourhood, and that height in dB."""
        found = (math.nan, math.nan)
        if self._segments < SPECTRUM_SEGMENTS:
            return found
        spectrum = self._spectrum[:, number]
        hz = np.arange(len(spectrum)) * self.fs_hz / self._segment
        for line_hz in LINES_HZ:
            away_hz = np.abs(hz - line_hz)
            beside = spectrum[(away_hz >= NEAR_HZ) & (away_hz <= FAR_HZ)]
            if line_hz + FAR_HZ > hz[-1] or not np.median(beside) > 0.0:
                continue
            height_db = 10.0 * math.log10(spectrum[away_hz <= LINE_HALF_HZ].max() / np.median(beside))
            if math.isnan(found[1]) or height_db > found[1]:
                found = (line_hz, height_db)
        return found


class _Extreme:
    """Largest value so far, how often it came, and how often three times in a row."""

    def __init__(self, channels: int) -> None:
        self.value = np.full(channels, -np.inf)
        self.count = np.zeros(channels, np.int64)
        self.triples = np.zeros(channels, np.int64)

    def add(self, rows: Array) -> None:
        value = rows.max(axis=0)
        there = rows == value
        count, triples = there.sum(axis=0), (there[2:] & there[1:-1] & there[:-2]).sum(axis=0)
        above, equal = value > self.value, value == self.value
        self.count = np.where(above, count, self.count + np.where(equal, count, 0))
        self.triples = np.where(above, triples, self.triples + np.where(equal, triples, 0))
        self.value = np.maximum(self.value, value)

    def share(self, channel: int, present: int, mean: float, sd: float) -> float:
        """Share of the samples at the extreme, 0 where it is no wall but the chance peak of a signal."""
        share = float(self.count[channel] / present) if present else 0.0
        far = self.value[channel] - mean > FAR_SD * sd and share > FAR_SHARE
        return share if self.triples[channel] or far else 0.0
