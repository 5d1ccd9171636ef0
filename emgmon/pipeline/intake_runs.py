"""Puts many blocks of a sensor on the session clock at once, and one by one what is not plain.

Plain is a block that goes on where the last one of its stream ended, at a time that can be, of a sensor whose clock is
known for some seconds. It gets the numbers that `DeviceIntake.time` gives, to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emgmon.model import Array, BlockRun, Ints, Stream, TimedBlock, TimedRun
from emgmon.model.runs import ORDER_BITS
from emgmon.pipeline.intake import EARLY_S, LEAP_S, MEMORY_S, DeviceIntake, StreamIntake

NEARLY_S = 0.1
"""More than a time that is not settled yet may be off."""

WORTH = 24
"""For fewer blocks columns cost more than they save."""


@dataclass(slots=True)
class Timed:
    """What a stream's blocks became.

    Attributes
    ----------
    stream : Stream
    intake : StreamIntake
    before_s : float
        `StreamIntake.next_s` before them.
    entries, next_s : lists of arrays
        The same after each of these entries.
    runs : list of TimedRun
    """

    stream: Stream
    intake: StreamIntake
    before_s: float
    entries: list[Ints] = field(default_factory=list)
    next_s: list[Array] = field(default_factory=list)
    runs: list[TimedRun] = field(default_factory=list)

    def add(self, blocks: Sequence[TimedBlock], entry: int) -> None:
        """Add what one block became."""
        self.entries.append(np.array([entry]))
        self.next_s.append(np.array([self.intake.next_s]))
        for block in blocks:
            n = np.array([len(block.samples)])
            start_s = np.array([block.start_s])
            self.runs.append(TimedRun(self.stream, np.array([entry]), start_s, n, block.period_s, block.samples))

    def run(self) -> TimedRun | None:
        """Return all of it; None when nothing came of it."""
        runs = self.runs
        if len(runs) < 2:
            return runs[0] if runs else None
        columns = ("entries", "start_s", "lengths", "samples")
        entries, start_s, lengths, samples = (np.concatenate([getattr(run, name) for run in runs]) for name in columns)
        return TimedRun(self.stream, entries, start_s, lengths, runs[0].period_s, samples)


@dataclass(slots=True)
class _Merged:
    """Blocks of all streams of a sensor in the order in which they came, (n,)."""

    runs: Sequence[BlockRun]
    stream: Ints
    row: Ints
    last_s: Array
    host_s: Array

    @classmethod
    def of(cls, runs: Sequence[BlockRun], epoch_ns: int) -> _Merged:
        """Merge them."""
        order = np.concatenate([run.order for run in runs]).argsort(kind="stable")
        sizes = [len(run) for run in runs]
        last_s = [run.device_s + (run.lengths - 1) * (1.0 / run.stream.fs_hz) for run in runs]
        host_ns = np.concatenate([run.host_ns for run in runs])
        return cls(
            runs,
            np.repeat(np.arange(len(runs)), sizes)[order],
            np.concatenate([np.arange(n) for n in sizes])[order],
            np.concatenate(last_s)[order],
            (host_ns[order] - epoch_ns) * 1e-9,
        )


def time_runs(device: DeviceIntake, runs: Sequence[BlockRun], epoch_ns: int, entry: int) -> list[Timed]:
    """Put blocks of a sensor on the session clock.

    Parameters
    ----------
    device : DeviceIntake
        Knows all these streams.
    runs : sequence of BlockRun
        One for each stream, none empty.
    epoch_ns : int
    entry : int
        Number in the session of the entry whose blocks are of order 0.
    """
    merged = _Merged.of(runs, epoch_ns)
    known = [device.known(run.stream) for run in runs]
    found = [Timed(stream, intake, intake.next_s) for stream, intake in (pair for pair in known if pair is not None)]
    ends = [run.lengths.cumsum() for run in runs]
    at, alone, n = 0, 1, len(merged.row)
    while at < n:
        plain = _plain(device, found, merged, at) if n - at >= WORTH else at
        if plain > at:
            _take(device, found, merged, slice(at, plain), entry)
        alone = 1 if plain - at >= WORTH else max(2 * alone, WORTH)  # columns are not tried again and again in vain
        at = min(plain + alone, n)
        for k in range(plain, at):
            which, row = int(merged.stream[k]), int(merged.row[k])
            block = runs[which].block(row, int(ends[which][row]))
            found[which].add(device.time(block, epoch_ns), entry + int(runs[which].order[row] >> ORDER_BITS))
    return found


def _plain(device: DeviceIntake, found: Sequence[Timed], merged: _Merged, at: int) -> int:
    """Return the first block from `at` on that is not plain."""
    late_s = device.clock.late_s(merged.last_s[at:], merged.host_s[at:])
    if late_s is None:
        return at
    least_late_s, most_late_s = late_s
    good = (least_late_s >= -EARLY_S) & (most_late_s <= LEAP_S)
    earliest_s = merged.host_s[at:] - most_late_s + device.shift_s
    for k, (timed, run) in enumerate(zip(found, merged.runs, strict=True)):
        here = np.flatnonzero(merged.stream[at:] == k)
        if len(here):
            good[here] &= _follow(timed.intake, run, int(merged.row[at + here[0]]), earliest_s[here])
    return at + (len(good) if good.all() else int(good.argmin()))


def _follow(intake: StreamIntake, run: BlockRun, row: int, earliest_s: Array) -> NDArray[np.bool_]:
    """Whether each block from `row` on goes on where the last one of its stream ended; `earliest_s` are their times."""
    expected, last = intake.counter.expected, intake.last
    if intake.first is None or expected is None or last is None:
        return np.zeros(len(run) - row, np.bool_)
    first, lengths, host_ns, fs_hz = run.first[row:], run.lengths[row:], run.host_ns[row:], run.stream.fs_hz
    ends = first + lengths
    follows: NDArray[np.bool_] = (lengths > 0) & (earliest_s - intake.began_s >= MEMORY_S + NEARLY_S)
    follows[0] &= first[0] == expected and abs((first[0] - last[0]) / fs_hz - (host_ns[0] - last[1]) * 1e-9) <= LEAP_S
    passed_s = (host_ns[1:] - host_ns[:-1]) * 1e-9
    follows[1:] &= (first[1:] == ends[:-1]) & (np.abs((first[1:] - first[:-1]) / fs_hz - passed_s) <= LEAP_S)
    return follows


def _take(device: DeviceIntake, found: Sequence[Timed], merged: _Merged, blocks: slice, entry: int) -> None:
    """Take blocks that are plain."""
    at_s, offset_s, skew = device.clock.add_many(merged.last_s[blocks], merged.host_s[blocks])
    stream, row = merged.stream[blocks], merged.row[blocks]
    for k, (timed, run) in enumerate(zip(found, merged.runs, strict=True)):
        here = np.flatnonzero(stream == k)
        if not len(here):
            continue
        part, intake, period_s = (
            run.part(int(row[here[0]]), int(row[here[-1]]) + 1),
            timed.intake,
            1.0 / run.stream.fs_hz,
        )
        start_s = part.device_s + (offset_s[here] + skew[here] * (part.device_s - at_s[here])) + device.shift_s
        next_s = start_s + part.lengths * period_s
        first, n = int(part.first[-1]), int(part.lengths[-1])
        intake.last, intake.doubted = (first, int(part.host_ns[-1])), None
        intake.counter.follow(len(part.samples), first + n)
        intake.note_rate(first + n - 1, float(start_s[-1]) + (n - 1) * period_s)
        intake.next_s = float(next_s[-1])
        entries = entry + (part.order >> ORDER_BITS)
        timed.entries.append(entries)
        timed.next_s.append(next_s)
        timed.runs.append(TimedRun(timed.stream, entries, start_s, part.lengths, period_s, part.samples))
