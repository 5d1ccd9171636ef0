"""A run of windows of one second, a quarter second apart, looked at all at once.

Whatever number of windows comes in a run, each has the same numbers: rows are added up one by one, in the same order.
"""

from __future__ import annotations

import math
from types import ModuleType

import numpy as np

from emgmon.dsp.compiled import kernel
from emgmon.dsp.contact import Facts, facts_of_windows
from emgmon.dsp.mains import Lines, MainsWatch, line_bins, line_rms
from emgmon.dsp.quality import HOPS
from emgmon.dsp.shape import MOTION_HZ, median_frequency_hz, power_of, slow_and_all, spectrum_of
from emgmon.model import Array

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
    raw, clean, filtered : (n, 4 · hop) array
        Views that overlap.
    facts : list of (Facts or None)
        None for all where a sample was lost.
    rms : list of float
        Of `filtered`; NaN for a window with a gap.
    known : list of bool
        Whether there is enough of a window for a spectrum.
    power, all_power : (n, n_bins) array
        Without mains, and with it.
    total, all_total : list of float
        Of both, above 20 Hz.
    motion : list of (float, float)
        As `emgmon.dsp.shape.motion`, without mains.
    median_hz : list of float
        Of `power`.
    levels : list of float
        RMS of each quarter second of `filtered`, of which window k has those from k on; NaN where one has a gap.
    lines : Lines
    """

    def __init__(
        self, signals: Array, hop: int, fs_hz: float, watch: MainsWatch | None = None, *, cleaned: bool = False
    ) -> None:
        self.raw, self.clean, self.filtered = (_windows(row, hop) for row in signals)
        n, size = self.raw.shape
        loops = kernel()
        there = np.isfinite(signals[0])
        whole = bool(there.all())
        self.facts: list[Facts] | list[None] = _facts(loops, signals[0], hop) if whole else [None] * n
        rms, quarters = loops.levels_of(signals[2], hop) if loops else _levels(signals[2], hop)
        self.rms: list[float] = rms.tolist()
        self.levels: list[float] = quarters.tolist()
        self.known = [watch is not None] * n
        if watch is None:
            return
        if not whole:
            self.known = (_windows(there, hop).mean(axis=1) >= WHOLE).tolist()
        self.bin_hz = fs_hz / size
        spectra = spectrum_of(self.raw if whole else self._without_gaps(self.raw))
        self.lines: Lines = watch.lines(spectra)
        self.power = self.all_power = power_of(spectra, size)
        if cleaned:
            self.power = power_of(spectrum_of(self.clean if whole else self._without_gaps(self.clean)), size)
        low, above = math.ceil(2.0 / self.bin_hz), math.ceil(MOTION_HZ / self.bin_hz)
        bands = loops.bands_of(self.power, self.bin_hz, low, above) if loops else _bands(self.power, self.bin_hz)
        self.total, slow, share, self.median_hz = bands.T.tolist()
        self.motion: list[tuple[float, float]] = list(zip(slow, share, strict=True))
        self.all_total = self.all_power[:, above:].sum(axis=1).tolist() if cleaned else self.total
        self._rms_of: dict[tuple[bool, tuple[int, ...]], list[list[float]]] = {}

    def _without_gaps(self, windows: Array) -> Array:
        """Copy windows, those of which too little came as zeros."""
        rows = np.zeros(windows.shape)
        for k, known in enumerate(self.known):
            if known:
                rows[k] = bridged(windows[k])
        return rows

    def line_rms(self, k: int, f0_hz: float, harmonics: int, *, cleaned: bool = True) -> float:
        """RMS of a line and up to `MANY` harmonics in window k, before or after mains was taken out."""
        key = cleaned and self.power is not self.all_power, line_bins(self.bin_hz, f0_hz, MANY)
        if key not in self._rms_of:
            self._rms_of[key] = line_rms(self.power if cleaned else self.all_power, key[1]).tolist()
        return self._rms_of[key][harmonics - 1][k]


def _facts(loops: ModuleType | None, samples: Array, hop: int) -> list[Facts]:
    if loops is None:
        return facts_of_windows(samples, hop)
    return [Facts(*row) for row in loops.facts_of(samples, hop).tolist()]


def _levels(filtered: Array, hop: int) -> tuple[Array, Array]:
    """RMS of each window and of each hop."""
    squares = filtered * filtered
    return np.sqrt(_windows(squares, hop).mean(axis=1)), np.sqrt(squares.reshape(-1, hop).mean(axis=1))


def _bands(power: Array, bin_hz: float) -> Array:
    """Power above 20 Hz, RMS and share of the slow part, median frequency; (n, 4)."""
    slow, wide = slow_and_all(power, bin_hz)
    share = np.divide(slow, wide, where=wide > 0.0, out=np.zeros(len(power)))
    total = power[:, math.ceil(MOTION_HZ / bin_hz) :].sum(axis=1)
    return np.stack([total, np.sqrt(slow), share, median_frequency_hz(power, bin_hz)], axis=1)


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
