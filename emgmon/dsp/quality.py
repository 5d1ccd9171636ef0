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

from emgmon.dsp.contact import Contact, ContactWatch, longest
from emgmon.dsp.device_class import CALIBRATED_UNITS, upper_edge_hz
from emgmon.dsp.hum import HumSeen
from emgmon.dsp.recent import Recent
from emgmon.dsp.seconds import HOPS, Seconds
from emgmon.dsp.shape import ActiveSeconds
from emgmon.model import Array

Limits = tuple[float, float]

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

MASKING = frozenset({"FLAT", "CLIP", "LEAD", "MAR"})
"""Codes whose red time is not muscle."""

MOST_STILL = 10.0
"""What is always below 20 Hz is at most this multiple of rest; more is motion without an end."""

GOOD, AMBER, RED = 0, 1, 2
STATES = ("good", "amber", "red")

_SAID = [(GOOD, ""), *((level, code) for level in (AMBER, RED) for code in reversed(list(REMEDIES)))]
_WORTH = {said: worth for worth, said in enumerate(_SAID)}
"""What can be said in the order of worth, and back."""


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


class Looked(NamedTuple):
    """What of n windows is known before hum and heart are, (n,) each.

    `content` tells where the filtered signal is judged, `before` and `rest` what rest was before and after a window.
    """

    contact: Contact
    content: list[bool]
    before: list[float]
    rest: list[float]


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

    def saved(self) -> tuple[float, Recent, ContactWatch]:
        """Return what `load` brings back: where it was before `look`."""
        return self._quietest, self._rms.saved(), self.contact.saved()

    def load(self, state: tuple[float, Recent, ContactWatch]) -> None:
        """Be where the state was saved; it is used up."""
        self._quietest, self._rms, self.contact = state

    def look(self, seen: Seconds) -> Looked:
        """Take the next windows, a quarter second apart: contact and rest."""
        looked = Looked(self.contact.judge(seen.raw, seen.there, seen.facts), [], [], [])
        half, rest = 0.5 * seen.size, self.rest_rms
        for constant, there, rms in zip(looked.contact.constant, seen.filtered_there, seen.rms, strict=True):
            looked.before.append(rest)
            if content := there > half and not constant:
                self._quietest = self._rms.tenth(rms)
                rest = self.rest_rms
            looked.content.append(content)
            looked.rest.append(rest)
        return looked

    def judge(
        self, seen: Seconds, looked: Looked, hum: HumSeen | None, heart: Sequence[float] | None = None
    ) -> list[Verdict]:
        """Say of windows that were looked at how good they are.

        Parameters
        ----------
        seen : Seconds
        looked : Looked
        hum : HumSeen, optional
            Mains in them; None for an envelope.
        heart : (n,) sequence of float, optional
            RMS of what beats with the heart over that of rest, NaN while nobody knows.
        """
        found, always = _Found(seen.n), self._always()
        works = _Works(*([False] * seen.n for _ in _Works._fields))
        for k, content in enumerate(looked.content):
            if seen.there[k] < seen.size:
                found.put("DROP", k, self._coverage(seen.raw[k], seen.there[k]))
            self._contact(found, seen, looked, k)
            if not content:
                continue
            found.worst[k] = max(found.worst[k], always)
            if heart is not None and heart[k] > self.settings.heart[0]:
                found.put("ECR", k, _grade(heart[k], self.settings.heart))
            if hum is not None and seen.known[k]:
                self._spectral(found, seen, looked.rest[k], hum, works, k)
        if hum is not None and self.fs_hz >= 499.0:
            self._working(found, seen, works)
        return self._held(found)

    def _held(self, found: _Found) -> list[Verdict]:
        """Worst code of each window; a better state has to last before it is believed."""
        verdicts, state = [], self._state
        for worst, mask in zip(found.worst, found.mask, strict=True):
            level, code = _SAID[worst]
            self._since = 0 if level >= state.level else self._since + 1
            if self._since and self._since < self.settings.hold_s * 4:
                verdicts.append(Verdict(state.level, state.code, mask))
                continue
            self._since = 0
            if (level, code, mask) != (state.level, state.code, state.mask):
                self._state = state = Verdict(level, code, mask)
            verdicts.append(state)
        return verdicts

    def _always(self) -> int:
        """Worth of the worst that holds wherever there is content."""
        return max(
            _WORTH[level, code] if level else 0
            for code, level in (
                ("NOISE", self._noise()),
                ("SNR", self._snr()),
                ("SITE", min(self.misplaced, RED)),
                ("XTALK", _grade(self.crosstalk, self.settings.crosstalk)),
            )
        )

    def _coverage(self, raw: Array, there: int) -> int:
        lost = 1.0 - there / len(raw)
        if lost > self.settings.drop[1] or longest(np.isnan(raw)) > self.settings.gap_s * self.fs_hz:
            return RED
        return _grade(lost, self.settings.drop)

    def _contact(self, found: _Found, seen: Seconds, looked: Looked, k: int) -> None:
        """Judge window k: constant, cut off, or thrown to another offset."""
        constant, clipped, limits = looked.contact.constant[k], looked.contact.clipped[k], self.settings
        if constant:
            found.put("FLAT", k, RED)
        if clipped > limits.clip[0]:
            found.put("CLIP", k, _grade(clipped, limits.clip))
        least_step = limits.step_rest * looked.before[k]
        if constant or not least_step > 0.0 or not seen.facts.moved[k] > least_step:
            return
        if seen.there[k] > 0.5 * seen.size and seen.facts.high[k] - seen.facts.low[k] > least_step:
            thrown = self.contact.throws(seen.raw[k], looked.contact.range[k], least_step, limits.step_share)
            found.put("LEAD", k, RED if thrown else GOOD)

    def _spectral(self, found: _Found, seen: Seconds, rest: float, hum: HumSeen, works: _Works, k: int) -> None:
        """Judge what the spectrum shows of window k, and say what else is to be looked at."""
        low_rms, rms, line_rms, limits = seen.low_rms[k], seen.rms[k], hum.line_rms[k], self.settings
        still, usual = self._low.tenth(low_rms), self._lines.median(line_rms)
        if hum.hum_rms[k] > 0.0:
            found.put("PLI", k, self._mains(hum.hum_rms[k], hum.left_rms[k]))
        if hum.line_share[k] > 0.5 and line_rms > limits.lead_ratio * max(usual, rest, hum.hum_rms[k]):
            found.put("LEAD", k, RED)
        if not rms > limits.active * rest:
            works.rests[k] = True
            return
        if low_rms > max(limits.active * rest, limits.moved * min(still, MOST_STILL * rest)):
            square = low_rms * low_rms  # activity at the tapered edges of the window counts too
            found.put("MAR", k, _grade(min(seen.low_share[k], square / (square + rms * rms)), limits.motion))
        if seen.filtered_there[k] == seen.size:
            quarters = seen.levels[k : k + HOPS]
            works.working[k], works.loud[k] = True, rms > limits.loud * rest
            works.steady[k] = max(quarters) <= limits.steady * min(quarters)

    def _mains(self, hum_rms: float, left_rms: float) -> int:
        """Red is what is left; hum that the canceller takes out is worth a word, no more."""
        scale, limits = 1.0, self.settings.mains_uv
        if self.unit not in CALIBRATED_UNITS:
            scale, limits = self.reference, self.settings.mains_ref
        if not scale > 0.0:
            return GOOD
        return max(min(_grade(hum_rms / scale, limits), AMBER), _grade(left_rms / scale, limits))

    def _noise(self) -> int:
        if self.unit in CALIBRATED_UNITS:
            return _grade(self.noise, self.settings.noise_uv)
        return _grade(self.noise / self.reference, self.settings.noise_ref) if self.reference > 0.0 else GOOD

    def _snr(self) -> int:
        """Compare the reference with the noise; without either a muscle may have had no cause to stand out."""
        if not (self.reference > 0.0 and self.noise > 0.0):
            return GOOD
        return _grade(-20.0 * math.log10(self.reference / self.noise), tuple(-limit for limit in self.settings.snr_db))

    def _working(self, found: _Found, seen: Seconds, works: _Works) -> None:
        """Judge what only shows while the muscle works: spectrum and distribution."""
        limits = self.settings
        judged = self._active.take(seen.power, seen.filtered, *works)
        for k, median_hz, normal, shape in zip(*judged, strict=True) if judged else ():
            outside = [median_hz < low_hz or median_hz > high_hz for low_hz, high_hz in limits.median_hz]
            found.put("MDF", k, RED if outside[1] else AMBER if outside[0] else GOOD)
            found.put("NORM", k, _grade(-normal, tuple(-limit for limit in limits.normality)))
            motion_db, noise_db, drop_db, deformation = shape
            bad = (motion_db < limits.motion_db) + (noise_db < limits.shape_noise_db) + (drop_db < limits.drop_db)
            found.put("SHAPE", k, min(bad + (deformation > limits.deformation), RED))


class _Works(NamedTuple):
    """What `ActiveSeconds` is told of n windows, (n,) each."""

    working: list[bool]
    rests: list[bool]
    steady: list[bool]
    loud: list[bool]


class _Found:
    """The worst that was found in each of n windows, as its worth, and whether to mask it."""

    def __init__(self, n: int) -> None:
        self.worst, self.mask = [0] * n, [False] * n

    def put(self, code: str, k: int, level: int) -> None:
        """Remember how bad a code is in window k."""
        if not level:
            return
        self.worst[k] = max(self.worst[k], _WORTH[level, code])
        if level == RED and code in MASKING:
            self.mask[k] = True


def _tenth_of_chance(fs_hz: float) -> float:
    """Tenth quantile of the RMS of one second of noise in the band, over its expectation."""
    width_hz = max(upper_edge_hz(fs_hz) - 20.0, 10.0)
    return 1.0 - 1.2816 / (2.0 * math.sqrt(width_hz))


def _grade(value: float, limits: tuple[float, ...]) -> int:
    return RED if value > limits[1] else AMBER if value > limits[0] else GOOD
