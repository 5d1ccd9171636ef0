"""What is kept of each channel on the session clock."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from emgmon.dsp.ecg import Revision
from emgmon.dsp.envelope import HOP_S, HopPower, rms
from emgmon.dsp.filters import ERECTOR_SPINAE, BandPass, BandPassSettings
from emgmon.dsp.quality import GOOD, HOPS, REMEDIES, STATES, Verdict
from emgmon.metrics import HopSeries, Stretch
from emgmon.model import Array, Placement, QualityChanged, QualityFlag, SignalSeen, TimedBlock
from emgmon.pipeline.chain import HOP_S as VERDICT_S
from emgmon.pipeline.chain import Chain, Judged

NEAR_HEART = frozenset({"E", "G", "D"})
"""Groups of the trunk, in which the heart may show."""

KNOWN_AFTER_S = 1.0
"""What is learnt at a tick holds for the quality of samples this much later: none of them can have come yet."""

STALE_S = 0.06
"""A channel whose newest hop is older than this has no level now."""

FILTERED_S = 25.0
"""Filtered samples kept of each channel: the longest rep and what came before it."""


@dataclass(slots=True)
class Growing:
    """Rows with ascending times that grow at the end and are forgotten at the start."""

    width: int
    n: int = 0
    newest_s: float = -math.inf
    _time_s: Array = field(default_factory=lambda: np.empty(4096))
    _rows: Array = field(init=False)

    def __post_init__(self) -> None:
        self._rows = np.empty((4096, self.width))

    def append(self, time_s: Array, rows: Array) -> None:
        """Add rows (m, width) with their times (m,)."""
        need = self.n + len(time_s)
        if need > len(self._time_s):
            grown = max(need, 2 * len(self._time_s))
            self._time_s = np.concatenate([self._time_s[: self.n], np.empty(grown - self.n)])
            self._rows = np.concatenate([self._rows[: self.n], np.empty((grown - self.n, self.width))])
        self._time_s[self.n : need] = time_s
        self._rows[self.n : need] = rows
        self.n = need
        if len(time_s):
            self.newest_s = float(time_s[-1])

    def forget_before(self, time_s: float) -> None:
        """Drop rows that are older."""
        first = int(np.searchsorted(self.time_s, time_s))
        if first > self.n // 2:
            keep = self.n - first
            self._time_s[:keep] = self._time_s[first : self.n].copy()
            self._rows[:keep] = self._rows[first : self.n].copy()
            self.n = keep

    @property
    def time_s(self) -> Array:
        """Times, (n,)."""
        return self._time_s[: self.n]

    @property
    def rows(self) -> Array:
        """Rows, (n, width)."""
        return self._rows[: self.n]


@dataclass(slots=True)
class EmgTrack:
    """One EMG channel: filtered, and as mean squares of hops whose times have the filter's delay taken out.

    Hops of a second that was not muscle, and of the quarter second after it, are NaN; `masked` counts their samples.
    The second column of `hops` is 1 where the signal was cut off within that second.
    """

    placement: Placement
    unit: str
    fs_hz: float
    device: str = ""
    raw: bool = True
    noise: float = math.nan
    chain: Chain = field(init=False)
    hops: Growing = field(default_factory=lambda: Growing(2))
    filtered: Growing = field(default_factory=lambda: Growing(1))
    masked: int = 0
    changed: list[QualityChanged] = field(default_factory=list)
    mains_since_s: float = -math.inf
    _power: HopPower = field(init=False)
    _mask_until: int = 0
    _next: tuple[float, float] = (0.0, 0.0)
    _verdict: Verdict = field(default_factory=Verdict)
    _flags: dict[tuple[int, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        settings = ERECTOR_SPINAE if self.placement.group == "E" else BandPassSettings()
        near_heart = self.placement.group in NEAR_HEART
        self.chain = Chain(self.fs_hz, self.unit, settings, raw=self.raw, near_heart=near_heart)
        self._power = HopPower(self.fs_hz)

    def add(self, block: TimedBlock, channel: int) -> SignalSeen:
        """Take the next samples of the channel; `changed` then tells whether its quality became another."""
        before, mains_since = self.chain.count, self.chain.mains_since
        filtered, judged = self.chain(block.samples[:, channel])
        power, lead = self._power(filtered)
        delay_s = self.chain.delay_s
        self._next = (block.start_s + len(filtered) * block.period_s, block.period_s)
        if len(power):
            hop = self._power.hop
            first_s = block.start_s + ((hop - 1) / 2 - lead) * block.period_s - delay_s
            time_s = first_s + np.arange(len(power)) * (hop * block.period_s)
            rows = np.column_stack([power, np.zeros(len(power))])
            self.hops.append(np.maximum(time_s, self.hops.newest_s), rows)
        self._mask(before, min(self._mask_until, self.chain.count))
        if self.chain.mains_since != mains_since:
            self.mains_since_s = block.start_s + (self.chain.mains_since - before) * block.period_s
        self.changed = [
            change
            for item in judged
            if (change := self._judged(item, block.start_s + (item.stop - before) * block.period_s))
        ]
        self._keep(block.start_s - delay_s + np.arange(len(filtered), dtype=np.float64) * block.period_s, filtered)
        return SignalSeen(self.placement, block.start_s - delay_s, block.period_s, filtered, self.unit)

    def _keep(self, time_s: Array, filtered: Array) -> None:
        """Keep the newest filtered samples, for the onsets of a rep that has just ended."""
        self.filtered.append(np.maximum(time_s, self.filtered.newest_s), filtered[:, None])
        if self.filtered.n > 2 * FILTERED_S * self.fs_hz:
            self.filtered.forget_before(self.filtered.newest_s - FILTERED_S)

    def stretch(self, start_s: float, stop_s: float) -> Stretch:
        """Return the filtered samples over [start_s, stop_s); all NaN when part of it was not muscle."""
        first, last = np.searchsorted(self.filtered.time_s, (start_s, stop_s))
        samples = self.filtered.rows[first:last, 0].copy()
        power = self.series.between(start_s, stop_s)
        if np.isnan(power).sum() > 0.05 * len(power):
            samples[:] = math.nan
        return Stretch(self.filtered.time_s[first:last].copy(), samples, self.fs_hz, self.raw)

    def _index(self, t_s: float) -> int:
        """Count of the sample at a moment, since the chain began."""
        next_s, period_s = self._next
        return self.chain.count + (round((t_s - next_s) / period_s) if period_s else 0)

    def know(self, t_s: float, what: str, value: float) -> None:
        """Let the channel's quality know what was found out at a tick; see `Chain.know`."""
        self.chain.know(self._index(t_s + KNOWN_AFTER_S), what, value)

    def beat(self, t_s: float) -> None:
        """Take the time of an R wave that an ECG stream showed."""
        if self.chain.heart is not None:
            self.chain.heart.tell(self._index(t_s))

    def _judged(self, judged: Judged, t_s: float) -> QualityChanged | None:
        """Mask and count a judged second; say so when the state is another one now."""
        for revision in judged.revised:
            self._revise(revision)
        old, self._verdict = self._verdict, judged.verdict
        level, code = judged.verdict.level, judged.verdict.code
        if code == "CLIP":
            self._rows(judged.stop - judged.n, judged.stop)[:, 1] = 1.0
        if judged.verdict.mask:
            self._mask_until = judged.stop + judged.n // HOPS
            self._mask(judged.stop - judged.n, min(self._mask_until, self.chain.count))
        if level != GOOD:
            self._flags[level, code] = self._flags.get((level, code), 0) + 1
        if (old.level, old.code) == (level, code):
            return None
        return QualityChanged(t_s, self.placement, STATES[level], code, REMEDIES.get(code, ""))

    def _revise(self, revision: Revision) -> None:
        """Take anew the hops that lie wholly in a stretch out of which the heart was taken."""
        hop = self._power.hop
        first = -(-revision.first // hop)
        n_hops = (revision.first + len(revision.samples)) // hop - first
        row = self.hops.n - self.chain.count // hop + first
        if row < 0:
            return
        inside = revision.samples[first * hop - revision.first :][: n_hops * hop]
        rows = self.hops.rows[row : row + n_hops, 0]
        rows[:] = np.where(np.isfinite(rows), (inside * inside).reshape(n_hops, hop).mean(axis=1), math.nan)

    def _mask(self, first: int, stop: int) -> None:
        """Make NaN the whole hops of the filtered samples `first` to `stop`, counted since the chain began."""
        power = self._rows(first, stop)[:, 0]
        self.masked += int(np.isfinite(power).sum()) * self._power.hop
        power[:] = math.nan

    def _rows(self, first: int, stop: int) -> Array:
        """Return the rows of the whole hops of the filtered samples `first` to `stop`, as `_mask` counts them."""
        hop = self._power.hop
        began = self.hops.n - self.chain.count // hop
        return self.hops.rows[max(0, began + first // hop) : max(0, began + stop // hop)]

    @property
    def band_pass(self) -> BandPass:
        """The filter of this channel."""
        return self.chain.band_pass

    @property
    def flags(self) -> tuple[QualityFlag, ...]:
        """How long the channel was not good, worst and longest first."""
        ordered = sorted(self._flags.items(), key=lambda item: (-item[0][0], -item[1], item[0][1]))
        return tuple(QualityFlag(code, STATES[level], count * VERDICT_S) for (level, code), count in ordered)

    def take_noise(self, start_s: float, stop_s: float) -> None:
        """Measure the relaxed channel between two times; from where mains hum was taken out, if that came between."""
        self.noise = math.nan
        if stop_s - self.mains_since_s > 1.0:
            start_s = max(start_s, self.mains_since_s)
        self.noise = self.level(start_s, stop_s)
        self.know(stop_s, "noise", self.noise)

    def restart(self) -> None:
        """Begin anew after a reconnection."""
        self.chain.restart()
        self._mask_until = 0
        self._next = (0.0, 0.0)
        self._power.restart()

    @property
    def series(self) -> HopSeries:
        """All hops that are kept."""
        return HopSeries(self.hops.time_s, self.hops.rows[:, 0], self.hops.rows[:, 1])

    def level(self, start_s: float, stop_s: float) -> float:
        """Noise-subtracted RMS over [start_s, stop_s), NaN when less than half of it is there."""
        power = self.series.between(start_s, stop_s)
        if len(power) * HOP_S < 0.4 * (stop_s - start_s):
            return math.nan
        return rms(power, self.noise)

    def level_now(self, t_s: float, window_s: float) -> float:
        """`level` of the last `window_s`, NaN when the channel has fallen silent."""
        hops = self.series
        last = int(np.searchsorted(hops.time_s, t_s, "right"))
        if not last or hops.time_s[last - 1] < t_s - STALE_S:
            return math.nan
        return self.level(t_s - window_s, t_s + 1e-9)
