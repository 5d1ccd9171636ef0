"""One EMG channel from raw to filtered: mains, band-pass, and a verdict each quarter second.

What is decided at the end of a quarter second holds from the next sample on, wherever the packets were cut. What is
learnt elsewhere (noise, references, beats) is told with the sample from which on it holds, for the same reason.

A sensor that hands out an envelope has nothing to filter: its values pass as they are, and only contact, loss and noise
are judged.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from emgmon.dsp.canceller import MainsCanceller
from emgmon.dsp.device_class import CALIBRATED_UNITS
from emgmon.dsp.ecg import HeartCanceller, Revision
from emgmon.dsp.filters import ERECTOR_SPINAE, BandPass, BandPassSettings
from emgmon.dsp.mains import MAINS_HZ, UNREAL, Hum, MainsWatch, line_rms
from emgmon.dsp.quality import HOPS, QualityWatch, Second, Verdict
from emgmon.dsp.shape import power_of, spectrum_of
from emgmon.model import Array

HOP_S = 0.25
WHOLE = 0.95
"""A second of which less came has no spectrum."""
RELAXED = 2.0
"""A second below this multiple of rest is relaxed."""
MAINS_OF_REST = 0.5
"""Hum above this share of the relaxed RMS is taken out where the scale is not known."""
LATE = 25.0
"""Hum that comes later than rest is hum up to this multiple of rest; more is an electrode that came off."""
MANY = 9
"""Harmonics that are looked past when it is asked whether the muscle is relaxed."""


class Judged(NamedTuple):
    """A verdict over the `n` samples before index `stop` of the filtered signal, counted since the chain began.

    `revised` are stretches before `stop` out of which the heart was taken since.
    """

    stop: int
    n: int
    verdict: Verdict
    revised: tuple[Revision, ...]


@dataclass(slots=True)
class Chain:
    """Mains canceller, band-pass and quality of one channel; online, lags by `delay_s`.

    Attributes
    ----------
    fs_hz, unit : float, str
    settings : BandPassSettings
    raw : bool
        False when the sensor hands out an envelope.
    near_heart : bool
        Whether beats are sought and taken out; they are where the band-pass is that of the erector spinae.
    count : int
        Samples that came since the chain began.
    """

    fs_hz: float
    unit: str
    settings: BandPassSettings = field(default_factory=BandPassSettings)
    raw: bool = True
    near_heart: bool = False
    band_pass: BandPass = field(init=False)
    mains: MainsCanceller = field(init=False)
    quality: QualityWatch = field(init=False)
    heart: HeartCanceller | None = None
    mains_since: int = 0
    count: int = 0
    _hop: int = field(init=False)
    _filled: int = 0
    _windows: Array = field(init=False)
    _watch: MainsWatch = field(init=False)
    _hum: Hum | None = None
    _left: deque[float] = field(default_factory=lambda: deque(maxlen=16))
    _known: list[tuple[int, str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.near_heart = self.raw and (self.near_heart or self.settings == ERECTOR_SPINAE)
        self._hop = max(8, round(HOP_S * self.fs_hz))
        self.quality = QualityWatch(self.fs_hz, self.unit, raw=self.raw)
        self.restart()

    def restart(self) -> None:
        """Begin anew after a reconnection: what was learnt of the channel stays, its past samples do not."""
        self.band_pass = BandPass(self.fs_hz, self.settings)
        self.mains = MainsCanceller(self.fs_hz)
        self.heart = HeartCanceller(self.fs_hz, self._hop, (HOPS - 1) * self._hop) if self.near_heart else None
        self._watch = MainsWatch(self.fs_hz, HOPS * self._hop)
        self._windows = np.full((3, HOPS * self._hop), np.nan)
        self.count = self._filled = self.mains_since = 0
        self._hum = None
        self._left.clear()
        self._learn(len(self._known))

    @property
    def delay_s(self) -> float:
        """How far the filtered signal lags, at 120 Hz; the unknown delay of an envelope is not in it."""
        return self.band_pass.delay_s if self.raw else 0.0

    @property
    def notch_hz(self) -> float:
        """Mains frequency at which the sensor itself has a notch; NaN when there is none, or it is not known yet."""
        return self._watch.hole_hz()

    def know(self, at: int, what: str, value: float) -> None:
        """Let the quality's ``noise``, ``reference``, ``crosstalk`` or ``misplaced`` be this from sample `at` on."""
        self._known.append((at, what, value))

    def _learn(self, n: int) -> None:
        """Take what is known so far by its first n items, in the order of the samples they hold from."""
        self._known.sort(key=lambda item: item[0])
        for _at, what, value in self._known[:n]:
            setattr(self.quality, what, value)
        del self._known[:n]

    def __call__(self, samples: Array) -> tuple[Array, list[Judged]]:
        """Take the next raw samples, (n,), NaN where lost; returns the filtered ones and what was judged with them."""
        samples = np.where(np.abs(samples) < UNREAL, samples, np.nan)
        pieces, judged = [], []
        done = 0
        while done < len(samples):
            n = min(self._hop - self._filled, len(samples) - done)
            raw = samples[done : done + n]
            clean = self.mains(raw) if self.raw else raw
            filtered = self.band_pass(clean) if self.raw else raw
            at = (HOPS - 1) * self._hop + self._filled
            for row, part in enumerate((raw, clean, filtered)):
                self._windows[row, at : at + n] = part
            pieces.append(filtered)
            self._filled += n
            self.count += n
            done += n
            if self._filled == self._hop:
                judged += self._judge()
        return (np.concatenate(pieces) if len(pieces) > 1 else pieces[0] if pieces else samples), judged

    def _judge(self) -> list[Judged]:
        judged = []
        if self._known:
            self._learn(sum(at <= self.count for at, _what, _value in self._known))
        if self.count >= HOPS * self._hop:
            raw, clean, filtered = self._windows
            verdict = self._verdict(raw, clean, filtered)
            revised = self._revise(clean[-self._hop :], filtered[-self._hop :])
            judged.append(Judged(self.count, HOPS * self._hop, verdict, revised))
        self._windows[:, : -self._hop] = self._windows[:, self._hop :].copy()
        self._filled = 0
        return judged

    def _revise(self, clean: Array, filtered: Array) -> tuple[Revision, ...]:
        """Take the heart out of channels that are near it."""
        if self.heart is None:
            return ()
        if not np.isfinite(clean).any():
            clean = np.zeros(self._hop)
        return tuple(self.heart.step(_filled(clean), filtered, self.quality.rest_rms))

    def _verdict(self, raw: Array, clean: Array, filtered: Array) -> Verdict:
        n, bin_hz = len(raw), self.fs_hz / len(raw)
        if not self.raw or np.isfinite(raw).mean() < WHOLE:
            return self.quality.judge(Second(raw, filtered, np.empty(0)))
        spectrum = spectrum_of(_filled(raw))
        power = all_power = power_of(spectrum, n)
        if self.mains.hum is not None:
            power = power_of(spectrum_of(_filled(clean)), n)
        above = math.ceil(20.0 / bin_hz)
        total, rest = float(power[above:].sum()), self.quality.rest_rms
        lines_hz = (self._hum.f0_hz,) if self._hum else MAINS_HZ
        line = max(line_rms(all_power, bin_hz, f0_hz) for f0_hz in lines_hz)
        beside = math.sqrt(max(total - max(line_rms(power, bin_hz, f0_hz, MANY) for f0_hz in lines_hz) ** 2, 0.0))
        relaxed = not math.sqrt(total) > RELAXED * rest
        hums = line < LATE * rest and (beside < RELAXED * rest or self._watch.stands_out(spectrum))
        self._watch.add(spectrum, relaxed=relaxed or hums)
        self._look_for_mains(clean, rest)
        if relaxed and self._hum:
            self._left.append(line_rms(power, bin_hz, self._hum.f0_hz))
        total = float(all_power[above:].sum())
        hum_rms = self._hum.rms if self._hum else 0.0
        left_rms = float(np.median(self._left)) if self._left and self.mains.hum else hum_rms
        return self.quality.judge(
            Second(
                raw,
                filtered,
                power,
                line,
                line * line / total if total > 0.0 else 0.0,
                hum_rms,
                left_rms,
                self.heart.left(rest) if self.heart else math.nan,
            )
        )

    def _look_for_mains(self, clean: Array, rest: float) -> None:
        """Once a second: switch the canceller on above the limit, and off below half of it."""
        if (self.count // self._hop) % HOPS:
            return
        self._hum = self._watch.find()
        limit = self.quality.settings.mains_uv[0] if self.unit in CALIBRATED_UNITS else MAINS_OF_REST * rest
        now = self.mains.hum
        if self._hum is None or self._hum.rms < 0.5 * limit:
            if now is not None:
                self.mains.off()
                self.mains_since = self.count
        elif now is None and self._hum.rms > limit:
            self._left.clear()
            self.mains.tune(self._hum, _filled(clean))
            self.mains_since = self.count


def _filled(window: Array) -> Array:
    """Lost samples by a straight line between their neighbours."""
    there = np.isfinite(window)
    if there.all():
        return window
    index = np.arange(len(window))
    return np.interp(index, index[there], window[there])
