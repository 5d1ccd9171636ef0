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
from typing import Any

import numpy as np

from emgmon.dsp import verdict_loops as loops
from emgmon.dsp.contact import ABRUPT_S, FULL, ContactSettings
from emgmon.dsp.device_class import CALIBRATED_UNITS, upper_edge_hz
from emgmon.dsp.mains import MAINS_HZ, Hum, MainsBins, MainsSettings, hann, mains_bins
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

MAINS_OF_REST = 0.5
"""Hum above this share of the relaxed RMS is taken out where the scale is not known."""

HOP_S = 0.25
CONTACT, MAINS = ContactSettings(), MainsSettings()

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


_NO_SHAPES, _NO_HEART = np.zeros((4, 0)), np.zeros(0)
_VERDICTS = [(Verdict(level, code), Verdict(level, code, mask=True)) for level, code in _SAID]


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
        False when the sensor hands out an envelope: its values may be held, and its top is round, so only full scale
        tells what is cut off.
    full_scale : float
        Largest magnitude that the converter gives, NaN where nobody knows: then runs at the largest and smallest value
        seen so far, and piles of samples there, tell what is cut off.
    hop : int
        Samples of a quarter second.
    bins : MainsBins or None
        Where mains is looked at.
    """

    fs_hz: float
    unit: str
    settings: QualitySettings = field(default_factory=QualitySettings)
    noise: float = math.nan
    reference: float = math.nan
    crosstalk: float = math.nan
    misplaced: int = 0
    raw: bool = True
    full_scale: float = math.nan
    hop: int = field(init=False)
    bins: MainsBins | None = field(init=False)
    _state: Any = field(init=False)
    _past: Any = field(init=False)
    _rings: tuple[Array, Array] = field(init=False)
    _active: ActiveSeconds = field(init=False)
    _spec: tuple[QualitySettings, float, Any] | None = None
    _told: tuple[Any, ...] = ()
    _worth: int = 0
    _out: Any = None
    _columns: Any = None

    def __post_init__(self) -> None:
        self.hop = max(8, round(HOP_S * self.fs_hz))
        self.bins = mains_bins(self.fs_hz, HOPS * self.hop) if self.raw else None
        self._state = [0.0] * loops.STATE
        self._state[loops.LOWEST_YET], self._state[loops.HIGHEST_YET] = math.inf, -math.inf
        self._state[loops.STEP_YET] = math.inf
        for at in (loops.PILES, loops.PILES + 3, loops.QUIETEST):
            self._state[at] = math.nan
        places = int(self.settings.recall_s * 4)
        self._past = [[math.inf] * places for _ in range(6)] + [[0.0] * places]
        self._active = ActiveSeconds(self.fs_hz, HOPS * self.hop)
        self.restart()

    def restart(self) -> None:
        """Forget what was seen of mains."""
        self._state[loops.N_LEFT : loops.N_ROW] = self._mains()
        n_lines = len(self.bins.around) if self.bins else 0
        room = 4 * MAINS.windows
        self._rings = np.zeros((room, n_lines, 17)), np.zeros((room, 13))

    @staticmethod
    def _mains() -> list[float]:
        begun = [0.0] * (loops.N_ROW - loops.N_LEFT)
        begun[loops.DEPTH_50 - loops.N_LEFT] = begun[loops.DEPTH_60 - loops.N_LEFT] = 1.0
        begun[loops.HUM_HZ - loops.N_LEFT] = math.nan
        return begun

    @property
    def hum(self) -> Hum | None:
        """Mains hum that was found last."""
        f0_hz, rms, over = (float(self._state[at]) for at in (loops.HUM_HZ, loops.HUM_RMS, loops.HUM_OVER))
        return None if math.isnan(f0_hz) else Hum(f0_hz, rms, 10.0 * math.log10(over))

    @property
    def notch_hz(self) -> float:
        """Mains frequency at which the sensor has a notch of its own; NaN when there is none or too little was seen."""
        independent = min(float(self._state[loops.N_SEEN]), MAINS.hole_windows) / 3.0
        if independent < 1.0:
            return math.nan
        depth, f0_hz = min(zip(self._state[loops.DEPTH_50 : loops.DEPTH_60 + 1], MAINS_HZ, strict=True))
        limit = min(MAINS.hole, 1.0 - MAINS.hole_sd / math.sqrt(independent))
        return f0_hz if depth < limit else math.nan

    def look(self, seen: Seconds, first: int, stop: int, hops: int, *, cancelling: bool) -> tuple[int, bool]:
        """Look at windows, up to that in which the canceller is to be switched.

        Parameters
        ----------
        seen : Seconds
        first, stop : int
            Which of its windows; they follow those that were looked at before.
        hops : int
            Quarter seconds up to the end of the first window of `seen`, since the chain began.
        cancelling : bool
            Whether hum is taken out now.

        Returns
        -------
        int
            The window behind the last one that was looked at.
        bool
            Whether the canceller is to be switched after it, on or off.
        """
        compiled = seen.loops is not None
        if self._out is None or first == 0:
            self._begin(seen.n, compiled=compiled)
        near: Any = np.empty((7, 2 * (stop - first))) if compiled else [[0.0] * (2 * (stop - first)) for _ in range(7)]
        known = seen.handed(), seen.table, self._state, self._numbers(compiled=compiled), self._past, self._rings
        scale = 1.0 if self.unit in CALIBRATED_UNITS else self.reference
        run = seen.loops.look if seen.loops else loops.look
        told = self.settings, self.noise, self.reference, self.crosstalk, self.misplaced
        if self._told != told:
            self._told, self._worth = told, self._always()
        now = self.noise, self._worth, scale, hops, cancelling
        done: int = run(*known, near, self._out, self._columns, first, stop, *now)
        return done, self._state[loops.CHANGE] > 0.0

    def rests(self, first: int, stop: int) -> tuple[list[float], list[float]]:
        """RMS at rest before and after each of some windows that were looked at; NaN at the beginning.

        It is that of the quietest tenth of the last minute, at most 1.5 times the measured noise. The tenth quantile of
        a second's RMS lies below its mean by what chance makes of a second; that is divided out.
        """
        before, after = self._out[loops.BEFORE][first:stop], self._out[loops.REST][first:stop]
        return (before, after) if isinstance(before, list) else (before.tolist(), after.tolist())

    def judge(self, seen: Seconds, first: int, stop: int, heart: Sequence[float] | None = None) -> list[Verdict]:
        """Say of windows that were looked at how good they are.

        Parameters
        ----------
        seen : Seconds
        first, stop : int
        heart : (stop - first,) sequence of float, optional
            RMS of what beats with the heart over that of rest, NaN while nobody knows.
        """
        compiled, out, state = seen.loops is not None, self._out, self._state
        shapes: Any = _NO_SHAPES if compiled else []
        if state[loops.N_JUDGED] > 0.0:
            even = state[loops.N_EVEN] > 0.0
            shapes = self._active.tell(seen, out, self._columns, first, stop, even=even)
        beats: Any = heart or []
        if compiled:
            beats = np.array(beats) if heart else _NO_HEART
        run = seen.loops.conclude if seen.loops else loops.conclude
        run(state, self._numbers(compiled=compiled), out, self._columns, shapes, beats, first, stop)
        if n_row := int(state[loops.N_ROW]):
            at = slice(loops.ROW + loops.KEPT - n_row, loops.ROW + loops.KEPT)
            state[at] = self._active.keep(seen, self._columns, [int(each) for each in state[at]])
        worst, masks = out[loops.WORST][first:stop], out[loops.MASK][first:stop]
        if compiled:
            worst, masks = worst.tolist(), masks.tolist()
        return [_VERDICTS[int(worth)][mask > 0.0] for worth, mask in zip(worst, masks, strict=True)]

    def _begin(self, n: int, *, compiled: bool) -> None:
        """Make room for what is found of n windows, and have the past as the loops take it."""
        self._columns = self._active.begin(n, compiled=compiled)
        if compiled:
            self._out = np.empty((loops.OUT, n))
            self._state, self._past = np.asarray(self._state), np.asarray(self._past)
        else:
            self._out = [[0.0] * n for _ in range(loops.OUT)]
            if not isinstance(self._state, list):
                self._state, self._past = self._state.tolist(), self._past.tolist()

    def _numbers(self, *, compiled: bool) -> Any:
        """Return the spec of the loops."""
        if self._spec is None or self._spec[0] is not self.settings or self._spec[1] is not self.full_scale:
            self._spec = self.settings, self.full_scale, self._made()
        numbers: Any = self._spec[2]
        if compiled != isinstance(numbers, np.ndarray):
            numbers = np.array(numbers) if compiled else numbers.tolist()
            self._spec = *self._spec[:2], numbers
        return numbers

    def _made(self) -> list[float]:
        limits, contact, calibrated = self.settings, CONTACT, self.unit in CALIBRATED_UNITS
        size = HOPS * self.hop
        mains = limits.mains_uv if calibrated else limits.mains_ref
        (low_hz, high_hz), (low_red_hz, high_red_hz) = limits.median_hz
        numbers = {
            "half": 0.5 * size,
            "size": size,
            "longest": max(contact.flat_s * self.fs_hz, 24.0),
            "full": FULL * self.full_scale if self.full_scale > 0.0 else math.inf,
            "flat": contact.flat_uv if calibrated else 0.0,
            "clear": contact.clear,
            "piled": contact.piled,
            "run": contact.run,
            "raw": self.raw,
            "chance": _tenth_of_chance(self.fs_hz),
            "clip": limits.clip[0],
            "clip_red": limits.clip[1],
            "step_rest": limits.step_rest,
            "step_share": limits.step_share,
            "drop": limits.drop[0],
            "drop_red": limits.drop[1],
            "gap": limits.gap_s * self.fs_hz,
            "active": limits.active,
            "loud": limits.loud,
            "moved": limits.moved,
            "steady": limits.steady,
            "lead": limits.lead_ratio,
            "motion": limits.motion[0],
            "motion_red": limits.motion[1],
            "mains": mains[0],
            "mains_red": mains[1],
            "most_still": MOST_STILL,
            "limit": limits.mains_uv[0] if calibrated else 0.0,
            "limit_of_rest": MAINS_OF_REST,
            "shaped": self.fs_hz >= 499.0,
            "abrupt": max(1, round(ABRUPT_S * self.fs_hz)),
            "over": 10.0 ** (0.1 * MAINS.prominence_db),
            "plain_over": 10.0 ** (0.1 * MAINS.plain_db),
            "windows": MAINS.windows,
            "least": MAINS.least,
            "least_plain": MAINS.least_plain,
            "hole_windows": MAINS.hole_windows,
            "lines_50": self.bins.n_50 if self.bins else 0,
            "lines": len(self.bins.around) if self.bins else 0,
            "fs_hz": self.fs_hz,
            "scale": 2.0 / (size * hann(size)[1]),
            "hold": limits.hold_s * 4,
            "heart": limits.heart[0],
            "heart_red": limits.heart[1],
            "normal": limits.normality[0],
            "normal_red": limits.normality[1],
            "median_low": low_hz,
            "median_high": high_hz,
            "median_low_red": low_red_hz,
            "median_high_red": high_red_hz,
            "motion_db": limits.motion_db,
            "noise_db": limits.shape_noise_db,
            "drop_db": limits.drop_db,
            "deformation": limits.deformation,
        }
        return [float(numbers[name]) for name in loops.SPEC]

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

    def _noise(self) -> int:
        if self.unit in CALIBRATED_UNITS:
            return _grade(self.noise, self.settings.noise_uv)
        return _grade(self.noise / self.reference, self.settings.noise_ref) if self.reference > 0.0 else GOOD

    def _snr(self) -> int:
        """Compare the reference with the noise; without either a muscle may have had no cause to stand out."""
        if not (self.reference > 0.0 and self.noise > 0.0):
            return GOOD
        return _grade(-20.0 * math.log10(self.reference / self.noise), tuple(-limit for limit in self.settings.snr_db))


def _tenth_of_chance(fs_hz: float) -> float:
    """Tenth quantile of the RMS of one second of noise in the band, over its expectation."""
    width_hz = max(upper_edge_hz(fs_hz) - 20.0, 10.0)
    return 1.0 - 1.2816 / (2.0 * math.sqrt(width_hz))


def _grade(value: float, limits: tuple[float, ...]) -> int:
    return RED if value > limits[1] else AMBER if value > limits[0] else GOOD
