"""A run of windows of one second, a quarter second apart, looked at all at once.

Whatever number of windows comes in a run, each has the same numbers: rows are added up one by one, in the same order.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from emgmon.dsp.compiled import kernel
from emgmon.dsp.contact import facts_of_windows, facts_with_gaps, mean_of_quarters
from emgmon.dsp.mains import Lines, MainsBins, Spectrum, hann, line_bins, line_rms
from emgmon.dsp.mains_verdicts import MANY
from emgmon.dsp.shape import AT_ONCE, MOTION_HZ, power_of
from emgmon.dsp.verdict_names import (
    FILTERED,
    KNOWN,
    LEVELS,
    LOW_SHARE,
    MIDDLE,
    RMS,
    THERE,
    TOLD,
    TOTAL,
)
from emgmon.model import Array

HOPS = 4
"""A window is so many hops of 0.25 s."""
WHOLE = 0.95
"""A second of which less came has no spectrum."""
FACTS = 7
NOTHING = Lines(np.zeros((0, 0, 17)), np.zeros((0, 12)))


class Seconds:
    """What n windows of one channel hold; vectorised.

    Parameters
    ----------
    signals : (3, (n + 3) · hop) array
        Raw, without mains and filtered; NaN where lost.
    hop : int
        Samples of a quarter second.
    fs_hz : float
    bins : MainsBins, optional
        Where mains is looked at; without them there are no spectra, as of an envelope.
    cleaned : bool
        Whether mains was taken out of the second signal.

    Attributes
    ----------
    n, size : int
        Windows, and samples of each.
    raw, clean, filtered : (n, 4 · hop) array
        Views that overlap.
    loops : module or None
        The compiled loops by which it was made.
    table : columns of n + 3 or n numbers, lists or (with compiled loops) rows of an array
        As `emgmon.dsp.verdict_names` names them: facts of `raw` (`emgmon.dsp.contact.Facts`; those of a window of which
        more than half is lost say nothing), samples of `raw` and `filtered` that are there, RMS of `filtered` (NaN
        where more than half is lost), whether there is enough for a spectrum, power above 20 Hz without mains and with
        it, RMS and share of the slow part as `emgmon.dsp.shape.motion`, RMS of each quarter second (window k has those
        from k on; NaN where one has a gap), and what `Lines.told` says.
    power, all_power : (n, n_bins) array
        Without mains, and with it.
    lines : Lines
    """

    def __init__(
        self, signals: Array, hop: int, fs_hz: float, bins: MainsBins | None = None, *, cleaned: bool = False
    ) -> None:
        self.n: int = signals.shape[1] // hop - HOPS + 1
        self.size: int = HOPS * hop
        self.signals, self.hop, self.bin_hz, self.loops = signals, hop, fs_hz / self.size, kernel()
        self.table: Any = self._begun(bins)
        self.lines, self.power = NOTHING, np.zeros((1, 1))
        self.all_power = self.power
        if bins is not None:
            self._look(bins, cleaned=cleaned)
        self._rms_of: dict[tuple[bool, float], list[list[float]]] = {}
        self._rms_at: dict[tuple[bool, tuple[int, ...]], list[list[float]]] = {}

    @cached_property
    def raw(self) -> Array:
        """Windows of what came."""
        return _windows(self.signals[0], self.hop)

    @cached_property
    def clean(self) -> Array:
        """Windows without mains."""
        return _windows(self.signals[1], self.hop)

    @cached_property
    def filtered(self) -> Array:
        """Windows of what was filtered."""
        return _windows(self.signals[2], self.hop)

    def line_rms(self, f0_hz: float, harmonics: int, cleaned: bool) -> list[float]:
        """RMS of a line and up to `MANY` harmonics in each window, before or after mains was taken out."""
        found = self._rms_of.get((cleaned, f0_hz))
        if found is None:
            key = cleaned and self.power is not self.all_power, line_bins(self.bin_hz, f0_hz, MANY)
            if key not in self._rms_at:
                self._rms_at[key] = line_rms(self.power if cleaned else self.all_power, key[1])
            self._rms_of[cleaned, f0_hz] = found = self._rms_at[key]
        return found[harmonics - 1]

    def handed(self) -> Any:
        """Return what the loops of `emgmon.dsp.verdict_loops` take as `seen`."""
        if not self.loops:
            return self
        near, tops = self.lines.near, self.lines.tops
        return self.signals[0], self.size, self.bin_hz, self.power, self.all_power, near, tops

    def _begun(self, bins: MainsBins | None) -> Any:
        """Return the table with all that needs no spectrum."""
        n, n_told = self.n, 3 * len(bins.around) if bins is not None else 0
        if self.loops:
            table: Any = np.empty((TOLD + n_told, n + HOPS - 1))
            lost: int = self.loops.lost_of(self.signals[0], self.signals[2], self.hop, table, table[LEVELS])
            known = 0.0 if bins is None else 1.0
            table[KNOWN, :n] = known
        else:
            raw, filtered = np.add.reduce(self.signals[::2], axis=1).tolist()
            lost = 2 if math.isnan(raw) else 1 if math.isnan(filtered) else 0
            levels = _levels(self.signals[2], self.hop).tolist()
            table = facts_of_windows(self.signals[0], self.hop).tolist()
            table += [
                [float(self.size)] * n,
                [float(self.size)] * n,
                levels[:n],
                [1.0] * n if bins is not None else [0.0] * n,
            ]
            table += [[0.0] * n] * (LEVELS - KNOWN - 1) + [levels[n:]] + [[]] * n_told
        self.whole: bool = lost < 2
        if not self.whole:
            self._fill_gaps(table, known=bins is not None)
        if lost:
            self._fill_filtered(table)
        return table

    def _fill_gaps(self, table: Any, *, known: bool) -> None:
        """Tell of windows with gaps what can be told of the rest of them."""
        half = 0.5 * self.size
        for k, n in enumerate(np.isfinite(self.raw).sum(axis=1).tolist()):
            table[THERE][k] = float(n)
            if known and n < WHOLE * self.size:
                table[KNOWN][k] = 0.0
            if half < n < self.size:
                for column, value in zip(table[:FACTS], facts_with_gaps(self.raw[k]), strict=True):
                    column[k] = value

    def _fill_filtered(self, table: Any) -> None:
        for k in range(self.n):
            if not math.isnan(table[RMS][k]):
                continue
            values = self.filtered[k]
            values = values[np.isfinite(values)]
            table[FILTERED][k] = float(len(values))
            if 2 * len(values) > self.size:
                table[RMS][k] = math.sqrt(float((values * values).mean()))

    def _look(self, bins: MainsBins, *, cleaned: bool) -> None:
        """Take spectra, and put what they hold into the table."""
        loops, n = self.loops, self.n
        low, above = math.ceil(2.0 / self.bin_hz), math.ceil(MOTION_HZ / self.bin_hz)
        self.lines = lines = Lines.of(n, bins)
        power = np.empty((n, self.size // 2 + 1))
        scale = 2.0 / (self.size * hann(self.size)[1])
        if loops:
            bands, told = self.table[TOTAL : LOW_SHARE + 1], self.table[TOLD:]

            def take(spectra: Spectrum, first: int) -> None:
                places = bins.around, bins.centres, power, bands, lines.near, lines.tops, told
                loops.raw_of(spectra, first, scale, low, above, *places)

        else:

            def take(spectra: Spectrum, first: int) -> None:
                power_of(spectra, self.size, power[first : first + len(spectra)])
                lines.fill(spectra, first, bins)

        self._spectra(self.signals[0], self.table[MIDDLE][:n], take)
        self.all_power = self.power = power
        if cleaned:
            self.power = clean = np.empty(power.shape)

            def take_clean(spectra: Spectrum, first: int) -> None:
                if loops:
                    loops.clean_of(spectra, first, scale, low, above, clean, bands)
                else:
                    power_of(spectra, self.size, clean[first : first + len(spectra)])

            self._spectra(self.signals[1], None, take_clean)
        if not loops:
            found = _bands(self.power, low, above)
            every = np.add.reduce(self.all_power[:, above:], axis=1).tolist() if cleaned else found[0]
            self.table[TOTAL : LOW_SHARE + 1] = found[0], every, *found[1:]
            self.table[TOLD:] = lines.told().tolist()

    def _spectra(self, samples: Array, middle: Any, take: Callable[[Spectrum, int], None]) -> None:
        """Hand out complex spectra of windows, less their middle, Hann; zero where too little came."""
        n, size = self.n, self.size
        tapered = self.loops.tapered if self.loops and self.whole else None
        windows = _windows(samples, self.hop)
        if not self.whole:
            windows = self._without_gaps(windows)
            middle = mean_of_quarters(windows.reshape(n, HOPS, size // HOPS).mean(axis=2).T)
        elif middle is None:
            means = np.add.reduce(samples.reshape(-1, size // HOPS), axis=1) / (size // HOPS)
            middle = mean_of_quarters([means[k : n + k] for k in range(HOPS)])
        middle = np.asarray(middle)
        taper = hann(size)[0]
        rows, parts = np.empty((min(n, AT_ONCE), size)), np.empty((min(n, AT_ONCE), size // 2 + 1), np.complex128)
        for first in range(0, n, AT_ONCE):
            some = slice(first, min(first + AT_ONCE, n))
            centred, spectra = rows[: some.stop - first], parts[: some.stop - first]
            if tapered is not None:
                tapered(samples, first, middle[some], taper, centred)
            else:
                np.subtract(windows[some], middle[some, None], out=centred)
                np.multiply(centred, taper, out=centred)
            np.fft.rfft(centred, out=spectra)
            take(spectra, first)

    def _without_gaps(self, windows: Array) -> Array:
        """Copy windows, those of which too little came as zeros."""
        rows = np.zeros(windows.shape)
        for k in range(self.n):
            if self.table[KNOWN][k] > 0.0:
                rows[k] = bridged(windows[k])
        return rows


def _levels(filtered: Array, hop: int) -> Array:
    """RMS of each window, followed by that of each hop."""
    quarters = np.add.reduce((filtered * filtered).reshape(-1, hop), axis=1)
    n = len(quarters) - HOPS + 1
    out = np.empty(n + len(quarters))
    total = quarters[:n] + quarters[1 : n + 1] + quarters[2 : n + 2] + quarters[3:]
    np.divide(total, HOPS * hop, out=out[:n])
    np.divide(quarters, hop, out=out[n:])
    return np.sqrt(out, out=out)


def _bands(power: Array, low: int, above: int) -> tuple[list[float], list[float], list[float]]:
    """Power from bin `above` on, RMS and share of the slow part, which begins at bin `low`, (n,) each."""
    slow: list[float] = np.add.reduce(power[:, low:above], axis=1).tolist()
    total: list[float] = np.add.reduce(power[:, above:], axis=1).tolist()
    share = [part / (part + rest) if part + rest > 0.0 else 0.0 for part, rest in zip(slow, total, strict=True)]
    return total, list(map(math.sqrt, slow)), share


def _windows(samples: Array, hop: int) -> Array:
    """View contiguous samples as windows of four hops, a hop apart."""
    step = samples.strides[0]
    shape = len(samples) // hop - HOPS + 1, HOPS * hop
    return np.ndarray(shape, samples.dtype, samples, strides=(hop * step, step))


def bridged(window: Array) -> Array:
    """Lost samples by a straight line between their neighbours."""
    there = np.isfinite(window)
    if there.all():
        return window
    index = np.arange(len(window))
    return np.interp(index, index[there], window[there])
