"""What raw values say of the electrode's contact: constant, cut off at the top, or thrown to another offset."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgmon.dsp.compiled import kernel
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


class Facts(NamedTuple):
    """What is cheaply known of n windows and mostly enough to judge them, (n,) each.

    Attributes
    ----------
    low, high : array
        Least and largest value.
    step : array
        Smallest step between neighbours that differ, infinite when none do.
    same : array
        Neighbours that do not differ.
    spread : array
        Standard deviation of the newest quarter.
    moved : array
        The medians of the first and the newest quarter are at most so far apart.
    middle : array
        Mean.
    """

    low: Array
    high: Array
    step: Array
    same: Array
    spread: Array
    moved: Array
    middle: Array


class Contact(NamedTuple):
    """What `ContactWatch` says of n windows, (n,) each.

    Which are `constant`, the share of `clipped` samples, and the `range` that was seen up to there.
    """

    constant: Flags
    clipped: Array
    range: Array


NOTHING = math.inf, -math.inf, math.inf, 0.0, math.inf, 0.0, math.nan
"""Of a window that is not looked at."""


@dataclass(slots=True)
class _Pile:
    """Samples at an extreme and beside it since it became the extreme."""

    extreme: float = math.nan
    at: int = 0
    beside: int = 0

    def add(self, extreme: float, at: int, beside: int) -> None:
        """Take how many of the newest samples are at the extreme and beside it."""
        if extreme != self.extreme:
            self.extreme, self.at, self.beside = extreme, 0, 0
        self.at += at
        self.beside += beside


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

    def saved(self) -> ContactWatch:
        """Return a copy."""
        kept = copy.copy(self)
        kept._piles = copy.copy(self._piles[0]), copy.copy(self._piles[1])  # noqa: SLF001 its own kind
        return kept

    def judge(self, raw: Array, there: NDArray[np.int64], facts: Facts) -> Contact:
        """Take the next windows of one second; vectorised.

        Parameters
        ----------
        raw : (n, size) array
            NaN where lost.
        there : (n,) array
            How many samples of each are not lost; where half or more are, nothing is looked at.
        facts : Facts
        """
        n, size = raw.shape
        looked = there > 0.5 * size
        if not looked.all():
            facts = Facts(*(np.where(looked, each, none) for each, none in zip(facts, NOTHING, strict=True)))
        step = _least(facts.step, self._step)
        lows, highs = _least(facts.low, self._extremes[0]), -_least(-facts.high, -self._extremes[1])
        self._step, self._extremes = float(step[-1]), (float(lows[-1]), float(highs[-1]))
        limit = np.where(np.isfinite(step), 0.5 * step, 0.0)
        if self.unit in CALIBRATED_UNITS:
            limit = np.maximum(limit, self.settings.flat_uv)
        constant = looked & (facts.spread <= limit)
        if facts.same.any():
            self._freeze(constant, raw, facts, step)
        count = np.zeros(n, np.int64)
        judged = looked & ~constant
        if self.raw:
            self._pile(count, np.stack([lows, highs]), raw, facts, step, judged)
        if self.full_scale > 0.0:
            full = FULL * self.full_scale
            for k in (judged & (np.maximum(facts.high, -facts.low) >= full)).nonzero()[0].tolist():
                count[k] = max(count[k], int((np.abs(raw[k]) >= full).sum()))
        return Contact(constant, count / np.maximum(there, 1), highs - lows)

    def _freeze(self, constant: Flags, raw: Array, facts: Facts, step: Array) -> None:
        """Mark where one value is repeated for too long; a coarse converter may repeat one that lies in the noise."""
        longest_n = max(self.settings.flat_s * self.fs_hz, 24.0)
        apart = facts.high - facts.low > self.settings.clear * step
        for k in (~constant & (facts.same >= longest_n) & apart).nonzero()[0].tolist():
            constant[k] = longest(np.diff(raw[k][np.isfinite(raw[k])]) == 0.0) >= longest_n

    def _pile(
        self, count: NDArray[np.int64], extremes: Array, raw: Array, facts: Facts, step: Array, judged: Flags
    ) -> None:
        """Add to `count` the samples that are in runs at an extreme, (2, n), or at one where samples pile up."""
        clear, width = self.settings.clear * step, 4.0 * step
        with np.errstate(invalid="ignore"):  # nothing was seen yet, or nothing differs
            low, high = np.abs(extremes - facts.low), np.abs(extremes - facts.high)
            farthest, near = np.maximum(low, high), np.minimum(low, high)
            reach = np.abs(extremes - facts.middle)
            found = (near <= np.maximum(0.1 * farthest, width)) & (np.minimum(farthest, reach) > clear) & judged
        side, where = found.nonzero()
        if not len(where):
            return
        extreme, widths = extremes[side, where], np.maximum(0.1 * reach[side, where], width[where])
        loops = kernel()
        counts = (loops.counts_of if loops else _counts)(raw, where, extreme, widths)
        columns = side.tolist(), where.tolist(), extreme.tolist(), counts.tolist()
        for which, k, value, (at, beside, at_all) in zip(*columns, strict=True):
            pile = self._piles[which]
            pile.add(value, at, beside)
            if pile.at >= max(self.settings.piled, pile.beside):
                count[k] += at_all
            elif at_all >= self.settings.run and facts.same[k]:
                count[k] += _in_runs(raw[k][np.isfinite(raw[k])] == value, self.settings.run)

    def thrown(self, raw: Array, facts: Facts, contact: Contact, least_step: Array, share: float) -> Flags:
        """Which of some windows hold a sudden step of the offset, (n,).

        Parameters
        ----------
        raw : (n, size) array
        facts : Facts
        contact : Contact
            Of these windows.
        least_step : (n,) array
            A step up to this is none; infinite where a window is not to be looked at.
        share : float
            One up to this share of the range that was seen is none either.
        """
        found: Flags = ~contact.constant & (np.minimum(facts.high - facts.low, facts.moved) > least_step)
        for k in found.nonzero()[0].tolist():
            step = self._thrown(raw[k])
            found[k] = step > least_step[k] and step / contact.range[k] > share
        return found

    def _thrown(self, raw: Array) -> float:
        """Step of the offset from the first to the last quarter of a second, if it came at once; otherwise 0."""
        quarter, apart = len(raw) // 4, max(1, round(ABRUPT_S * self.fs_hz))
        before, after = raw[:quarter], raw[-quarter:]
        if math.isnan(float(raw.sum())):
            before, after = before[np.isfinite(before)], after[np.isfinite(after)]
            if len(before) * 2 < quarter or len(after) * 2 < quarter:
                return 0.0
        step = abs(median_of(after) - median_of(before))
        jumps = np.abs(raw[apart:] - raw[:-apart])
        return step if step > 0.0 and float(np.fmax.reduce(jumps, initial=0.0)) >= 0.5 * step else 0.0


def _counts(raw: Array, where: NDArray[np.int64], extremes: Array, widths: Array) -> NDArray[np.int64]:
    """Count samples at an extreme and beside it in the newest quarter, and at it in all, of windows, (m, 3)."""
    rows, extreme = raw[where], extremes[:, None]
    newest = rows[:, -(rows.shape[1] // 4) :]
    at = (newest == extreme).sum(axis=1)
    beside = (np.abs(newest - extreme) <= widths[:, None]).sum(axis=1) - at
    return np.stack([at, beside, (rows == extreme).sum(axis=1)], axis=1)


def facts_with_gaps(window: Array) -> tuple[float, ...]:
    """Return the facts of one window of which some is lost."""
    values = window[np.isfinite(window)]
    steps = np.abs(np.diff(values))
    apart = steps[steps != 0.0]
    step = float(apart.min()) if len(apart) else math.inf
    spread = float(values[-len(values) // 4 :].std())
    same = float(len(steps) - len(apart))
    return float(values.min()), float(values.max()), step, same, spread, math.inf, float(values.mean())


def facts_of_windows(samples: Array, hop: int) -> Facts:
    """Return the facts of each window of four hops, a hop apart; vectorised.

    Parameters
    ----------
    samples : (n_hops · hop,) array
        Windows with NaN in them get no facts.
    hop : int
    """
    rows, n = samples.reshape(-1, hop), len(samples) // hop - 3
    steps = np.full(rows.shape, math.inf)
    flat = steps.reshape(-1)[1:]
    np.subtract(samples[1:], samples[:-1], out=flat)
    np.abs(flat, out=flat)
    inside = steps[:, 1:].min(axis=1)
    same, joint_same = np.zeros(len(rows)), np.zeros(len(rows))
    if not np.minimum(inside, steps[:, 0]).all():
        equal = steps == 0.0
        steps[equal] = math.inf
        same, joint_same = equal[:, 1:].sum(axis=1, dtype=np.float64), equal[:, 0].astype(np.float64)
        inside = steps[:, 1:].min(axis=1)
    both = np.minimum(inside, steps[:, 0])
    low, high, mean = rows.min(axis=1), rows.max(axis=1), rows.mean(axis=1)
    away = np.subtract(rows, mean[:, None], out=steps)
    away *= away
    spread = np.sqrt(away.mean(axis=1))
    return Facts(
        np.minimum.reduce([low[k : n + k] for k in range(4)]),
        np.maximum.reduce([high[k : n + k] for k in range(4)]),
        np.minimum.reduce([inside[:n], *(both[k : n + k] for k in (1, 2, 3))]),
        np.add.reduce([same[:n], *(same[k : n + k] + joint_same[k : n + k] for k in (1, 2, 3))]),
        spread[3:].copy(),
        (np.abs(mean[3:] - mean[:-3]) + spread[3:] + spread[:-3]) * (1.0 + 1e-9),
        mean_of_quarters([mean[k : n + k] for k in range(4)]),
    )


def mean_of_quarters(means: Sequence[Array] | Array) -> Array:
    """Mean of windows of which the means of all quarters are given, four of (n,)."""
    return np.asarray((means[0] + means[1] + means[2] + means[3]) / 4.0)


def _least(values: Array, before: float) -> Array:
    """Least value up to each one, and before."""
    return np.asarray(np.minimum.accumulate(np.concatenate([[before], values]))[1:])


def median_of(values: Array) -> float:
    """Median of values without NaN."""
    half = len(values) // 2
    if len(values) % 2:
        return float(np.partition(values, half)[half])
    low, high = np.partition(values, (half - 1, half))[half - 1 : half + 1].tolist()
    return float((low + high) / 2.0)


def _runs(flags: Flags) -> NDArray[np.int64]:
    """Lengths of the runs of true."""
    edges = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    return np.asarray((edges == -1).nonzero()[0] - (edges == 1).nonzero()[0])


def longest(flags: Flags) -> int:
    """Length of the longest run of true."""
    return int(_runs(flags).max(initial=0))


def _in_runs(flags: Flags, least: int) -> int:
    """How many flags stand in runs of at least so many."""
    lengths = _runs(flags)
    return int(lengths[lengths >= least].sum())
