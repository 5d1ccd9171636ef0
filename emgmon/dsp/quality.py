"""How good a channel's signal is now: one code, how bad, and what to do about it.

Judged over the last second, four times a second. ``red`` codes of `MASKING` mean that the signal is not muscle: their
samples must not count. The others describe a channel whose numbers still hold, with less precision.

Deviations from the lists in the literature: full scale is not always known, so clipping is told from runs at the
largest values seen so far; an offset step is not looked for; motion is judged only while there is more than noise.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emgmon.dsp.device_class import CALIBRATED_UNITS
from emgmon.dsp.mains import Spectrum, hann
from emgmon.model import Array

Flags = NDArray[np.bool_]

HOPS = 4
"""A window is so many hops of 0.25 s."""

REMEDIES: Mapping[str, str] = {
    "FLAT": "There is no signal: switch the sensor on and check its cable.",
    "CLIP": "The signal is cut off at its top: lower the gain or press the electrode on.",
    "LEAD": "The electrode is loose: press it on or take a new one.",
    "MAR": "The sensor moves on the skin: fix it and its cable with tape.",
    "DROP": "Samples are lost on the way: come nearer and put no body part between sensor and computer.",
    "NOISE": "There is much noise at rest: clean the skin, moisten it and press the electrode on.",
    "PLI": "Mains hum is strong: move chargers and lamps away and check the electrode.",
    "ECR": "The heart is seen in this channel: move the electrodes away from the heart or nearer together.",
    "MDF": "The spectrum is unlike muscle: check contact and place of the electrodes.",
}
"""Code to one sentence; the order is that of worth: of two equally bad codes the first is shown."""

MASKING = frozenset({"FLAT", "CLIP", "LEAD", "MAR"})
"""Codes whose red time is not muscle."""

GOOD, AMBER, RED = 0, 1, 2
STATES = ("good", "amber", "red")


@dataclass(frozen=True, slots=True)
class QualitySettings:
    """Limits, amber and red, in µV where they bear the unit; those are skipped where the scale is unknown.

    Attributes
    ----------
    hold_s : float
        A state lasts at least this long after its cause has gone.
    active : float
        More than noise is above this multiple of the relaxed RMS.
    recall_s : float
        Length of the past whose quietest tenth is taken as rest while nothing better is known.
    """

    clip: tuple[float, float] = (0.001, 0.01)
    flat_uv: float = 0.3
    flat_s: float = 0.050
    lead_ratio: float = 10.0
    noise_uv: tuple[float, float] = (5.0, 10.0)
    noise_ref: tuple[float, float] = (0.03, 0.08)
    mains_uv: tuple[float, float] = (3.0, 10.0)
    motion: tuple[float, float] = (0.2, 0.5)
    drop: tuple[float, float] = (0.005, 0.05)
    gap_s: float = 0.050
    heart: tuple[float, float] = (0.3, 1.0)
    median_hz: tuple[tuple[float, float], tuple[float, float]] = ((45.0, 160.0), (30.0, 220.0))
    hold_s: float = 1.0
    active: float = 4.0
    recall_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """State of a channel: `level` as in `STATES`, the worst `code` (``""`` when good), whether to `mask` the window."""

    level: int = GOOD
    code: str = ""
    mask: bool = False


@dataclass(frozen=True, slots=True)
class Second:
    """What the last second holds, (n,) each.

    Attributes
    ----------
    raw : array
        As it came, NaN where lost.
    filtered : array
        After the band-pass, NaN where lost or masked.
    power : array
        Of each bin of the window without mains (`power_of`); empty when too much of it was lost.
    line_rms, line_share : float
        Mains in this second before the canceller, and its share of all power above 20 Hz.
    hum_rms, left_rms : float
        Mains in the relaxed channel before and after the canceller.
    heart : float
        RMS of what beats with the heart over that of rest, NaN while nobody knows.
    """

    raw: Array
    filtered: Array
    power: Array
    line_rms: float = 0.0
    line_share: float = 0.0
    hum_rms: float = 0.0
    left_rms: float = 0.0
    heart: float = math.nan


@dataclass(slots=True)
class QualityWatch:
    """Judges one channel; online, a verdict covers the second before it.

    Attributes
    ----------
    noise, reference : float
        RMS of the relaxed channel and its level at 100 %, NaN while unknown; set from outside.
    """

    fs_hz: float
    unit: str
    settings: QualitySettings = field(default_factory=QualitySettings)
    noise: float = math.nan
    reference: float = math.nan
    _extremes: tuple[float, float] = (math.inf, -math.inf)
    _step: float = math.inf
    _quietest: float = math.nan
    _rms: deque[float] = field(init=False)
    _lines: deque[float] = field(init=False)
    _medians: deque[float] = field(default_factory=lambda: deque(maxlen=HOPS))
    _state: Verdict = field(default_factory=Verdict)
    _since: int = 0

    def __post_init__(self) -> None:
        hops = int(self.settings.recall_s * 4)
        self._rms, self._lines = deque(maxlen=hops), deque(maxlen=hops)

    @property
    def rest_rms(self) -> float:
        """RMS of the quietest tenth of the last minute, at most 1.5 times the measured noise; NaN at the beginning."""
        quiet = self._quietest
        return quiet if math.isnan(quiet) or math.isnan(self.noise) else min(quiet, 1.5 * self.noise)

    def judge(self, second: Second) -> Verdict:
        """Take the next window, 0.25 s after the one before."""
        there = np.isfinite(second.raw)
        found = self._coverage(there)
        if there.sum() > 0.5 * len(there):
            found |= self._range(second.raw, there)
        filtered = second.filtered[np.isfinite(second.filtered)]
        if len(second.power) and len(filtered) > 0.5 * len(there) and "FLAT" not in found:
            found |= self._content(second, math.sqrt(float((filtered * filtered).mean())))
        return self._held({code: level for code, level in found.items() if level})

    def _held(self, found: Mapping[str, int]) -> Verdict:
        """Worst code of now; a better state has to last before it is believed."""
        worst = max(found, key=lambda code: (found[code], -list(REMEDIES).index(code)), default="")
        mask = any(level == RED and code in MASKING for code, level in found.items())
        level = found.get(worst, GOOD)
        self._since = 0 if level >= self._state.level else self._since + 1
        if self._since and self._since < self.settings.hold_s * 4:
            return Verdict(self._state.level, self._state.code, mask)
        self._since = 0
        self._state = Verdict(level, worst, mask)
        return self._state

    def _coverage(self, there: Flags) -> dict[str, int]:
        lost = 1.0 - float(there.mean())
        if not lost:
            return {}
        if lost > self.settings.drop[1] or _longest(~there) > self.settings.gap_s * self.fs_hz:
            return {"DROP": RED}
        return {"DROP": _grade(lost, self.settings.drop)}

    def _range(self, raw: Array, there: Flags) -> dict[str, int]:
        """Constant or cut off."""
        values = raw if there.all() else raw[there]
        steps = np.abs(np.diff(values))
        same = steps == 0.0
        if not same.all():
            self._step = min(self._step, float(steps[~same].min()))
        low, high = float(values.min()), float(values.max())
        self._extremes = (min(low, self._extremes[0]), max(high, self._extremes[1]))
        limit = 0.5 * self._step if math.isfinite(self._step) else 0.0
        if self.unit in CALIBRATED_UNITS:
            limit = max(limit, self.settings.flat_uv)
        newest = values[-len(raw) // HOPS :]
        if float(newest.std()) <= limit or (same.any() and self._frozen(values, same)):
            return {"FLAT": RED}
        clipped = 0
        for extreme in self._extremes if same.any() else ():
            if abs(extreme - float(np.median(values))) > 16.0 * self._step:
                clipped += _in_runs(values == extreme, 3)
        return {"CLIP": _grade(clipped / len(values), self.settings.clip)}

    def _frozen(self, values: Array, same: Flags) -> bool:
        """Whether one value is repeated for too long; a coarse converter may repeat a value that lies in the noise."""
        longest = max(self.settings.flat_s * self.fs_hz, 24.0)
        return float(np.ptp(values)) > 16.0 * self._step and _longest(same) >= longest

    def _content(self, second: Second, rms: float) -> dict[str, int]:
        self._rms.append(rms)
        self._quietest = sorted(self._rms)[len(self._rms) // 10]
        rest = self.rest_rms
        found = {"NOISE": self._noise(), "PLI": self._mains(second)}
        usual = float(np.median(self._lines)) if self._lines else math.inf
        self._lines.append(second.line_rms)
        if second.line_share > 0.5 and second.line_rms > self.settings.lead_ratio * max(usual, rest):
            found["LEAD"] = RED
        if not math.isnan(second.heart):
            found["ECR"] = _grade(second.heart, self.settings.heart)
        if rms <= self.settings.active * rest:
            self._medians.clear()
        else:
            low_rms, share = motion(second.power, self.fs_hz / len(second.raw))
            if low_rms > self.settings.active * rest:
                found["MAR"] = _grade(share, self.settings.motion)
            found["MDF"] = self._spectrum(second)
        return found

    def _noise(self) -> int:
        if self.unit in CALIBRATED_UNITS:
            return _grade(self.noise, self.settings.noise_uv)
        return _grade(self.noise / self.reference, self.settings.noise_ref) if self.reference > 0.0 else GOOD

    def _mains(self, second: Second) -> int:
        """Red is what is left; hum that the canceller takes out is worth a word, no more."""
        if self.unit not in CALIBRATED_UNITS:
            return GOOD
        return max(
            min(_grade(second.hum_rms, self.settings.mains_uv), AMBER), _grade(second.left_rms, self.settings.mains_uv)
        )

    def _spectrum(self, second: Second) -> int:
        if self.fs_hz < 499.0 or not np.isfinite(second.raw).all():
            return GOOD
        self._medians.append(median_frequency_hz(second.power, self.fs_hz / len(second.raw)))
        if len(self._medians) < HOPS:
            return GOOD
        median_hz = sorted(self._medians)[HOPS // 2]
        outside = [not low <= median_hz <= high for low, high in self.settings.median_hz]
        return RED if outside[1] else AMBER if outside[0] else GOOD


def spectrum_of(window: Array) -> Spectrum:
    """Complex spectrum of a window without gaps, mean removed, Hann."""
    return np.fft.rfft((window - window.mean()) * hann(len(window))[0])


def power_of(spectrum: Spectrum, size: int) -> Array:
    """Power of each bin of `spectrum_of`; the bins add up to the mean square of the window."""
    return np.asarray(np.abs(spectrum) ** 2 * (2.0 / (size * hann(size)[1])), np.float64)


def motion(power: Array, bin_hz: float) -> tuple[float, float]:
    """RMS between 2 and 20 Hz, and its share in the power above 2 Hz."""
    low, high = math.ceil(2.0 / bin_hz), math.ceil(20.0 / bin_hz)
    slow, total = float(power[low:high].sum()), float(power[low:].sum())
    return math.sqrt(slow), slow / total if total > 0.0 else 0.0


def median_frequency_hz(power: Array, bin_hz: float) -> float:
    """Frequency that halves the power above 20 Hz."""
    first = math.ceil(20.0 / bin_hz)
    grown = np.cumsum(power[first:])
    return (first + float(np.searchsorted(grown, grown[-1] / 2.0))) * bin_hz if len(grown) else math.nan


def _grade(value: float, limits: tuple[float, float]) -> int:
    return RED if value > limits[1] else AMBER if value > limits[0] else GOOD


def _runs(flags: Flags) -> NDArray[np.int64]:
    """Lengths of the runs of true."""
    edges = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    return np.asarray(np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1))


def _longest(flags: Flags) -> int:
    return int(_runs(flags).max(initial=0))


def _in_runs(flags: Flags, least: int) -> int:
    """How many flags stand in runs of at least so many."""
    lengths = _runs(flags)
    return int(lengths[lengths >= least].sum())
