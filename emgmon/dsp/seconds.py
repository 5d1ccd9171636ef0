"""A run of windows of one second, a quarter second apart, looked at all at once.

Whatever number of windows comes in a run, each has the same numbers: rows are added up one by one, in the same order.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from emgmon.dsp.compiled import kernel
from emgmon.dsp.contact import Facts, facts_of_windows, facts_with_gaps, mean_of_quarters
from emgmon.dsp.mains import Lines, MainsWatch, Spectrum, hann, line_bins, line_rms
from emgmon.dsp.shape import AT_ONCE, MOTION_HZ, power_of
from emgmon.model import Array

Flags = NDArray[np.bool_]

HOPS = 4
"""A window is so many hops of 0.25 s."""
MANY = 9
"""Harmonics of the mains that are looked at."""
WHOLE = 0.95
"""A second of which less came has no spectrum."""


class Seconds:
    """What n windows of one channel hold; vectorised.

    Parameters
    ----------
    signals : (3, (n + 3) · hop) array
        Raw, without mains and filtered; NaN where lost.
    hop : int
        Samples of a quarter second.
    fs_hz : float
    watch : MainsWatch, optional
        Whose lines are looked at; without one there are no spectra, as of an envelope.
    cleaned : bool
        Whether mains was taken out of the second signal.

    Attributes
    ----------
    n, size : int
        Windows, and samples of each.
    raw, clean, filtered : (n, 4 · hop) array
        Views that overlap.
    there, filtered_there : (n,) list of int
        Samples of `raw` and of `filtered` that are not lost.
    facts : Facts
        Of `raw`, (n,) each; those of a window of which more than half is lost say nothing.
    rms : (n,) list of float
        Of what is there of `filtered`; NaN where more than half is lost.
    known : (n,) list of bool
        Whether there is enough of a window for a spectrum. Without any, what follows is not there.
    power, all_power : (n, n_bins) array
        Without mains, and with it.
    total, all_total : (n,) list of float
        Of both, above 20 Hz.
    low_rms, low_share : (n,) list of float
        As `emgmon.dsp.shape.motion`, without mains.
    levels : (n + 3,) list of float
        RMS of each quarter second of `filtered`, of which window k has those from k on; NaN where one has a gap.
    lines : Lines
    """

    def __init__(
        self, signals: Array, hop: int, fs_hz: float, watch: MainsWatch | None = None, *, cleaned: bool = False
    ) -> None:
        self.raw, self.clean, self.filtered = (_windows(row, hop) for row in signals)
        self.n: int = self.raw.shape[0]
        self.size: int = self.raw.shape[1]
        loops = kernel()
        there = np.isfinite(signals[0])
        whole = bool(there.all())
        self.there: list[int] = [self.size] * self.n if whole else _windows(there, hop).sum(axis=1).tolist()
        facts = loops.facts_of(signals[0], hop) if loops else facts_of_windows(signals[0], hop)
        self.facts = Facts(*facts.tolist())
        levels: list[float] = (loops.levels_of(signals[2], hop) if loops else _levels(signals[2], hop)).tolist()
        self.rms, self.levels = levels[: self.n], levels[self.n :]
        self.filtered_there = [self.size] * self.n
        if not whole:
            self._fill_gaps()
        elif any(map(math.isnan, self.rms)):
            self._fill_filtered()
        self.known = [watch is not None and n >= WHOLE * self.size for n in self.there]
        if watch is None:
            return
        self.bin_hz = fs_hz / self.size
        low, above = math.ceil(2.0 / self.bin_hz), math.ceil(MOTION_HZ / self.bin_hz)
        lines: list[Lines] = []
        self.all_power = self._spectra(self.raw, signals[0], whole, lambda spectra: lines.append(watch.lines(spectra)))
        self.lines = Lines.joined(lines)
        self.power = self.all_power
        if cleaned:
            self.all_total: list[float] = self.all_power[:, above:].sum(axis=1).tolist()
            self.power = self._spectra(self.clean, signals[1], whole)
        if loops:
            self.total, self.low_rms, self.low_share = loops.bands_of(self.power, low, above).tolist()
        else:
            self.total, self.low_rms, self.low_share = _bands(self.power, low, above)
        if not cleaned:
            self.all_total = self.total
        self._rms_of: dict[tuple[bool, tuple[int, ...]], list[list[float]]] = {}

    def part(self, first: int, stop: int) -> Seconds:
        """Return windows `first` to `stop` of these alone."""
        if (first, stop) == (0, self.n):
            return self
        part, rows = copy.copy(self), slice(first, stop)
        part.n = stop - first
        for name in ("raw", "clean", "filtered", "there", "filtered_there", "rms", "known"):
            setattr(part, name, getattr(self, name)[rows])
        part.facts = Facts(*(each[rows] for each in self.facts))
        part.levels = self.levels[first : stop + HOPS - 1]
        if hasattr(self, "power"):
            for name in ("power", "all_power", "total", "all_total", "low_rms", "low_share"):
                setattr(part, name, getattr(self, name)[rows])
            part.lines = self.lines.part(first, stop)
            part._rms_of = {key: [row[rows] for row in values] for key, values in self._rms_of.items()}  # noqa: SLF001 its own kind
        return part

    def line_rms(self, f0_hz: float, harmonics: int, *, cleaned: bool = True) -> list[float]:
        """RMS of a line and up to `MANY` harmonics in each window, before or after mains was taken out."""
        key = cleaned and self.power is not self.all_power, line_bins(self.bin_hz, f0_hz, MANY)
        if key not in self._rms_of:
            self._rms_of[key] = line_rms(self.power if cleaned else self.all_power, key[1])
        return self._rms_of[key][harmonics - 1]

    def _fill_gaps(self) -> None:
        """Tell of windows with gaps what can be told of the rest of them."""
        for k, n in enumerate(self.there):
            if 0.5 * self.size < n < self.size:
                for row, value in zip(self.facts, facts_with_gaps(self.raw[k]), strict=True):
                    row[k] = value
        self._fill_filtered()

    def _fill_filtered(self) -> None:
        there = np.isfinite(self.filtered)
        self.filtered_there = there.sum(axis=1).tolist()
        for k, n in enumerate(self.filtered_there):
            if 0.5 * self.size < n < self.size:
                values = self.filtered[k][there[k]]
                self.rms[k] = math.sqrt(float((values * values).mean()))

    def _spectra(
        self,
        windows: Array,
        samples: Array,
        whole: bool,
        tell: Callable[[Spectrum], None] | None = None,
    ) -> Array:
        """Power of windows, mean removed, Hann; zero where too little came. `tell` is given spectra of `raw`."""
        (n, size), loops = windows.shape, kernel()
        if whole and tell:
            middle = np.array(self.facts.middle)[:, None]
        elif whole:
            means = np.add.reduce(samples.reshape(-1, size // HOPS), axis=1) / (size // HOPS)
            middle = mean_of_quarters([means[k : n + k] for k in range(HOPS)])[:, None]
        else:
            windows = self._without_gaps(windows)
            middle = mean_of_quarters(windows.reshape(n, HOPS, size // HOPS).mean(axis=2).T)[:, None]
        power, taper = np.empty((n, size // 2 + 1)), hann(size)[0]
        rows, parts = np.empty((min(n, AT_ONCE), size)), np.empty((min(n, AT_ONCE), size // 2 + 1), np.complex128)
        for first in range(0, n, AT_ONCE):
            some = slice(first, min(first + AT_ONCE, n))
            centred, spectra = rows[: some.stop - first], parts[: some.stop - first]
            if loops and whole:
                loops.tapered(samples, first, middle[some, 0], taper, centred)
            else:
                np.subtract(windows[some], middle[some], out=centred)
                np.multiply(centred, taper, out=centred)
            np.fft.rfft(centred, out=spectra)
            if tell:
                tell(spectra)
            power_of(spectra, size, power[some])
        return power

    def _without_gaps(self, windows: Array) -> Array:
        """Copy windows, those of which too little came as zeros."""
        rows = np.zeros(windows.shape)
        for k, known in enumerate(self.known):
            if known:
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
    wide: list[float] = np.add.reduce(power[:, low:], axis=1).tolist()
    share = [part / total if total > 0.0 else 0.0 for part, total in zip(slow, wide, strict=True)]
    return np.add.reduce(power[:, above:], axis=1).tolist(), list(map(math.sqrt, slow)), share


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
