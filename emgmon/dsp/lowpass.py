"""A slow low-pass that begins with a mean: for directions that must be right from the first sample on."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from scipy import signal

from emgmon.model import Array

SHORT = 8
"""Fewer samples of the mean at the start are taken one by one."""


@dataclass(slots=True)
class LowPass:
    """Second-order Butterworth low-pass of a few numbers at a time; online, delay `time_s` for slow changes.

    Until `settle_s` it gives the mean of all so far, which then becomes its state.

    Attributes
    ----------
    time_s : float
        Time constant: the corner lies at √2 / (2π · time_s).
    fs_hz : float
    width : int
        Numbers in a sample.
    settle_s : float
        By default `time_s`.
    """

    time_s: float
    fs_hz: float
    width: int
    settle_s: float = math.nan
    _b: float = field(init=False)
    _a1: float = field(init=False)
    _a2: float = field(init=False)
    _n: int = 0
    _need: int = field(init=False)
    _sum: list[float] = field(init=False)
    _z1: list[float] = field(init=False)
    _z2: list[float] = field(init=False)

    def __post_init__(self) -> None:
        corner = min(math.sqrt(2.0) / (2.0 * math.pi * self.time_s), 0.45 * self.fs_hz)
        c = math.tan(math.pi * corner / self.fs_hz)
        d = c * c + math.sqrt(2.0) * c + 1.0
        self._b, self._a1, self._a2 = c * c / d, 2.0 * (c * c - 1.0) / d, (c * c - math.sqrt(2.0) * c + 1.0) / d
        settle_s = self.time_s if math.isnan(self.settle_s) else self.settle_s
        self._need = max(1, round(settle_s * self.fs_hz))
        self._sum = [0.0] * self.width
        self._z1, self._z2 = [0.0] * self.width, [0.0] * self.width

    def step(self, row: list[float]) -> list[float]:
        """Take one sample, give the low-passed one."""
        if self._n < self._need:
            self._n += 1
            self._sum = [total + x for total, x in zip(self._sum, row, strict=True)]
            out = [total / self._n for total in self._sum]
            if self._n == self._need:
                self._z1 = [(1.0 - self._b) * x for x in out]
                self._z2 = [(self._b - self._a2) * x for x in out]
            return out
        b, a1, a2 = self._b, self._a1, self._a2
        out = [b * x + z for x, z in zip(row, self._z1, strict=True)]
        self._z1 = [2.0 * b * x - a1 * y + z for x, y, z in zip(row, out, self._z2, strict=True)]
        self._z2 = [b * x - a2 * y for x, y in zip(row, out, strict=True)]
        return out

    def step3(self, x: float, y: float, z: float) -> tuple[float, float, float]:
        """Take one sample of three numbers; as `step`, quicker."""
        if self._n < self._need:
            low = self.step([x, y, z])
            return low[0], low[1], low[2]
        b, a1, a2 = self._b, self._a1, self._a2
        (px, py, pz), (qx, qy, qz) = self._z1, self._z2
        bx, by, bz = b * x, b * y, b * z
        u, v, w = bx + px, by + py, bz + pz
        self._z1 = [2.0 * bx - a1 * u + qx, 2.0 * by - a1 * v + qy, 2.0 * bz - a1 * w + qz]
        self._z2 = [bx - a2 * u, by - a2 * v, bz - a2 * w]
        return u, v, w

    def run(self, rows: Array) -> Array:
        """Take many samples, (n, width), give the low-passed ones: the same bits as one by one."""
        begin = min(self._need - self._n, len(rows))
        out = np.empty((len(rows), self.width))
        for k in range(begin if begin < SHORT else 0):
            out[k] = self.step(rows[k].tolist())
        if begin >= SHORT:
            total = np.cumsum(np.concatenate([[self._sum], rows[: begin - 1]]), axis=0)
            out[: begin - 1] = total[1:] / (self._n + np.arange(1, begin))[:, None]
            self._sum, self._n = total[-1].tolist(), self._n + begin - 1
            out[begin - 1] = self.step(rows[begin - 1].tolist())
        if begin < len(rows):
            b, a = [self._b, 2.0 * self._b, self._b], [1.0, self._a1, self._a2]
            out[begin:], state = signal.lfilter(b, a, rows[begin:], axis=0, zi=np.array([self._z1, self._z2]))
            self._z1, self._z2 = state.tolist()
        return out
