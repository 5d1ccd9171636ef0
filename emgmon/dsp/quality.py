"""How good a channel's signal is now: one code, how bad, and what to do about it.

Judged over the last second, four times a second. ``red`` codes of `MASKING` mean that the signal is not muscle: their
samples must not count. The others describe a channel whose numbers still hold, with less precision.

What is looked at stands in `emgmon.dsp.contact` (raw values), `emgmon.dsp.shape` (spectrum and distribution),
`emgmon.dsp.ecg` (heart), `emgmon.dsp.crosstalk` (two channels) and `emgmon.dsp.site` (reference tasks); here it meets
its limits. Deviations from the lists in the literature are in ``docs/quality.md``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgmon.dsp.contact import Contact, ContactWatch, longest
from emgmon.dsp.device_class import CALIBRATED_UNITS, upper_edge_hz
from emgmon.dsp.hum import HumSeen
from emgmon.dsp.recent import Recent
from emgmon.dsp.seconds import HOPS, Seconds
from emgmon.dsp.shape import ActiveSeconds
from emgmon.model import Array

Flags = NDArray[np.bool_]
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


class Looked(NamedTuple):
    """What of n windows is known before hum and heart are, (n,) each.

    `content` tells where the filtered signal is judged, `before` and `rest` what rest was before and after a window.
    """

    contact: Contact
    content: Flags
    before: Array
    rest: Array


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
        contact = self.contact.judge(seen.raw, seen.there, seen.facts)
        content = (seen.filtered_there > 0.5 * seen.size) & ~contact.constant
        before = self.rest_rms
        quietest = np.full(seen.n, self._quietest)
        came = content.nonzero()[0]
        if len(came):
            quietest[came] = self._rms.tenths(seen.rms[came])
            if len(came) < seen.n:
                last = np.maximum.accumulate(np.where(content, np.arange(seen.n), -1))
                quietest = np.where(last >= 0, quietest[last], self._quietest)
            self._quietest = float(quietest[-1])
        rest = quietest / self._chance
        if not math.isnan(self.noise):
            rest = np.minimum(rest, 1.5 * self.noise)
        return Looked(contact, content, np.concatenate([[before], rest[:-1]]), rest)

    def judge(self, seen: Seconds, looked: Looked, hum: HumSeen | None, heart: Array | None = None) -> list[Verdict]:
        """Say of windows that were looked at how good they are.

        Parameters
        ----------
        seen : Seconds
        looked : Looked
        hum : HumSeen, optional
            Mains in them; None for an envelope.
        heart : (n,) array, optional
            RMS of what beats with the heart over that of rest, NaN while nobody knows.
        """
        found, content = _Found(seen.n), looked.content
        self._coverage(found, seen)
        found.add("FLAT", looked.contact.constant, RED)
        found.grade("CLIP", looked.contact.clipped, self.settings.clip)
        least_step = self.settings.step_rest * looked.before
        least_step = np.where((seen.there > 0.5 * seen.size) & (least_step > 0.0), least_step, math.inf)
        if (seen.facts.moved > least_step).any():
            thrown = self.contact.thrown(seen.raw, seen.facts, looked.contact, least_step, self.settings.step_share)
            found.add("LEAD", thrown, RED)
        levels = {
            "NOISE": self._noise(),
            "SNR": self._snr(),
            "SITE": min(self.misplaced, RED),
            "XTALK": _grade(self.crosstalk, self.settings.crosstalk),
        }
        for code, level in levels.items():
            if level:
                found.add(code, content, level)
        if heart is not None:
            found.grade("ECR", np.where(content, heart, math.nan), self.settings.heart)
        if hum is not None and (spectral := content & seen.known).any():
            self._spectral(found, seen, looked, hum, spectral)
        return self._held(found)

    def _held(self, found: _Found) -> list[Verdict]:
        """Worst code of each window; a better state has to last before it is believed."""
        if not found.any and not self._state.level:
            self._since = 0
            return [self._state] * found.n
        verdicts: list[Verdict] = []
        for level, code, mask in found.worst():
            self._since = 0 if level >= self._state.level else self._since + 1
            if self._since and self._since < self.settings.hold_s * 4:
                verdicts.append(Verdict(self._state.level, self._state.code, mask))
                continue
            self._since = 0
            if (level, code, mask) != (self._state.level, self._state.code, self._state.mask):
                self._state = Verdict(level, code, mask)
            verdicts.append(self._state)
        return verdicts

    def _coverage(self, found: _Found, seen: Seconds) -> None:
        for k in (seen.there < seen.size).nonzero()[0].tolist():
            lost = 1.0 - seen.there[k] / seen.size
            if lost > self.settings.drop[1] or longest(np.isnan(seen.raw[k])) > self.settings.gap_s * self.fs_hz:
                found.put("DROP", k, RED)
            else:
                found.put("DROP", k, _grade(lost, self.settings.drop))

    def _spectral(self, found: _Found, seen: Seconds, looked: Looked, hum: HumSeen, there: Flags) -> None:
        """Judge what the spectra show of windows `there`."""
        rest, whole = looked.rest, bool(there.all())
        still, usual = np.zeros((2, seen.n))
        if whole:
            still, usual = self._low.tenths(seen.low_rms), self._lines.medians(hum.line_rms)
        else:
            still[there] = self._low.tenths(seen.low_rms[there])
            usual[there] = self._lines.medians(hum.line_rms[there])
        self._mains(found, hum, there)
        line = there & (hum.line_share > 0.5)
        if line.any():
            most = self.settings.lead_ratio * np.maximum(np.maximum(usual, rest), hum.hum_rms)
            found.add("LEAD", line & (hum.line_rms > most), RED)
        active = there & (seen.rms > self.settings.active * rest)
        if active.any():
            self._moves(found, seen, rest, still, active)
        if self.fs_hz >= 499.0:
            self._working(found, seen, rest, active, there & ~active)

    def _mains(self, found: _Found, hum: HumSeen, there: Flags) -> None:
        """Red is what is left; hum that the canceller takes out is worth a word, no more."""
        scale, limits = 1.0, self.settings.mains_uv
        if self.unit not in CALIBRATED_UNITS:
            scale, limits = self.reference, self.settings.mains_ref
        if scale > 0.0 and hum.hum_rms.any():
            found.grade("PLI", np.where(there, hum.hum_rms / scale, 0.0), (limits[0], math.inf))
            found.grade("PLI", np.where(there, hum.left_rms / scale, 0.0), limits)

    def _noise(self) -> int:
        if self.unit in CALIBRATED_UNITS:
            return _grade(self.noise, self.settings.noise_uv)
        return _grade(self.noise / self.reference, self.settings.noise_ref) if self.reference > 0.0 else GOOD

    def _snr(self) -> int:
        """Compare the reference with the noise; without either a muscle may have had no cause to stand out."""
        if not (self.reference > 0.0 and self.noise > 0.0):
            return GOOD
        return _grade(-20.0 * math.log10(self.reference / self.noise), tuple(-limit for limit in self.settings.snr_db))

    def _moves(self, found: _Found, seen: Seconds, rest: Array, still: Array, active: Flags) -> None:
        """Judge motion where the muscle works."""
        low, limits = seen.low_rms, self.settings
        most = np.maximum(limits.active * rest, limits.moved * np.minimum(still, MOST_STILL * rest))
        moves = active & (low > most)
        if moves.any():
            square = low * low
            total = square + seen.rms * seen.rms  # activity at the tapered edges of the window counts too
            share = np.minimum(seen.low_share, np.divide(square, total, where=moves, out=np.zeros(seen.n)))
            found.grade("MAR", np.where(moves, share, 0.0), limits.motion)

    def _working(self, found: _Found, seen: Seconds, rest: Array, active: Flags, rests: Flags) -> None:
        """Judge what only shows while the muscle works: spectrum and distribution."""
        limits, n, quarters = self.settings, seen.n, seen.levels
        working = active & (seen.filtered_there == seen.size)
        steady = loud = working
        if working.any():
            quarter = [quarters[k : n + k] for k in range(HOPS)]
            steady = working & (np.maximum.reduce(quarter) <= limits.steady * np.minimum.reduce(quarter))
            loud = working & (seen.rms > limits.loud * rest)
        judged = self._active.take(seen.power, seen.filtered, working, rests, steady, loud)
        if judged is None:
            return
        median_hz, shape = judged.median_hz, judged.shape
        for level, (low_hz, high_hz) in zip((AMBER, RED), limits.median_hz, strict=True):
            found.put("MDF", judged.at, level * ((median_hz < low_hz) | (median_hz > high_hz)))
        for level, limit in zip((AMBER, RED), limits.normality, strict=True):
            found.put("NORM", judged.at, level * (judged.normal < limit))
        bad = (shape[:, :3] < (limits.motion_db, limits.shape_noise_db, limits.drop_db)).sum(axis=1)
        found.put("SHAPE", judged.at, np.minimum(bad + (shape[:, 3] > limits.deformation), RED))


class _Found:
    """Codes of n windows and how bad each is; the worst is kept."""

    def __init__(self, n: int) -> None:
        self.n, self.any = n, False
        self._worst, self._mask = np.zeros(n, np.int64), np.zeros(n, np.bool_)

    def put(self, code: str, at: NDArray[np.int64] | int, levels: NDArray[np.int64] | int) -> None:
        """Remember how bad a code is in windows `at`."""
        levels = np.asarray(levels)
        if not levels.any():
            return
        self.any = True
        worth = np.where(levels > 0, (levels + 1) * len(REMEDIES) - 1 - _WORTH[code], 0)
        self._worst[at] = np.maximum(self._worst[at], worth)
        if code in MASKING:
            self._mask[at] |= levels == RED

    def add(self, code: str, where: Flags, level: int) -> None:
        """Remember that a code is this bad in some windows."""
        if where.any():
            self.put(code, where.nonzero()[0], level)

    def grade(self, code: str, values: Array, limits: Limits) -> None:
        """Remember a code where values, (n,), are above limits; NaN is good."""
        for level, limit in zip((AMBER, RED), limits, strict=True):
            self.add(code, values > limit, level)

    def worst(self) -> list[tuple[int, str, bool]]:
        """Level and worst code of each window, and whether it is to be masked."""
        codes, n = tuple(REMEDIES), len(REMEDIES)
        pairs = zip(self._worst.tolist(), self._mask.tolist(), strict=True)
        return [(worst // n, codes[n - 1 - worst % n] if worst else "", mask) for worst, mask in pairs]


def _tenth_of_chance(fs_hz: float) -> float:
    """Tenth quantile of the RMS of one second of noise in the band, over its expectation."""
    width_hz = max(upper_edge_hz(fs_hz) - 20.0, 10.0)
    return 1.0 - 1.2816 / (2.0 * math.sqrt(width_hz))


def _grade(value: float, limits: tuple[float, ...]) -> int:
    return RED if value > limits[1] else AMBER if value > limits[0] else GOOD
