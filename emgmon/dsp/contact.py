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
    low, high : list of float
        Least and largest value.
    step : list of float
        Smallest step between neighbours that differ, infinite when none do.
    same : list of float
        Neighbours that do not differ.
    spread : list of float
        Standard deviation of the newest quarter.
    moved : list of float
        The medians of the first and the newest quarter are at most so far apart.
    middle : list of float
        Mean.
    """

    low: list[float]
    high: list[float]
    step: list[float]
    same: list[float]
    spread: list[float]
    moved: list[float]
    middle: list[float]


class Contact(NamedTuple):
    """What `ContactWatch` says of n windows, (n,) each.

    Which are `constant`, the share of `clipped` samples, and the `range` that was seen up to there.
    """

    constant: list[bool]
    clipped: list[float]
    range: list[float]


class _Extreme(NamedTuple):
    """Window `at` comes near an extreme, the lowest (`side` 0) or highest: samples within `width` lie beside it."""

    at: int
    side: int
    extreme: float
    width: float


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

    def judge(self, raw: Array, there: Sequence[int], facts: Facts) -> Contact:
        """Take the next windows of one second.

        Parameters
        ----------
        raw : (n, size) array
            NaN where lost.
        there : (n,) sequence of int
            How many samples of each are not lost; where half or more are, nothing is looked at.
        facts : Facts
        """
        low, high = self._extremes
        calibrated, half = self.unit in CALIBRATED_UNITS, 0.5 * raw.shape[1]
        longest_n = max(self.settings.flat_s * self.fs_hz, 24.0)
        full = FULL * self.full_scale if self.full_scale > 0.0 else math.inf
        told, counts, near = Contact([], [], []), [0] * len(raw), []
        for k, (least, most, step, same, spread, _moved, middle) in enumerate(zip(*facts, strict=True)):
            constant = False
            if there[k] > half:
                low, high, self._step = min(low, least), max(high, most), min(step, self._step)
                limit = 0.5 * self._step if self._step < math.inf else 0.0
                constant = spread <= (max(limit, self.settings.flat_uv) if calibrated else limit)
                if same >= longest_n and not constant and most - least > self.settings.clear * self._step:
                    constant = longest(np.diff(raw[k][np.isfinite(raw[k])]) == 0.0) >= longest_n
                if not constant and self.raw:
                    near += self._near(k, (low, high), (least, most), middle)
                if max(most, -least) >= full and not constant:
                    counts[k] = int((np.abs(raw[k]) >= full).sum())
            told.constant.append(constant)
            told.range.append(high - low)
        self._extremes = low, high
        if near:
            self._pile(counts, near, raw, facts.same)
        told.clipped.extend([count / max(n, 1) for count, n in zip(counts, there, strict=True)])
        return told

    def _near(self, at: int, ends: Sequence[float], window: tuple[float, float], middle: float) -> list[_Extreme]:
        """Return the extremes to which the least and largest value of window `at` come near."""
        near: list[_Extreme] = []
        (least, most), width, clear = window, 4.0 * self._step, self.settings.clear * self._step
        for side, extreme in enumerate(ends):
            low, high, reach = abs(extreme - least), abs(extreme - most), abs(extreme - middle)
            if low > high:
                low, high = high, low
            if (low <= 0.1 * high or low <= width) and high > clear and reach > clear:
                near.append(_Extreme(at, side, extreme, max(0.1 * reach, width)))
        return near

    def _pile(self, counts: list[int], near: list[_Extreme], raw: Array, same: list[float]) -> None:
        """Put in the samples that are in runs at an extreme, or at one where samples pile up, where they are more."""
        loops, piled = kernel(), [0] * len(counts)
        where, _sides, extremes, widths = zip(*near, strict=True)
        args = raw, np.array(where), np.array(extremes), np.array(widths)
        found = loops.counts_of(*args) if loops else _counts(*args)
        for (k, side, extreme, _width), (at, beside, at_all) in zip(near, found.tolist(), strict=True):
            pile = self._piles[side]
            pile.add(extreme, at, beside)
            if pile.at >= max(self.settings.piled, pile.beside):
                piled[k] += at_all
            elif at_all >= self.settings.run and same[k]:
                piled[k] += _in_runs(raw[k][np.isfinite(raw[k])] == extreme, self.settings.run)
        counts[:] = map(max, counts, piled)

    def throws(self, raw: Array, seen_range: float, least_step: float, share: float) -> bool:
        """Whether a window holds a sudden step of the offset.

        Parameters
        ----------
        raw : (size,) array
        seen_range : float
            `Contact.range` of it.
        least_step : float
            A step up to this is none.
        share : float
            One up to this share of the range that was seen is none either.
        """
        step = self._thrown(raw)
        return step > least_step and step / seen_range > share

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


def facts_of_windows(samples: Array, hop: int) -> Array:
    """Return the facts of each window of four hops, a hop apart, (7, n); vectorised.

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
    inside, ends = np.minimum.reduce(steps[:, 1:], axis=1), np.empty((3, len(rows)))
    np.minimum(inside, steps[:, 0], out=ends[0])
    same = joint_same = None
    if not ends[0].all():
        equal = steps == 0.0
        steps[equal] = math.inf
        same, joint_same = equal[:, 1:].sum(axis=1, dtype=np.float64), equal[:, 0].astype(np.float64)
        inside = np.minimum.reduce(steps[:, 1:], axis=1)
        np.minimum(inside, steps[:, 0], out=ends[0])
    np.minimum.reduce(rows, axis=1, out=ends[1])
    np.negative(np.maximum.reduce(rows, axis=1), out=ends[2])
    mean = np.add.reduce(rows, axis=1) / hop
    away = np.subtract(rows, mean[:, None], out=steps)
    away *= away
    spread = np.sqrt(np.add.reduce(away, axis=1) / hop)
    least, out = np.minimum(ends[:, 1 : n + 1], ends[:, 2 : n + 2]), np.empty((len(Facts._fields), n))
    np.minimum(least, ends[:, 3:], out=least)
    np.minimum(least[1], ends[1, :n], out=out[0])
    np.negative(np.minimum(least[2], ends[2, :n]), out=out[1])
    np.minimum(least[0], inside[:n], out=out[2])
    out[3] = 0.0
    if same is not None and joint_same is not None:
        np.add.reduce([same[:n], *(same[k : n + k] + joint_same[k : n + k] for k in (1, 2, 3))], out=out[3])
    out[4] = spread[3:]
    out[5] = (np.abs(mean[3:] - mean[:-3]) + spread[3:] + spread[:-3]) * (1.0 + 1e-9)
    out[6] = mean_of_quarters([mean[k : n + k] for k in range(4)])
    return out


def mean_of_quarters(means: Sequence[Array] | Array) -> Array:
    """Mean of windows of which the means of all quarters are given, four of (n,)."""
    return np.asarray((means[0] + means[1] + means[2] + means[3]) / 4.0)


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
