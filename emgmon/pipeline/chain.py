"""One EMG channel from raw to filtered: mains, band-pass, and a verdict each quarter second.

What is decided at the end of a quarter second holds from the next sample on, wherever the packets were cut. What is
learnt elsewhere (noise, references, beats) is told with the sample from which on it holds, for the same reason.

A sensor that hands out an envelope has nothing to filter: its values pass as they are, and only contact, loss and noise
are judged.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from emgmon.dsp.canceller import MainsCanceller
from emgmon.dsp.compiled import kernel
from emgmon.dsp.ecg import HeartCanceller, Revision
from emgmon.dsp.filters import ERECTOR_SPINAE, BandPass, BandPassSettings
from emgmon.dsp.mains import UNREAL
from emgmon.dsp.quality import QualityWatch, Verdict
from emgmon.dsp.seconds import HOPS, Seconds, bridged
from emgmon.dsp.verdict_names import KNOWN
from emgmon.model import Array

BLOCK = 64
"""So many quarter seconds are looked at together where they come together."""


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
    _kept: int = field(init=False)
    _filled: int = 0
    _signals: Array = field(init=False)
    _change: bool = False
    _known: list[tuple[int, str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.near_heart = self.raw and (self.near_heart or self.settings == ERECTOR_SPINAE)
        self.quality = QualityWatch(self.fs_hz, self.unit, raw=self.raw)
        self._hop, self._kept = self.quality.hop, (HOPS - 1) * self.quality.hop
        self.restart()

    def restart(self) -> None:
        """Begin anew after a reconnection: what was learnt of the channel stays, its past samples do not."""
        self.band_pass = BandPass(self.fs_hz, self.settings)
        self.mains = MainsCanceller(self.fs_hz)
        self.heart = HeartCanceller(self.fs_hz, self._hop, (HOPS - 1) * self._hop) if self.near_heart else None
        self.quality.restart()
        self._signals = np.full((3, HOPS * self._hop), np.nan)
        self.count = self._filled = self.mains_since = 0
        self._change = False
        self._learn(len(self._known))

    @property
    def delay_s(self) -> float:
        """How far the filtered signal lags, at 120 Hz; the unknown delay of an envelope is not in it."""
        return self.band_pass.delay_s if self.raw else 0.0

    @property
    def notch_hz(self) -> float:
        """Mains frequency at which the sensor itself has a notch; NaN when there is none, or it is not known yet."""
        return self.quality.notch_hz

    def know(self, at: int, what: str, value: float) -> None:
        """Let the quality's ``noise``, ``reference``, ``crosstalk`` or ``misplaced`` be this from sample `at` on."""
        self._known.append((at, what, value))

    def _due(self, count: int) -> int:
        """How many items of what is known hold by sample `count`."""
        return sum(at <= count for at, _what, _value in self._known)

    def _learn(self, n: int) -> None:
        """Take what is known so far by its first n items, in the order of the samples they hold from."""
        if not n:
            return
        self._known.sort(key=lambda item: item[0])
        for _at, what, value in self._known[:n]:
            setattr(self.quality, what, value)
        del self._known[:n]

    def __call__(self, samples: Array) -> tuple[Array, list[Judged]]:
        """Take the next raw samples, (n,), NaN where lost; returns the filtered ones and what was judged with them."""
        samples = np.ascontiguousarray(samples, np.float64)
        n, loops = len(samples), kernel()
        if loops and self._filled + n < self._hop and self.band_pass.ready and self.mains.hum is None:
            filtered = np.empty(n)  # memory from NumPy costs a quarter of that from numba
            if loops.chunk(samples, self.band_pass.flow, self._signals, self._kept + self._filled, filtered):
                self._filled += n
                self.count += n
                return filtered, []
        pieces: list[Array] = []
        judged: list[Judged] = []
        done = 0
        while done < len(samples):
            left, missing = len(samples) - done, self._hop - self._filled
            n = missing + self._hop * min((left - missing) // self._hop, BLOCK - 1) if left >= missing else left
            pieces.append(self._take(samples[done : done + n], judged))
            done += len(pieces[-1])
        return (np.concatenate(pieces) if len(pieces) > 1 else pieces[0] if pieces else samples), judged

    def _take(self, raw: Array, judged: list[Judged]) -> Array:
        """Take a part of a quarter second, or what makes it whole with more whole ones; returns as much as was taken.

        As long as the canceller goes on as it is, all can be filtered before anything is judged. Where it does not,
        what comes later was filtered in vain.
        """
        n_hops = (self._filled + len(raw)) // self._hop
        before = self.band_pass.saved() if n_hops > 1 else None
        mains = copy.deepcopy(self.mains) if before and self.mains.hum is not None else self.mains
        filled = self._kept + self._filled
        stop, signals = filled + len(raw), self._signals
        if stop > HOPS * self._hop:
            signals = np.empty((3, stop))
            signals[:, :filled] = self._signals[:, :filled]
        filtered = self._put(raw, signals, filled)
        if not n_hops:
            self._filled += len(raw)
            self.count += len(raw)
            return filtered
        began, self.count = self.count, self.count - self._filled
        held = self._judge(signals, n_hops, judged)
        taken = self.count - began
        if before and held < n_hops:
            self.mains = mains
            self.band_pass.load(before)
            self._put(raw[:taken], signals, filled)
        if self._change:
            self._switch(signals[1, (held - 1) * self._hop : (held + HOPS - 1) * self._hop])
        self._signals[:, : self._kept] = signals[:, held * self._hop : (held + HOPS - 1) * self._hop]
        self._filled = 0
        return filtered[:taken]

    def _put(self, raw: Array, signals: Array, at: int) -> Array:
        """Put samples raw, without mains, and filtered into `signals` at a column; returns the filtered ones."""
        loops = kernel()
        if loops and self.band_pass.ready and self.mains.hum is None:
            filtered = np.empty(len(raw))
            if loops.chunk(raw, self.band_pass.flow, signals, at, filtered):
                return filtered
        real = np.abs(raw) < UNREAL
        if not real.all():
            raw = np.where(real, raw, np.nan)
        clean = filtered = raw
        if self.raw:
            clean = self.mains(raw)
            filtered = self.band_pass(clean)
        for row, part in zip(signals, (raw, clean, filtered), strict=True):
            row[at : at + len(raw)] = part
        return filtered

    def _judge(self, signals: Array, n_hops: int, judged: list[Judged]) -> int:
        """Judge quarter seconds up to where the canceller goes on otherwise; returns how many."""
        first = max(0, HOPS - 1 - self.count // self._hop)
        if n_hops <= first:
            self.count += n_hops * self._hop
            self._learn(self._due(self.count))
            return n_hops
        cleaned = self.mains.hum is not None
        seen = Seconds(signals[:, first * self._hop :], self._hop, self.fs_hz, self.quality.bins, cleaned=cleaned)
        self.count += first * self._hop
        k, hops = 0, self.count // self._hop + 1
        while k < seen.n and not self._change:
            self._learn(self._due(self.count + self._hop))
            k = self._run(seen, k, self._until(k, seen.n), hops, judged)
        return first + k

    def _until(self, k: int, n: int) -> int:
        """Return the window from `k` on, up to n, before which something else is known."""
        due = min((at for at, _what, _value in self._known), default=math.inf) - self.count
        return min(n, k + math.ceil(due / self._hop) - 1) if due < math.inf else n

    def _run(self, seen: Seconds, first: int, stop: int, hops: int, judged: list[Judged]) -> int:
        """Judge windows, while nothing else becomes known, up to where the canceller is switched; returns that."""
        quality = self.quality
        stop, self._change = quality.look(seen, first, stop, hops, cancelling=self.mains.hum is not None)
        revised: list[tuple[Revision, ...]] = [()] * (stop - first)
        heart: list[float] | None = None
        if self.heart:
            before, rest = quality.rests(first, stop)
            there = seen.table[KNOWN][first:stop]
            known = [value if is_known else math.nan for value, is_known in zip(before, there, strict=True)]
            hop = slice(-self._hop, None)
            revised, heart = self.heart.take(seen.clean[first:stop, hop], seen.filtered[first:stop, hop], rest, known)
        for verdict, beats in zip(quality.judge(seen, first, stop, heart), revised, strict=True):
            self.count += self._hop
            judged.append(Judged(self.count, HOPS * self._hop, verdict, beats))
        return stop

    def _switch(self, clean: Array) -> None:
        """Switch the canceller on or off from the next sample on; `clean` is the window before it."""
        self._change = False
        self.mains_since = self.count
        hum = self.quality.hum
        if self.mains.hum is None and hum is not None:
            self.mains.tune(hum, bridged(clean))
        else:
            self.mains.off()
