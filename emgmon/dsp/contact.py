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


class Facts(NamedTuple):
    """What is cheaply known of a window without gaps, and mostly enough to judge it.

    Attributes
    ----------
    low, high : float
        Least and largest value.
    step : float
        Smallest step between neighbours that differ, infinite when none do.
    same : int
        Neighbours that do not differ.
    spread : float
        Standard deviation of the newest quarter.
    moved : float
        The medians of the first and the newest quarter are at most so far apart.
    """

    low: float
    high: float
    step: float
    same: int
    spread: float
    moved: float = math.inf


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

    def judge(self, raw: Array, facts: Facts | None = None, *, least_step: float = 0.0) -> Contact:
        """Take the next window of one second.

        Parameters
        ----------
        raw : (n,) array
            NaN where lost; at least a half is there.
        facts : Facts, optional
            Of a window without gaps, where they are known (`facts_of_windows`).
        least_step : float
            A step of the offset up to this is told as none; nobody has to look for it.
        """
        values = raw
        if facts is None:
            there = np.isfinite(raw)
            raw = np.where(there, raw, math.nan)
            values = raw[there]
            facts = _facts_of(values, -len(raw) // 4)
        self._step = min(self._step, facts.step)
        self._extremes = (min(facts.low, self._extremes[0]), max(facts.high, self._extremes[1]))
        limit = 0.5 * self._step if math.isfinite(self._step) else 0.0
        if self.unit in CALIBRATED_UNITS:
            limit = max(limit, self.settings.flat_uv)
        if facts.spread <= limit or (facts.same and self._frozen(values, facts)):
            return Contact(constant=True, clipped=0.0, step=0.0, step_share=0.0)
        most = min(facts.high - facts.low, facts.moved)
        step, share = self._thrown(raw) if most > least_step else (0.0, 0.0)
        return Contact(constant=False, clipped=self._clipped(values, facts), step=step, step_share=share)

    def _frozen(self, values: Array, facts: Facts) -> bool:
        """Whether one value is repeated for too long; a coarse converter may repeat a value that lies in the noise."""
        longest_n = max(self.settings.flat_s * self.fs_hz, 24.0)
        if facts.same < longest_n or not facts.high - facts.low > self.settings.clear * self._step:
            return False
        return longest(np.diff(values) == 0.0) >= longest_n

    def _clipped(self, values: Array, facts: Facts) -> float:
        """Share of samples that are cut off."""
        full = FULL * self.full_scale
        reached = self.full_scale > 0.0 and max(facts.high, -facts.low) >= full
        at_top = int((np.abs(values) >= full).sum()) if reached else 0
        return max(self._at_extremes(values, facts) if self.raw else 0, at_top) / len(values)

    def _at_extremes(self, values: Array, facts: Facts) -> int:
        """How many samples of a second are in runs at an extreme, or at one where samples pile up."""
        middle, count, clear = math.nan, 0, self.settings.clear * self._step
        nearest = (facts.low - self._extremes[0], self._extremes[1] - facts.high)
        for extreme, pile, near in zip(self._extremes, self._piles, nearest, strict=True):
            farthest = max(abs(extreme - facts.low), abs(extreme - facts.high))
            if not farthest > clear or near > max(0.1 * farthest, 4.0 * self._step):
                continue
            middle = _median(values) if math.isnan(middle) else middle
            reach = abs(extreme - middle)
            if not reach > clear:
                continue
            at = values == extreme
            pile.add(values[-len(values) // 4 :], extreme, max(0.1 * reach, 4.0 * self._step))
            n_at = int(at.sum())
            if pile.at >= max(self.settings.piled, pile.beside):
                count += n_at
            elif facts.same and n_at >= self.settings.run:
                count += _in_runs(at, self.settings.run)
        return count

    def _thrown(self, raw: Array) -> tuple[float, float]:
        """Step of the offset from the first to the last quarter of the second, if it came at once."""
        quarter, apart = len(raw) // 4, max(1, round(ABRUPT_S * self.fs_hz))
        before, after = (part[np.isfinite(part)] for part in (raw[:quarter], raw[-quarter:]))
        if len(before) * 2 < quarter or len(after) * 2 < quarter:
            return 0.0, 0.0
        step = abs(_median(after) - _median(before))
        jumps = np.abs(raw[apart:] - raw[:-apart])
        if not step > 0.0 or not float(np.fmax.reduce(jumps, initial=0.0)) >= 0.5 * step:
            return 0.0, 0.0
        return step, step / (self._extremes[1] - self._extremes[0])


def _facts_of(values: Array, newest: int) -> Facts:
    """Return the facts of one window, of which those from index `newest` on are the newest quarter."""
    steps = np.abs(np.diff(values))
    moved = steps[steps != 0.0]
    step = float(moved.min()) if len(moved) else math.inf
    spread = float(values[newest:].std())
    return Facts(float(values.min()), float(values.max()), step, len(steps) - len(moved), spread)


def facts_of_windows(samples: Array, hop: int) -> list[Facts]:
    """Return the facts of each window of four hops, a hop apart; vectorised.

    Parameters
    ----------
    samples : (n_hops · hop,) array
        Without gaps.
    hop : int
    """
    rows, n = samples.reshape(-1, hop), len(samples) // hop - 3
    steps = np.full(rows.shape, math.inf)
    np.abs(np.diff(samples), out=steps.reshape(-1)[1:])
    same, joint_same = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    equal = steps == 0.0
    if equal.any():
        steps[equal] = math.inf
        same, joint_same = equal[:, 1:].sum(axis=1), equal[:, 0].astype(np.int64)
    inside = steps[:, 1:].min(axis=1)
    both = np.minimum(inside, steps[:, 0])
    low, high, spread = rows.min(axis=1), rows.max(axis=1), rows.std(axis=1)
    return list(
        map(
            Facts,
            np.minimum.reduce([low[k : n + k] for k in range(4)]).tolist(),
            np.maximum.reduce([high[k : n + k] for k in range(4)]).tolist(),
            np.minimum.reduce([inside[:n], *(both[k : n + k] for k in (1, 2, 3))]).tolist(),
            np.add.reduce([same[:n], *(same[k : n + k] + joint_same[k : n + k] for k in (1, 2, 3))]).tolist(),
            spread[3:].tolist(),
            _apart(rows.mean(axis=1), spread).tolist(),
        )
    )


def _apart(mean: Array, spread: Array) -> Array:
    """How far the medians of quarters three apart can be: a median is within a standard deviation of the mean."""
    return np.asarray((np.abs(mean[3:] - mean[:-3]) + spread[3:] + spread[:-3]) * (1.0 + 1e-9))


def _median(values: Array) -> float:
    """Median of values without NaN."""
    half = len(values) // 2
    if len(values) % 2:
        return float(np.partition(values, half)[half])
    low, high = np.partition(values, (half - 1, half))[half - 1 : half + 1].tolist()
    return float((low + high) / 2.0)


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
