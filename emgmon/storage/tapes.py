"""One stream as it grows, and as whole signals: every sample in its place on the session clock, NaN where lost.

The place of a run of samples is known once its clock has settled, so filters run afterwards, over the whole. Samples
wait in temporary files, 8 bytes each, and come back as memory maps.
"""

from __future__ import annotations

import math
import tempfile
from array import array
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import IO

import numpy as np

from emgmon.dsp.ecg import HeartSettings
from emgmon.dsp.envelope import HOP_S, moving_rms
from emgmon.dsp.filters import ERECTOR_SPINAE
from emgmon.model import Array, Placement, Stream, TimedBlock
from emgmon.pipeline.frames import BAR_S
from emgmon.pipeline.tracks import EmgTrack
from emgmon.storage.channels import BLOCK_ROWS, Signal, channels_of, name_of
from emgmon.timing.align import ClockSettings

READ_EVERY_S = 0.5
FIT_S = 10.0
LATE_HOPS = round((HeartSettings().recall_s + 3.0) / HOP_S)
"""The newest hops may still change: a heart beat is taken out, a second is found not to be muscle."""


class _Spool:
    """Rows that grow in a temporary file."""

    def __init__(self, width: int, files: ExitStack) -> None:
        self._file: IO[bytes] = files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        self._width = width
        self.n = 0

    def append(self, rows: Array) -> None:
        self._file.write(np.ascontiguousarray(rows, np.float64).tobytes())
        self.n += len(rows)

    def rows(self) -> Array:
        """All rows, (n, width), as a memory map that outlives the file."""
        if not self.n:
            return np.empty((0, self._width))
        self._file.flush()
        return np.memmap(self._file, np.float64, "r", shape=(self.n, self._width))


@dataclass(frozen=True, slots=True)
class _Line:
    """Session time of row k is ``start_s + k / fs_hz``; 95 % of the clock's readings lie within `error_s` of it."""

    start_s: float
    fs_hz: float
    error_s: float


@dataclass(slots=True)
class _Run:
    """Samples between two interruptions, and what the clock said about them each half second."""

    first_row: int
    readings: list[tuple[int, float]] = field(default_factory=list)

    def settled(self) -> Array:
        """Rows and session times, (n, 2), after the clock has settled; the last one where it never did."""
        readings = np.array(self.readings)
        kept = readings[readings[:, 1] >= readings[0, 1] + ClockSettings().settle_s]
        return kept if len(kept) else readings[-1:]


@dataclass(slots=True)
class _Harvest:
    """Mean squares of a track's hops, gathered as they grow so that the track can forget them."""

    track: EmgTrack
    power: array[float] = field(default_factory=lambda: array("d"))
    taken: int = 0

    def gather(self, forget_s: float, late: int) -> None:
        """Take all but the `late` newest hops, which the track may still change; it forgets those before `forget_s`."""
        hops = self.track.hops
        n = hops.n
        ripe = max(n - late, self.taken)
        self.power.extend(hops.rows[self.taken : ripe, 0].tolist())
        hops.forget_before(forget_s)
        self.taken = ripe - (n - hops.n)


class Tape:
    """One stream as it grows.

    Parameters
    ----------
    stream : Stream
    files : ExitStack
        Closes the temporary files.
    """

    def __init__(self, stream: Stream, files: ExitStack) -> None:
        self.stream = stream
        self._files = files
        self._width = 6 if stream.quantity == "imu" else len(stream.placements)
        self._rows = _Spool(self._width, files)
        self._runs: list[_Run] = []
        self._next_s = math.nan
        self._fresh = True

    def interrupted(self) -> None:
        """Take note that the sensor was connected anew: its clock settles again."""
        self._fresh = True

    def add(self, block: TimedBlock) -> None:
        """Take the next samples; a hole that the intake did not fill ends a run."""
        length_s = len(block.samples) * block.period_s
        if self._fresh and np.isnan(block.samples).all():
            return
        if self._fresh or block.start_s - self._next_s > max(0.05, 0.02 * length_s):
            self._fresh = False
            self._runs.append(_Run(self._rows.n))
        readings = self._runs[-1].readings
        if not readings or block.start_s >= readings[-1][1] + READ_EVERY_S:
            readings.append((self._rows.n, block.start_s))
        self._rows.append(block.samples)
        self._next_s = block.start_s + length_s

    def signals(self, what: str, noise: Mapping[Placement, float], labels: set[str]) -> list[Signal]:
        """Return everything that this stream gives.

        Parameters
        ----------
        what : str
            ``raw``, ``processed`` or ``both``.
        noise : mapping of Placement to float
            RMS of the relaxed channels, in the unit of the stream.
        labels : set of str
            Names and labels already given away; the new ones are added.
        """
        if not self._runs:
            return []
        stream = self.stream
        line, firsts = self._line()
        samples = self._whole(firsts)
        named = channels_of(stream, stream.quantity, labels)
        raw = Signal(
            name_of(stream.device, stream.quantity, labels) if what != "processed" else "",
            stream.device,
            stream.quantity,
            named,
            stream.fs_hz,
            line.fs_hz,
            line.start_s,
            line.error_s,
            samples,
        )
        found = [raw] if what != "processed" else []
        return found + (self._processed(raw, noise, labels) if what != "raw" and stream.quantity == "emg" else [])

    def _line(self) -> tuple[_Line, list[int]]:
        """Fit one line through the readings of all runs; returns it with the row at which each run begins."""
        settled = [run.settled() for run in self._runs]
        centred = np.concatenate([readings - readings.mean(axis=0) for readings in settled])
        period_s = 1.0 / self.stream.fs_hz
        if sum(float(np.ptp(readings[:, 1])) for readings in settled) >= FIT_S:
            slope = float(centred[:, 0] @ centred[:, 1] / (centred[:, 0] @ centred[:, 0]))
            period_s = slope if abs(slope / period_s - 1.0) < 0.02 else period_s
        starts_s = [
            float(np.median(readings[:, 1] - (readings[:, 0] - run.first_row) * period_s))
            for run, readings in zip(self._runs, settled, strict=True)
        ]
        firsts: list[int] = []
        taken = 0
        for run, start_s, end in zip(self._runs, starts_s, self._ends(), strict=True):
            firsts.append(max(taken, round((start_s - starts_s[0]) / period_s)))
            taken = firsts[-1] + end - run.first_row
        off_s = [
            readings[:, 1] - starts_s[0] - (readings[:, 0] - run.first_row + first) * period_s
            for run, readings, first in zip(self._runs, settled, firsts, strict=True)
        ]
        error_s = float(np.percentile(np.abs(np.concatenate(off_s)), 95))
        return _Line(starts_s[0], 1.0 / period_s, error_s), firsts

    def _ends(self) -> list[int]:
        return [*(run.first_row for run in self._runs[1:]), self._rows.n]

    def _whole(self, firsts: list[int]) -> Array:
        """Lay the runs in their places, NaN between them."""
        rows = self._rows.rows()
        if len(firsts) == 1:
            return rows
        whole = _Spool(self._width, self._files)
        for run, first, end in zip(self._runs, firsts, self._ends(), strict=True):
            while whole.n < first:
                whole.append(np.full((min(first - whole.n, BLOCK_ROWS), self._width), np.nan))
            for at in range(run.first_row, end, BLOCK_ROWS):
                whole.append(rows[at : min(at + BLOCK_ROWS, end)])
        return whole.rows()

    def _processed(self, raw: Signal, noise: Mapping[Placement, float], labels: set[str]) -> list[Signal]:
        """Filter the channels that have a muscle; those of the back have their own band-pass and delay."""
        tracks = {
            at: EmgTrack(place, self.stream.unit, raw.fs_hz)
            for at, place in enumerate(self.stream.placements)
            if place is not None
        }
        bands = {track.band_pass.settings for track in tracks.values()}
        found: list[Signal] = []
        for band in sorted(bands, key=lambda band: band == ERECTOR_SPINAE):
            more = "_back" if band == ERECTOR_SPINAE and len(bands) > 1 else ""
            chosen = {at: track for at, track in tracks.items() if track.band_pass.settings == band}
            found += self._filtered(raw, chosen, noise, labels, more)
        return found

    def _filtered(
        self, raw: Signal, tracks: Mapping[int, EmgTrack], noise: Mapping[Placement, float], labels: set[str], more: str
    ) -> list[Signal]:
        """Filter, and make the envelope at the middles of the windows; the filter's delay is taken out."""
        filtered = _Spool(len(tracks), self._files)
        harvests = [_Harvest(track) for track in tracks.values()]
        for first in range(0, len(raw.samples), BLOCK_ROWS):
            rows = np.asarray(raw.samples[first : first + BLOCK_ROWS])
            block = TimedBlock(self.stream, rows, first / raw.fs_hz, 1.0 / raw.fs_hz)
            columns = [track.add(block, at).samples for at, track in tracks.items()]
            for harvest in harvests:
                last = first + len(rows) == len(raw.samples)
                forget_s = (first + len(rows)) / raw.fs_hz - (LATE_HOPS + 100) * HOP_S
                harvest.gather(forget_s, 0 if last else LATE_HOPS)
            filtered.append(np.column_stack(columns))
        hop, n_hops = max(1, round(HOP_S * raw.fs_hz)), round(BAR_S / HOP_S)
        levels = [
            moving_rms(np.frombuffer(item.power, np.float64), n_hops, noise.get(item.track.placement, math.nan))
            for item in harvests
        ]
        start_s = raw.start_s - next(iter(tracks.values())).band_pass.delay_s
        middle_s = start_s + (n_hops * hop - 1) / 2 / raw.fs_measured_hz
        return [
            replace(
                raw,
                name=name_of(raw.device, kind + more, labels),
                kind=kind + more,
                channels=channels_of(self.stream, kind, labels, tuple(tracks)),
                fs_hz=raw.fs_hz / every,
                fs_measured_hz=raw.fs_measured_hz / every,
                start_s=at_s,
                samples=samples,
            )
            for kind, at_s, every, samples in (
                ("emg_filtered", start_s, 1, filtered.rows()),
                ("emg_envelope", middle_s, hop, np.column_stack(levels)),
            )
            if len(samples)
        ]
