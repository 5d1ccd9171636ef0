"""What raw values say of the electrode's contact: constant, cut off at the top, or thrown to another offset."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgmon.dsp.device_class import CALIBRATED_UNITS
from emgmon.model import Array

Flags = NDArray[np.bool_]

FULL = 0.98
"""Share of full scale from which on a sample is cut off, where full scale is known."""
ABRUPT_S = 0.020
"""A step takes no longer than this; what takes longer is drift."""


@dataclass(frozen=True, slots=True)
class ContactSettings:
    """Limits of what is constant.

    Attributes
    ----------
    flat_uv, flat_s : float
        Spread of a quarter second below which there is no signal, where the scale is known; and the longest time that
        one value may be repeated.
    run : int
        Equal extremes in a row that are called cut off.
    clear : float
        An extreme must be so many converter steps from the middle.
    piled : int
        So many samples at an extreme, and no fewer than in the tenth of the range next to it, are a pile: what is not
        cut off has ever fewer samples towards its extremes.
    """

    flat_uv: float = 0.3
    flat_s: float = 0.050
    run: int = 3
    clear: float = 16.0
    piled: int = 8


class Contact(NamedTuple):
    """One second: whether it is `constant`, its share of `clipped` samples, and the `step` of the offset in it.

    `step` is in the unit of the signal, 0 without one, and `step_share` that over the range known so far.
    """

    constant: bool
    clipped: float
    step: float
    step_share: float


@dataclass(slots=True)
class _Pile:
    """Samples at an extreme and beside it since it became the extreme."""

    extreme: float = math.nan
    at: int = 0
    beside: int = 0

    def add(self, values: Array, extreme: float, width: float) -> None:
        """Take the newest values; those within `width` of the extreme are beside it."""
        if extreme != self.extreme:
            self.extreme, self.at, self.beside = extreme, 0, 0
        at = int((values == extreme).sum())
        self.at += at
        self.beside += int((np.abs(values - extreme) <= width).sum()) - at


@dataclass(slots=True)
class ContactWatch:
    """Judges raw seconds of one channel; online.

    Attributes
    ----------
    full_scale : float
        Largest magnitude that the converter gives, NaN where nobody knows: then runs at the largest and smallest value
        seen so far, and piles of samples there, tell what is cut off.
    raw : bool
        False for an envelope: its values may be held, and its top is round, so only full scale tells.
    """

    fs_hz: float
    unit: str
    full_scale: float = math.nan
    settings: ContactSettings = ContactSettings()
    raw: bool = True
    _extremes: tuple[float, float] = (math.inf, -math.inf)
    _piles: tuple[_Pile, _Pile] = field(default_factory=lambda: (_Pile(), _Pile()))
    _step: float = math.inf

    def judge(self, raw: Array) -> Contact:
        """Take the next window of one second, (n,), NaN where lost; at least a half is there."""
        there = np.isfinite(raw)
        raw = np.where(there, raw, math.nan)
        values = raw[there]
        steps = np.abs(np.diff(values))
        same = steps == 0.0
        if not same.all():
            self._step = min(self._step, float(steps[~same].min()))
        low, high = float(values.min()), float(values.max())
        self._extremes = (min(low, self._extremes[0]), max(high, self._extremes[1]))
        limit = 0.5 * self._step if math.isfinite(self._step) else 0.0
        if self.unit in CALIBRATED_UNITS:
            limit = max(limit, self.settings.flat_uv)
        newest = values[-len(raw) // 4 :]
        if float(newest.std()) <= limit or (same.any() and self._frozen(values, same)):
            return Contact(constant=True, clipped=0.0, step=0.0, step_share=0.0)
        return Contact(False, self._clipped(values, same), *self._thrown(raw))

    def _frozen(self, values: Array, same: Flags) -> bool:
        """Whether one value is repeated for too long; a coarse converter may repeat a value that lies in the noise."""
        longest_s = max(self.settings.flat_s * self.fs_hz, 24.0)
        return float(np.ptp(values)) > self.settings.clear * self._step and longest(same) >= longest_s

    def _clipped(self, values: Array, same: Flags) -> float:
        """Share of samples that are cut off."""
        at_top = int((np.abs(values) >= FULL * self.full_scale).sum()) if self.full_scale > 0.0 else 0
        return max(self._at_extremes(values, same) if self.raw else 0, at_top) / len(values)

    def _at_extremes(self, values: Array, same: Flags) -> int:
        """How many samples of a second are in runs at an extreme, or at one where samples pile up."""
        middle, count = float(np.median(values)), 0
        for extreme, pile in zip(self._extremes, self._piles, strict=True):
            reach = abs(extreme - middle)
            if not reach > self.settings.clear * self._step:
                continue
            at = values == extreme
            pile.add(values[-len(values) // 4 :], extreme, max(0.1 * reach, 4.0 * self._step))
            if pile.at >= max(self.settings.piled, pile.beside):
                count += int(at.sum())
            elif same.any():
                count += _in_runs(at, self.settings.run)
        return count

    def _thrown(self, raw: Array) -> tuple[float, float]:
        """Step of the offset from the first to the last quarter of the second, if it came at once."""
        quarter, apart = len(raw) // 4, max(1, round(ABRUPT_S * self.fs_hz))
        before, after = (part[np.isfinite(part)] for part in (raw[:quarter], raw[-quarter:]))
        if len(before) * 2 < quarter or len(after) * 2 < quarter:
            return 0.0, 0.0
        step = abs(float(np.median(after)) - float(np.median(before)))
        jumps = np.abs(raw[apart:] - raw[:-apart])
        if not step > 0.0 or not float(np.fmax.reduce(jumps, initial=0.0)) >= 0.5 * step:
            return 0.0, 0.0
        spread = 2.0 * self.full_scale if self.full_scale > 0.0 else self._extremes[1] - self._extremes[0]
        return step, step / spread


def _runs(flags: Flags) -> NDArray[np.int64]:
    """Lengths of the runs of true."""
    edges = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    return np.asarray(np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1))


def longest(flags: Flags) -> int:
    """Length of the longest run of true."""
    return int(_runs(flags).max(initial=0))


def _in_runs(flags: Flags, least: int) -> int:
    """How many flags stand in runs of at least so many."""
    lengths = _runs(flags)
    return int(lengths[lengths >= least].sum())
