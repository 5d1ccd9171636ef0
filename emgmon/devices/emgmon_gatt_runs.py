"""Data packets of the open profile, many at once: as long as each is like the first and follows the last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emgmon.devices.bits import int24
from emgmon.model import Array, BlockRun, Ints, Octets, PacketRun, Stream
from emgmon.model.runs import ORDER_BITS

HEADER_BYTES = 14
_INDEX_AT, _TIME_AT, _SAMPLES_AT = 4, 8, 13
_ALIKE = [0, 12, 13]
"""Bytes of the header that are the same in all: version and coding, mask, samples."""

_TURN, _HALF = 1 << 32, 1 << 31


@dataclass(frozen=True, slots=True)
class Plain:
    """Packets of one stream that are plain.

    Attributes
    ----------
    stream : Stream
    numbers : (n,) int array
        Which packets of the run they are.
    index, device_us : (n,) int arrays
        Of their first samples, unwrapped.
    rows : (n, size) array of bytes
    scale : float or (width,) array
        Unit of a count.
    stop : int
        Number of the first packet that is not plain; that behind the run when all are.
    """

    stream: Stream
    numbers: Ints
    index: Ints
    device_us: Ints
    rows: Octets
    scale: float | Array
    stop: int

    def blocks(self, run: PacketRun, n: int) -> BlockRun:
        """Return the blocks of the first n packets."""
        n_samples = int(self.rows[0, _SAMPLES_AT])
        return BlockRun(
            self.stream,
            self.numbers[:n] << ORDER_BITS,
            self.index[:n],
            np.asarray(self.device_us[:n] * 1e-6, np.float64),
            run.host_ns[self.numbers[:n]],
            np.full(n, n_samples),
            self._samples(n, n * n_samples),
        )

    def _samples(self, n: int, total: int) -> Array:
        size = self.rows.shape[1]
        if self.rows[0, 0] & 0x0F:
            counts = int24(self.rows[:n, HEADER_BYTES:].tobytes())
        else:
            counts = np.ndarray((n, (size - HEADER_BYTES) // 2), "<i2", self.rows, HEADER_BYTES, (size, 2))
        samples: Array = counts.reshape(total, -1) * self.scale
        return samples[:, : self.stream.width]


def look(
    run: PacketRun, numbers: Ints, stream: Stream, scale: float | Array, previous: tuple[int, int], most_s: float
) -> Plain:
    """Read packets of one stream, the first of which is right, for as long as they are plain.

    Parameters
    ----------
    run : PacketRun
    numbers : (n,) int array
        Which packets of it.
    stream : Stream
    scale : float or (width,) array
    previous : (int, int)
        Index and time, µs, of the packet before.
    most_s : float
        By so much index and time of two packets may disagree; 2 % of the time between them come on top.
    """
    sizes = (run.stop - run.start)[numbers]
    n = _count(sizes == sizes[0])
    rows = run.rows(numbers[:n], int(sizes[0]))
    alike = (rows[:, _ALIKE] == rows[0, _ALIKE]).all(axis=1)
    index_step, index = _unwrapped(rows, _INDEX_AT, previous[0])
    time_step, device_us = _unwrapped(rows, _TIME_AT, previous[1])
    step_s = time_step * 1e-6
    strayed_s = np.abs(index_step / stream.fs_hz - step_s)
    n = _count(alike & (strayed_s <= most_s + 0.02 * np.abs(step_s)))
    stop = int(numbers[n]) if n < len(numbers) else len(run)
    return Plain(stream, numbers[:n], index[:n], device_us[:n], rows[:n], scale, stop)


def _count(good: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int:
    """Count how many are good before the first that is not."""
    return len(good) if good.all() else int(good.argmin())


def _unwrapped(rows: Octets, at: int, previous: int) -> tuple[Ints, Ints]:
    """Return the steps from number to number of 32 bits, each the shortest, and where they lead."""
    raw = np.ndarray((len(rows),), "<u4", rows, at, (rows.shape[1],)).astype(np.int64)
    step = np.empty_like(raw)
    step[0] = raw[0] - previous % _TURN
    np.subtract(raw[1:], raw[:-1], out=step[1:])
    step = ((step + _HALF) & (_TURN - 1)) - _HALF
    return step, previous + step.cumsum()
