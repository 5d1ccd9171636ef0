"""How good a channel's signal is now: one code, how bad, and what to do about it.

Judged over the last second, four times a second. ``red`` codes of `MASKING` mean that the signal is not muscle: their
samples must not count. The others describe a channel whose numbers still hold, with less precision.

What is looked at stands in `emgmon.dsp.contact` (raw values), `emgmon.dsp.shape` (spectrum and distribution),
`emgmon.dsp.ecg` (heart), `emgmon.dsp.crosstalk` (two channels) and `emgmon.dsp.site` (reference tasks); here it meets
its limits. Deviations from the lists in the literature are in ``docs/quality.md``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgmon.dsp.contact import ContactWatch, Facts, longest
from emgmon.dsp.device_class import CALIBRATED_UNITS, upper_edge_hz
from emgmon.dsp.recent import Recent
from emgmon.dsp.shape import ActiveSeconds, Shape, motion
from emgmon.model import Array

Flags = NDArray[np.bool_]
Limits = tuple[float, float]

HOPS = 4
"""A window is so many hops of 0.25 s."""

REMEDIES: Mapping[str, str] = {
    "FLAT": "There is no signal: switch the sensor on and check its cable.",
    "CLIP": "The signal is cut off at its top: lower the gain or press the electrode on.",
    "LEAD": "The electrode is loose: press it on or take a new one.",
    "MAR": "The sensor moves on the skin: fix it and its cable with tape.",
    "DROP": "Samples are lost on the way: come nearer and put no body part between sensor and computer.",
    "SITE": "Another muscle answers in this one's task: check which sensor sits where.",
    "XTALK": "Two sensors say the same: dry the skin between them and set them farther apart.",
    "NOISE": "There is much noise at rest: clean the skin, moisten it and press the electrode on.",
    "SNR": "The muscle hardly stands out of the noise: clean the skin and check the electrode's place.",
    "PLI": "Mains hum is strong: move chargers and lamps away and check the electrode.",
    "ECR": "The heart is seen in this channel: move the electrodes away from the heart or nearer together.",
    "SHAPE": "Something else than muscle is in the signal: check contact, cable and chargers nearby.",
    "NORM": "The signal is peaked unlike muscle: check the contact, and look for crackling cables.",
    "MDF": "The spectrum is unlike muscle: check contact and place of the electrodes.",
}
"""Code to one sentence; the order is that of worth: of two equally bad codes the first is shown."""

_WORTH = {code: at for at, code in enumerate(REMEDIES)}

MASKING = frozenset({"FLAT", "CLIP", "LEAD", "MAR"})
"""Codes whose red time is not muscle."""

MOST_STILL = 10.0
"""What is always below 20 Hz is at most this multiple of rest; more is motion without an end."""

GOOD, AMBER, RED = 0, 1, 2
STATES = ("good", "amber", "red")


@dataclass(frozen=True, slots=True)
class QualitySettings:
    """Limits, amber and red, in µV where they bear the unit; those are skipped where the scale is unknown.

    Attributes
    ----------
    hold_s : float
        A state lasts at least this long after its cause has gone.
    active, loud : float
        More than noise, and enough for the shape of the spectrum, is above these multiples of the relaxed RMS.
    moved : float
        Below 20 Hz there is motion above this multiple of what is there in the stillest tenth of the last minute: the
        heart is always there.
    steady : float
        A second is steady when its loudest quarter is at most so many times its quietest.
    recall_s : float
        Length of the past whose quietest tenth is taken as rest while nothing better is known.
    """

    clip: Limits = (0.001, 0.01)
    lead_ratio: float = 10.0
    step_share: float = 0.20
    step_rest: float = 100.0
    noise_uv: Limits = (5.0, 10.0)
    noise_ref: Limits = (0.03, 0.08)
    snr_db: Limits = (15.0, 6.0)
    mains_uv: Limits = (3.0, 10.0)
    mains_ref: Limits = (0.02, 0.08)
    motion: Limits = (0.2, 0.5)
    drop: Limits = (0.005, 0.05)
    gap_s: float = 0.050
    heart: Limits = (0.3, 1.0)
    median_hz: tuple[Limits, Limits] = ((45.0, 160.0), (30.0, 220.0))
    normality: Limits = (0.985, 0.96)
    crosstalk: Limits = (0.3, 0.6)
    motion_db: float = 12.0
    shape_noise_db: float = 15.0
    drop_db: float = 30.0
    deformation: float = 1.4
    hold_s: float = 1.0
    active: float = 4.0
    loud: float = 15.0
    moved: float = 2.0
    steady: float = 2.0
    recall_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """State of a channel: `level` as in `STATES`, the worst `code` (``""`` when good), whether to `mask` the window."""

    level: int = GOOD
    code: str = ""
    mask: bool = False


class Second(NamedTuple):
    """What the last second holds, (n,) each.

    Attributes
    ----------
    raw : array
        As it came, NaN where lost.
    filtered : array
        After the band-pass, NaN where lost or masked.
    power : array
        Of each bin of the window without mains (`emgmon.dsp.shape.power_of`); empty when too much of it was lost, or
        the sensor hands out an envelope.
    line_rms, line_share : float
        Mains in this second before the canceller, and its share of all power above 20 Hz.
    hum_rms, left_rms : float
        Mains in the relaxed channel before and after the canceller.
    heart : float
        RMS of what beats with the heart over that of rest, NaN while nobody knows.
    facts : Facts, optional
        Of `raw` without gaps, where they are known.
    rms : float
        Of `filtered` without gaps, NaN where it is not known.
    motion : (float, float), optional
        As `emgmon.dsp.shape.motion` of `power`, where it is known.
    median_hz : float
        Median frequency of `power`, NaN where it is not known.
    quarters : sequence of float
        RMS of each quarter of `filtered` without gaps; empty where they are not known.
    """

    raw: Array
    filtered: Array
    power: Array
    line_rms: float = 0.0
    line_share: float = 0.0
    hum_rms: float = 0.0
    left_rms: float = 0.0
    heart: float = math.nan
    facts: Facts | None = None
    rms: float = math.nan
    motion: tuple[float, float] | None = None
    median_hz: float = math.nan
    quarters: Sequence[float] = ()


@dataclass(slots=True)
class QualityWatch:
    """Judges one channel; online, a verdict covers the second before it.

    Attributes
    ----------
    noise, reference : float
        RMS of the relaxed channel and its level at 100 %, NaN while unknown; set from outside.
    crosstalk : float
        Largest correlation with another channel (`emgmon.dsp.crosstalk`), NaN while unknown; set from outside.
    misplaced : int
        Reference tasks in which the muscle did not answer as it should (`emgmon.dsp.site`); set from outside.
    raw : bool
        False when the sensor hands out an envelope.
    """

    fs_hz: float
    unit: str
    settings: QualitySettings = field(default_factory=QualitySettings)
    noise: float = math.nan
    reference: float = math.nan
    crosstalk: float = math.nan
    misplaced: int = 0
    raw: bool = True
    contact: ContactWatch = field(init=False)
    _quietest: float = math.nan
    _still: float = 0.0
    _chance: float = field(init=False)
    _rms: Recent = field(init=False)
    _low: Recent = field(init=False)
    _lines: Recent = field(init=False)
    _active: ActiveSeconds = field(init=False)
    _state: Verdict = field(default_factory=Verdict)
    _since: int = 0

    def __post_init__(self) -> None:
        hops = int(self.settings.recall_s * 4)
        self._rms, self._lines, self._low = (Recent(hops) for _ in range(3))
        self._chance = _tenth_of_chance(self.fs_hz)
        self.contact = ContactWatch(self.fs_hz, self.unit, raw=self.raw)
        self._active = ActiveSeconds(self.fs_hz, HOPS)

    @property
    def rest_rms(self) -> float:
        """RMS at rest from the quietest tenth of the last minute, at most 1.5 times the measured noise.

        The tenth quantile of a second's RMS lies below its mean by what chance makes of a second; that is divided out.
        NaN at the beginning.
        """
        quiet = self._quietest / self._chance
        return quiet if math.isnan(quiet) or math.isnan(self.noise) else min(quiet, 1.5 * self.noise)

    def judge(self, second: Second) -> Verdict:
        """Take the next window, 0.25 s after the one before."""
        n_there = n = len(second.raw)
        found: dict[str, int] = {}
        if second.facts is None:
            there = np.isfinite(second.raw)
            n_there, found = int(there.sum()), self._coverage(there)
        if n_there > 0.5 * n:
            found |= self._contact(second)
        filtered = second.filtered
        if math.isnan(second.rms):
            filtered = filtered[np.isfinite(filtered)]
        if len(filtered) > 0.5 * n and "FLAT" not in found:
            found |= self._content(second, filtered)
        return self._held({code: level for code, level in found.items() if level})

    def _held(self, found: Mapping[str, int]) -> Verdict:
        """Worst code of now; a better state has to last before it is believed."""
        worst = max(found, key=lambda code: (found[code], -_WORTH[code]), default="")
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
        if lost > self.settings.drop[1] or longest(~there) > self.settings.gap_s * self.fs_hz:
            return {"DROP": RED}
        return {"DROP": _grade(lost, self.settings.drop)}

    def _contact(self, second: Second) -> dict[str, int]:
        """Constant, cut off, or thrown to another offset."""
        least_step = self.settings.step_rest * self.rest_rms
        if math.isnan(least_step):
            least_step = math.inf
        contact = self.contact.judge(second.raw, second.facts, least_step=least_step)
        if contact.constant:
            return {"FLAT": RED}
        found = {"CLIP": _grade(contact.clipped, self.settings.clip)}
        if contact.step_share > self.settings.step_share and contact.step > least_step:
            found["LEAD"] = RED
        return found

    def _content(self, second: Second, filtered: Array) -> dict[str, int]:
        rms = math.sqrt(float((filtered * filtered).mean())) if math.isnan(second.rms) else second.rms
        self._rms.add(rms)
        self._quietest = self._rms.tenth
        rest = self.rest_rms
        found = {
            "NOISE": self._noise(),
            "SNR": self._snr(),
            "SITE": min(self.misplaced, RED),
            "XTALK": _grade(self.crosstalk, self.settings.crosstalk),
        }
        if not math.isnan(second.heart):
            found["ECR"] = _grade(second.heart, self.settings.heart)
        if not len(second.power):
            return found
        slow = second.motion or motion(second.power, self.fs_hz / len(second.raw))
        self._low.add(slow[0])
        self._still = self._low.tenth
        found["PLI"] = self._mains(second)
        usual = self._lines.median
        self._lines.add(second.line_rms)
        if second.line_share > 0.5 and second.line_rms > self.settings.lead_ratio * max(usual, rest, second.hum_rms):
            found["LEAD"] = RED
        if rms > self.settings.active * rest:
            found |= self._working(second, filtered, rms, slow)
        else:
            self._active.clear()
        return found

    def _noise(self) -> int:
        if self.unit in CALIBRATED_UNITS:
            return _grade(self.noise, self.settings.noise_uv)
        return _grade(self.noise / self.reference, self.settings.noise_ref) if self.reference > 0.0 else GOOD

    def _snr(self) -> int:
        """Compare the reference with the noise; without either a muscle may have had no cause to stand out."""
        if not (self.reference > 0.0 and self.noise > 0.0):
            return GOOD
        return _grade(-20.0 * math.log10(self.reference / self.noise), tuple(-limit for limit in self.settings.snr_db))

    def _mains(self, second: Second) -> int:
        """Red is what is left; hum that the canceller takes out is worth a word, no more."""
        scale, limits = 1.0, self.settings.mains_uv
        if self.unit not in CALIBRATED_UNITS:
            scale, limits = self.reference, self.settings.mains_ref
        if not scale > 0.0:
            return GOOD
        return max(min(_grade(second.hum_rms / scale, limits), AMBER), _grade(second.left_rms / scale, limits))

    def _working(self, second: Second, filtered: Array, rms: float, slow: tuple[float, float]) -> dict[str, int]:
        """Judge what only shows while the muscle works: motion, spectrum, distribution."""
        found, rest, (low_rms, share) = {}, self.rest_rms, slow
        share = min(share, low_rms**2 / (low_rms**2 + rms**2))  # activity at the tapered edges of the window counts too
        if low_rms > max(self.settings.active * rest, self.settings.moved * min(self._still, MOST_STILL * rest)):
            found["MAR"] = _grade(share, self.settings.motion)
        if self.fs_hz < 499.0 or len(filtered) < len(second.raw):
            return found
        seen = self._active
        seen.add(
            second.power,
            filtered,
            self.settings.steady,
            loud=rms > self.settings.loud * rest,
            median_hz=second.median_hz,
            quarters=second.quarters,
        )
        if seen.full:
            found["MDF"] = self._median(seen.median_hz())
            found["NORM"] = _grade(-seen.normality(), tuple(-limit for limit in self.settings.normality))
            found["SHAPE"] = self._shape(seen.shape())
        return found

    def _median(self, median_hz: float) -> int:
        outside = [not low <= median_hz <= high for low, high in self.settings.median_hz]
        return RED if outside[1] else AMBER if outside[0] else GOOD

    def _shape(self, shape: Shape | None) -> int:
        """One of the four spectral ratios outside its limit is amber, two are red."""
        if shape is None:
            return GOOD
        limits = self.settings
        bad = (
            int(shape.motion_db < limits.motion_db)
            + int(shape.noise_db < limits.shape_noise_db)
            + int(shape.drop_db < limits.drop_db)
            + int(shape.deformation > limits.deformation)
        )
        return min(bad, RED)


def _tenth_of_chance(fs_hz: float) -> float:
    """Tenth quantile of the RMS of one second of noise in the band, over its expectation."""
    width_hz = max(upper_edge_hz(fs_hz) - 20.0, 10.0)
    return 1.0 - 1.2816 / (2.0 * math.sqrt(width_hz))


def _grade(value: float, limits: tuple[float, ...]) -> int:
    return RED if value > limits[1] else AMBER if value > limits[0] else GOOD
