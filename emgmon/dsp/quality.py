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
from emgmon.dsp import verdict_names as names
from emgmon.dsp.active_seconds import ActiveSeconds
from emgmon.dsp.device_class import CALIBRATED_UNITS
from emgmon.dsp.mains import MAINS_HZ, Hum, MainsBins, mains_bins
from emgmon.dsp.quality_settings import MAINS, QualitySettings, spec_of
from emgmon.dsp.seconds import HOPS, Seconds
from emgmon.model import Array

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

HOP_S = 0.25
GOOD, AMBER, RED = 0, 1, 2
STATES = ("good", "amber", "red")

_SAID = [(GOOD, ""), *((level, code) for level in (AMBER, RED) for code in reversed(list(REMEDIES)))]
_WORTH = {said: worth for worth, said in enumerate(_SAID)}
"""What can be said in the order of worth, and back."""


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
        self._state = [0.0] * names.STATE
        self._state[names.LOWEST_YET], self._state[names.HIGHEST_YET] = math.inf, -math.inf
        self._state[names.STEP_YET] = math.inf
        for at in (names.PILES, names.PILES + 3, names.QUIETEST):
            self._state[at] = math.nan
        places = int(self.settings.recall_s * 4)
        self._past = [[math.inf] * places for _ in range(6)] + [[0.0] * places]
        self._active = ActiveSeconds(self.fs_hz, HOPS * self.hop)
        self.restart()

    def restart(self) -> None:
        """Forget what was seen of mains."""
        self._state[names.N_LEFT : names.N_ROW] = self._mains()
        n_lines = len(self.bins.around) if self.bins else 0
        room = 4 * MAINS.windows
        self._rings = np.zeros((room, n_lines, 17)), np.zeros((room, 13))

    @staticmethod
    def _mains() -> list[float]:
        begun = [0.0] * (names.N_ROW - names.N_LEFT)
        begun[names.DEPTH_50 - names.N_LEFT] = begun[names.DEPTH_60 - names.N_LEFT] = 1.0
        begun[names.HUM_HZ - names.N_LEFT] = math.nan
        return begun

    @property
    def hum(self) -> Hum | None:
        """Mains hum that was found last."""
        f0_hz, rms, over = (float(self._state[at]) for at in (names.HUM_HZ, names.HUM_RMS, names.HUM_OVER))
        return None if math.isnan(f0_hz) else Hum(f0_hz, rms, 10.0 * math.log10(over))

    @property
    def notch_hz(self) -> float:
        """Mains frequency at which the sensor has a notch of its own; NaN when there is none or too little was seen."""
        independent = min(float(self._state[names.N_SEEN]), MAINS.hole_windows) / 3.0
        if independent < 1.0:
            return math.nan
        depth, f0_hz = min(zip(self._state[names.DEPTH_50 : names.DEPTH_60 + 1], MAINS_HZ, strict=True))
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
        return done, self._state[names.CHANGE] > 0.0

    def rests(self, first: int, stop: int) -> tuple[list[float], list[float]]:
        """RMS at rest before and after each of some windows that were looked at; NaN at the beginning.

        It is that of the quietest tenth of the last minute, at most 1.5 times the measured noise. The tenth quantile of
        a second's RMS lies below its mean by what chance makes of a second; that is divided out.
        """
        before, after = self._out[names.BEFORE][first:stop], self._out[names.REST][first:stop]
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
        if state[names.N_JUDGED] > 0.0:
            even = state[names.N_EVEN] > 0.0
            shapes = self._active.tell(seen, out, self._columns, first, stop, even=even)
        beats: Any = heart or []
        if compiled:
            beats = np.array(beats) if heart else _NO_HEART
        run = seen.loops.conclude if seen.loops else loops.conclude
        run(state, self._numbers(compiled=compiled), out, self._columns, shapes, beats, first, stop)
        if n_row := int(state[names.N_ROW]):
            at = slice(names.ROW + names.KEPT - n_row, names.ROW + names.KEPT)
            state[at] = self._active.keep(seen, self._columns, [int(each) for each in state[at]])
        worst, masks = out[names.WORST][first:stop], out[names.MASK][first:stop]
        if compiled:
            worst, masks = worst.tolist(), masks.tolist()
        return [_VERDICTS[int(worth)][mask > 0.0] for worth, mask in zip(worst, masks, strict=True)]

    def _begin(self, n: int, *, compiled: bool) -> None:
        """Make room for what is found of n windows, and have the past as the loops take it."""
        self._columns = self._active.begin(n, compiled=compiled)
        if compiled:
            self._out = np.empty((names.OUT, n))
            self._state, self._past = np.asarray(self._state), np.asarray(self._past)
        else:
            self._out = [[0.0] * n for _ in range(names.OUT)]
            if not isinstance(self._state, list):
                self._state, self._past = self._state.tolist(), self._past.tolist()

    def _numbers(self, *, compiled: bool) -> Any:
        """Return the spec of the loops."""
        if self._spec is None or self._spec[0] is not self.settings or self._spec[1] is not self.full_scale:
            size = HOPS * self.hop
            made = spec_of(self.settings, self.unit, self.fs_hz, size, self.bins, self.full_scale, raw=self.raw)
            self._spec = self.settings, self.full_scale, made
        numbers: Any = self._spec[2]
        if compiled != isinstance(numbers, np.ndarray):
            numbers = np.array(numbers) if compiled else numbers.tolist()
            self._spec = *self._spec[:2], numbers
        return numbers

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


def _grade(value: float, limits: tuple[float, ...]) -> int:
    return RED if value > limits[1] else AMBER if value > limits[0] else GOOD
