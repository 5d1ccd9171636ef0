"""What is kept of each channel on the session clock."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby
from typing import TypeVar

import numpy as np

from emgmon.dsp.ecg import Revision
from emgmon.dsp.envelope import HOP_S, HopPower, levels_now, rms
from emgmon.dsp.filters import ERECTOR_SPINAE, BandPass, BandPassSettings
from emgmon.dsp.quality import GOOD, REMEDIES, STATES, Verdict
from emgmon.dsp.quality import HOP_S as VERDICT_S
from emgmon.dsp.seconds import HOPS
from emgmon.metrics import HopSeries, Stretch
from emgmon.model import Array, Placement, QualityChanged, QualityFlag, SignalSeen, TimedBlock, TimedRun
from emgmon.pipeline.chain import Chain, Judged
from emgmon.pipeline.kept import Came, Growing, Moment, each_from

Times = TypeVar("Times", float, Array)

NEAR_HEART = frozenset({"E", "G", "D"})
"""Groups of the trunk, in which the heart may show."""

KNOWN_AFTER_S = 1.0
"""What is learnt at a tick holds for the quality of samples this much later: none of them can have come yet."""

MOST_FRESH = 50
"""So many blocks are filtered before they are laid beside the others, unless somebody looks."""

FILTERED_S = 25.0
"""Filtered samples kept of each channel: the longest rep and what came before it."""


@dataclass(slots=True)
class EmgTrack:
    """One EMG channel: filtered, and as mean squares of hops whose times have the filter's delay taken out.

    Samples wait until somebody looks (`moment`), and then go through the filters in one go: the numbers are the same.
    Hops of a second that was not muscle, and of the quarter second after it, are NaN; `masked` counts their samples.
    The second column of `hops` is 1 where the signal was cut off within that second. `newest_s` is the time of the
    newest hop, whether it was looked at or not.
    """

    placement: Placement
    unit: str
    fs_hz: float
    device: str = ""
    raw: bool = True
    moment: Moment = field(default_factory=Moment)
    noise: float = math.nan
    newest_s: float = -math.inf
    changed: list[QualityChanged] = field(default_factory=list)
    mains_since_s: float = -math.inf
    _chain: Chain = field(init=False)
    _hops: Growing = field(default_factory=lambda: Growing(2))
    _filtered: Growing = field(default_factory=lambda: Growing(1))
    _fresh: list[Came] = field(default_factory=list)
    _masked: int = 0
    _waiting: deque[Came] = field(default_factory=deque)
    _begun: int = 0
    _power: HopPower = field(init=False)
    _mask_until: int = 0
    _next: tuple[float, float] = (0.0, 0.0)
    _verdict: Verdict = field(default_factory=Verdict)
    _flags: dict[tuple[int, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        settings = ERECTOR_SPINAE if self.placement.group == "E" else BandPassSettings()
        near_heart = self.placement.group in NEAR_HEART
        self._chain = Chain(self.fs_hz, self.unit, settings, raw=self.raw, near_heart=near_heart)
        self._power = HopPower(self.fs_hz)

    def add(self, block: TimedBlock, channel: int) -> SignalSeen:
        """Take the next samples of the channel; `changed` then tells whether its quality became another."""
        samples = block.samples[:, channel]
        if self._waiting:
            self.later(block, channel, 0)
            self.changed, pieces = self._catch_up()
            filtered = pieces[-1][len(pieces[-1]) - len(samples) :]
        else:
            self.changed, filtered = self._take([Came([0], [block.start_s], [len(samples)], block.period_s, samples)])
            self._begun, self.newest_s = self._power.lead, max(self.newest_s, self._hops.newest_s)
        raw, delay_s = samples if self.raw else None, self._chain.delay_s
        return SignalSeen(self.placement, block.start_s - delay_s, block.period_s, filtered, self.unit, raw, delay_s)

    def later(self, block: TimedBlock, channel: int, entry: int) -> None:
        """Take the next samples of the channel, which came with this entry, to be filtered when somebody looks."""
        samples = block.samples[:, channel]
        n = len(samples)
        self._waiting.append(Came([entry], [block.start_s], [n], block.period_s, samples))
        hop = self._power.hop
        hops, begun = divmod(self._begun + n, hop)
        if hops:
            first_s = self._first_s(block.start_s, float(self._begun), block.period_s)
            self.newest_s = max(self.newest_s, first_s + float(hops - 1) * (hop * block.period_s))
        self._begun = begun

    def later_many(self, run: TimedRun, channel: int) -> Array:
        """Take the next samples of the channel as `later` does; returns `newest_s` after each block, (n,)."""
        samples = run.samples[:, channel]
        self._waiting.append(
            Came(run.entries.tolist(), run.start_s.tolist(), run.lengths.tolist(), run.period_s, samples)
        )
        hop = self._power.hop
        total = self._begun + np.cumsum(run.lengths)
        lead = (total - run.lengths) % hop
        hops = (lead + run.lengths) // hop
        last_s = self._first_s(run.start_s, lead.astype(np.float64), run.period_s) + (hops - 1.0) * (hop * run.period_s)
        newest_s = np.maximum.accumulate(np.maximum(np.where(hops > 0, last_s, -math.inf), self.newest_s))
        self._begun, self.newest_s = int(total[-1]) % hop, float(newest_s[-1])
        return newest_s

    def _first_s(self, start_s: Times, lead: Times, period_s: float) -> Times:
        """Middle of the first hop that ends in samples which begin at `start_s`, `lead` of its samples before them."""
        return start_s + ((self._power.hop - 1) / 2 - lead) * period_s - self._chain.delay_s

    def _catch_up(self) -> tuple[list[QualityChanged], list[Array]]:
        """Filter what came up to the moment that is looked at; returns changes of quality, and the filtered pieces."""
        waiting, entry = self._waiting, self.moment.entry
        if not waiting or waiting[0].entries[0] > entry:
            return [], []
        ready = []
        while waiting and waiting[0].entries[-1] <= entry:
            ready.append(waiting.popleft())
        if waiting and waiting[0].entries[0] <= entry:
            ready.append(waiting[0].split(entry))
        if len(ready) == 1:
            told, filtered = self._take(ready)
            return told, [filtered]
        changed, pieces = [], []
        for _period, group in groupby(ready, lambda came: came.period_s):
            told, filtered = self._take(list(group))
            changed += told
            pieces.append(filtered)
        return changed, pieces

    def _take(self, ready: Sequence[Came]) -> tuple[list[QualityChanged], Array]:
        """Filter samples that follow each other; returns changes of quality, and what was filtered."""
        chain, period_s = self._chain, ready[0].period_s
        before, mains_since = chain.count, chain.mains_since
        filtered, judged = chain(ready[0].samples if len(ready) == 1 else np.concatenate([c.samples for c in ready]))
        starts_s, lengths = ready[0].start_s, ready[0].lengths
        if len(ready) > 1:
            starts_s = [start_s for came in ready for start_s in came.start_s]
            lengths = [n for came in ready for n in came.lengths]
        self._next = (starts_s[-1] + lengths[-1] * period_s, period_s)
        self._add_hops(filtered, starts_s, lengths, period_s)
        if self._mask_until > before:
            self._mask(before, min(self._mask_until, chain.count))
        changed: list[QualityChanged] = []
        if judged or chain.mains_since != mains_since:
            ends = list(accumulate(lengths))

            def at_s(index: int) -> float:
                """Session time of a sample, counted since the chain began, by the packet of the one before it."""
                number = bisect_right(ends, index - 1 - before)
                return starts_s[number] + (index - before - ends[number] + lengths[number]) * period_s

            if chain.mains_since != mains_since:
                self.mains_since_s = at_s(chain.mains_since)
            changed = [change for item in judged if (change := self._judged(item, at_s(item.stop)))]
        delay_s = chain.delay_s
        self._fresh.append(Came([], [start_s - delay_s for start_s in starts_s], lengths, period_s, filtered))
        if len(self._fresh) >= MOST_FRESH:
            self._keep()
        return changed, filtered

    def _add_hops(self, filtered: Array, starts_s: Sequence[float], lengths: Sequence[int], period_s: float) -> None:
        """Add the hops that end in blocks which begin at these times."""
        power, hops = self._power, self._hops
        if len(lengths) == 1:
            n = (power.lead + lengths[0]) // power.hop
            first_s = self._first_s(starts_s[0], float(power.lead), period_s)
            if power.put(filtered, first_s, power.hop * period_s, hops.newest_s, *hops.room(n)):
                hops.grew(n)
                return
        squares, lead = power(filtered)
        if len(squares):
            rows = np.zeros((len(squares), 2))
            rows[:, 0] = squares
            hops.append(self._hop_times(starts_s, lengths, lead, period_s), rows)

    def _hop_times(self, starts_s: Sequence[float], lengths: Sequence[int], lead: int, period_s: float) -> Array:
        """Middles of the hops that end in blocks which begin at these times, `lead` samples before the first."""
        hop = self._power.hop
        if len(lengths) == 1:
            first_s = self._first_s(starts_s[0], float(lead), period_s)
            return each_from([first_s], [(lead + lengths[0]) // hop], hop * period_s)
        n = np.array(lengths)
        leads = (lead + np.cumsum(n) - n) % hop
        firsts_s = self._first_s(np.array(starts_s), leads.astype(np.float64), period_s)
        return each_from(firsts_s.tolist(), ((leads + n) // hop).tolist(), hop * period_s)

    @property
    def chain(self) -> Chain:
        """Filters of the channel, after all that came."""
        self._catch_up()
        return self._chain

    @property
    def hops(self) -> Growing:
        """Mean squares of the hops, and whether the signal was cut off."""
        self._catch_up()
        return self._hops

    @property
    def filtered(self) -> Growing:
        """Filtered samples of the last seconds."""
        self._catch_up()
        self._keep()
        return self._filtered

    @property
    def masked(self) -> int:
        """Samples that came and were not used."""
        self._catch_up()
        return self._masked

    def _keep(self) -> None:
        """Keep the newest filtered samples, for the onsets of a rep that has just ended."""
        kept = self._filtered
        for period_s, group in groupby(self._fresh, lambda fresh: fresh.period_s):
            pieces = list(group)
            starts_s = [start_s for piece in pieces for start_s in piece.start_s]
            lengths = [n for piece in pieces for n in piece.lengths]
            samples = np.concatenate([piece.samples for piece in pieces])
            kept.append(each_from(starts_s, lengths, period_s), samples[:, None])
        self._fresh.clear()
        if kept.n > 2 * FILTERED_S * self.fs_hz:
            kept.forget_before(kept.newest_s - FILTERED_S)

    def stretch(self, start_s: float, stop_s: float) -> Stretch:
        """Return the filtered samples over [start_s, stop_s); all NaN when part of it was not muscle."""
        kept = self.filtered
        first, last = np.searchsorted(kept.time_s, (start_s, stop_s))
        samples = kept.rows[first:last, 0].copy()
        power = self.series.between(start_s, stop_s)
        if np.isnan(power).sum() > 0.05 * len(power):
            samples[:] = math.nan
        return Stretch(kept.time_s[first:last].copy(), samples, self.fs_hz, self.raw)

    def _index(self, t_s: float) -> int:
        """Count of the sample at a moment, since the chain began."""
        self._catch_up()
        next_s, period_s = self._next
        return self._chain.count + (round((t_s - next_s) / period_s) if period_s else 0)

    def know(self, t_s: float, what: str, value: float) -> None:
        """Let the channel's quality know what was found out at a tick; see `Chain.know`."""
        index = self._index(t_s + KNOWN_AFTER_S)
        self._chain.know(index, what, value)

    def beat(self, t_s: float) -> None:
        """Take the time of an R wave that an ECG stream showed."""
        index = self._index(t_s)
        if self._chain.heart is not None:
            self._chain.heart.tell(index)

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
            self._mask(judged.stop - judged.n, min(self._mask_until, self._chain.count))
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
        row = self._hops.n - self._chain.count // hop + first
        if row < 0:
            return
        inside = revision.samples[first * hop - revision.first :][: n_hops * hop]
        rows = self._hops.rows[row : row + n_hops, 0]
        rows[:] = np.where(np.isfinite(rows), (inside * inside).reshape(n_hops, hop).mean(axis=1), math.nan)

    def _mask(self, first: int, stop: int) -> None:
        """Make NaN the whole hops of the filtered samples `first` to `stop`, counted since the chain began."""
        power = self._rows(first, stop)[:, 0]
        self._masked += int(np.isfinite(power).sum()) * self._power.hop
        power[:] = math.nan

    def _rows(self, first: int, stop: int) -> Array:
        """Return the rows of the whole hops of the filtered samples `first` to `stop`, as `_mask` counts them."""
        hop = self._power.hop
        began = self._hops.n - self._chain.count // hop
        return self._hops.rows[max(0, began + first // hop) : max(0, began + stop // hop)]

    @property
    def band_pass(self) -> BandPass:
        """The filter of this channel."""
        return self._chain.band_pass

    @property
    def flags(self) -> tuple[QualityFlag, ...]:
        """How long the channel was not good, worst and longest first."""
        self._catch_up()
        ordered = sorted(self._flags.items(), key=lambda item: (-item[0][0], -item[1], item[0][1]))
        return tuple(QualityFlag(code, STATES[level], count * VERDICT_S) for (level, code), count in ordered)

    def take_noise(self, start_s: float, stop_s: float) -> None:
        """Measure the relaxed channel between two times; from where mains hum was taken out, if that came between."""
        self._catch_up()
        self.noise = math.nan
        if stop_s - self.mains_since_s > 1.0:
            start_s = max(start_s, self.mains_since_s)
        self.noise = self.level(start_s, stop_s)
        self.know(stop_s, "noise", self.noise)

    def restart(self) -> None:
        """Begin anew after a reconnection."""
        self._catch_up()
        self._chain.restart()
        self._begun = self._mask_until = 0
        self._next = (0.0, 0.0)
        self._power.restart()

    @property
    def series(self) -> HopSeries:
        """All hops that are kept."""
        hops = self.hops
        return HopSeries(hops.time_s, hops.rows[:, 0], hops.rows[:, 1])

    def level(self, start_s: float, stop_s: float) -> float:
        """Noise-subtracted RMS over [start_s, stop_s), NaN when less than half of it is there."""
        power = self.series.between(start_s, stop_s)
        if len(power) * HOP_S < 0.4 * (stop_s - start_s):
            return math.nan
        return rms(power, self.noise)

    def levels(self, middle_s: Array, length_s: float) -> Array:
        """`level` of the stretches of this length around each of (n,) moments."""
        hops = self.hops
        first, last = (hops.time_s.searchsorted(middle_s + side * length_s / 2) for side in (-1, 1))
        n = last - first
        index = first[:, None] + np.arange(n.max(initial=0))
        inside = index < last[:, None]
        power = hops.rows[np.minimum(index, hops.n - 1), 0] if hops.n else np.empty(index.shape)
        there = inside & np.isfinite(power)
        count = there.sum(axis=1)
        mean = np.where(there, power, 0.0).sum(axis=1) / np.maximum(count, 1)
        noise = 0.0 if math.isnan(self.noise) else self.noise
        known = (n > 0) & (n * HOP_S >= 0.4 * length_s) & (2 * count >= n)
        return np.where(known, np.sqrt(np.maximum(mean - noise * noise, 0.0)), math.nan)

    def levels_now(self, t_s: float) -> tuple[float, float, float]:
        """`level` of the last of each of `WINDOWS_S`, NaN when the channel has fallen silent."""
        if self._waiting:
            self._catch_up()
        hops = self._hops
        return levels_now(hops.time_s, hops.rows, t_s, self.noise)
