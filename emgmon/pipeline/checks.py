"""What a channel alone can't tell of its quality: crosstalk of pairs, sites by reference tasks, a chest strap's beats.

What is found is told to the channels' chains with the moment from which on it holds, so that the packets' cut does not
matter. Pairs are compared five seconds at once: until then nothing has to be known of a channel, and what is taken at
once is cheaper.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations

import numpy as np

from emgmon.dsp.beats import RPeaks
from emgmon.dsp.crosstalk import PairWatch
from emgmon.dsp.quality_settings import QualitySettings
from emgmon.dsp.site import misplaced
from emgmon.metrics.base import LOD_NOISE
from emgmon.model import MUSCLES, Array, Placement, Reference, TimedBlock
from emgmon.pipeline.references import SETTLE_S
from emgmon.pipeline.tracks import EmgTrack
from emgmon.pipeline.trials import Contraction

Tracks = Mapping[Placement, EmgTrack]
Pair = tuple[Placement, Placement]

NEIGHBOURS = (("G", "H"), ("D", "G"))
"""Groups whose sensors lie so near that one may hear the other."""

MOST_LOST = 0.05
"""A second of which more was no muscle is not compared."""

GRADES = QualitySettings().crosstalk
"""Only another grade of it makes another verdict."""

TOGETHER = 5
"""So many seconds of a pair are compared one after the other, when the last of them is over."""


@dataclass(slots=True)
class Checks:
    """Compares channels and tells what it finds to their chains."""

    _pairs: dict[Pair, PairWatch] = field(default_factory=dict)
    _answers: dict[str, dict[Placement, float]] = field(default_factory=dict)
    _grades: dict[Placement, int] = field(default_factory=dict)
    _tasks: int = 0
    _told: dict[tuple[Placement, str], float] = field(default_factory=dict)

    def second(
        self,
        t_s: float,
        tracks: Tracks,
        references: Mapping[Placement, Reference],
        finished: Sequence[Contraction],
    ) -> None:
        """Look at the seconds up to `SETTLE_S` ago, and at reference contractions that were finished since.

        Parameters
        ----------
        t_s : float
        tracks : mapping of Placement to EmgTrack
        references : mapping of Placement to Reference
            In force now.
        finished : sequence of Contraction
            All of the session so far.
        """
        for place, reference in references.items():
            self._tell(t_s, tracks[place], "reference", reference.level)
        largest: dict[Placement, float] = {}
        pairs = _neighbours(tracks) if round(t_s) % TOGETHER == 0 else ()
        for pair, found in zip(pairs, self._compared(t_s, pairs, tracks), strict=True):
            for place in pair if not math.isnan(found) else ():
                largest[place] = max(found, largest.get(place, 0.0))
        for place, value in largest.items():
            grade = sum(value > limit for limit in GRADES)
            if grade != self._grades.get(place, 0):
                self._grades[place] = grade
                tracks[place].know(t_s, "crosstalk", value)
        if len(finished) > self._tasks:
            self._answer(t_s, tracks, finished[self._tasks :])
            self._tasks = len(finished)

    def due(
        self,
        t_s: float,
        tracks: Tracks,
        references: Mapping[Placement, Reference],
        finished: Sequence[Contraction],
    ) -> bool:
        """Whether `second` has anything to look at, or to tell."""
        if len(finished) > self._tasks or (round(t_s) % TOGETHER == 0 and _neighbours(tracks)):
            return True
        return any(self._told.get((place, "reference")) != item.level for place, item in references.items())

    def _tell(self, t_s: float, track: EmgTrack, what: str, value: float) -> None:
        if self._told.get((track.placement, what)) != value:
            self._told[track.placement, what] = value
            track.know(t_s, what, value)

    def _compared(self, t_s: float, pairs: Sequence[Pair], tracks: Tracks) -> Iterator[float]:
        """Compare pairs over the last seconds, one after the other; yields what came out for each."""
        sampled: dict[tuple[Placement, float], list[Array]] = {}
        for pair in pairs:
            first, second = tracks[pair[0]], tracks[pair[1]]
            fs_hz = min(first.fs_hz, second.fs_hz)
            for track in (first, second):
                if (track.placement, fs_hz) not in sampled:
                    sampled[track.placement, fs_hz] = _sampled(track, t_s, fs_hz)
            if pair not in self._pairs:
                self._pairs[pair] = PairWatch(fs_hz, one_clock=first.device == second.device)
            found = math.nan
            for one, other in zip(*(sampled[place, fs_hz] for place in pair), strict=True):
                found = self._pairs[pair].add(one, other, first.noise, second.noise)
            yield found

    def _answer(self, t_s: float, tracks: Tracks, fresh: Sequence[Contraction]) -> None:
        """Take what every channel did in these tasks, and count where a muscle did not answer in its own.

        A channel's full answer is the largest in its own group's tasks, and at least its limit of detection: an
        electrode on another muscle may show nothing there.
        """
        for done in fresh:
            levels = self._answers.setdefault(_group_of(done), {})
            for place, track in tracks.items():
                level = done.level(track)
                if not math.isnan(level):
                    levels[place] = max(level, levels.get(place, 0.0))
        full = {
            place: max(self._answers[place.group].get(place, 0.0), LOD_NOISE * track.noise)
            for place, track in tracks.items()
            if place.group in self._answers
        }
        shares = {
            group: {place: level / full[place] for place, level in levels.items() if full.get(place, 0.0) > 0.0}
            for group, levels in self._answers.items()
            if group
        }
        for group, answered in shares.items():
            for place in full:
                if place.group == group:
                    answered.setdefault(place, 0.0)
        wrong = misplaced(shares)
        for place, track in tracks.items():
            self._tell(t_s, track, "misplaced", wrong.get(place, 0))


def _group_of(done: Contraction) -> str:
    """Group whose own task a contraction was; empty when it was that of several."""
    if done.placement is not None:
        return done.placement.group
    groups = {MUSCLES[muscle].group for muscle in done.task.muscles} if done.task else set()
    return done.group or (groups.pop() if len(groups) == 1 else "")


def _sampled(track: EmgTrack, t_s: float, fs_hz: float) -> list[Array]:
    """Return the filtered signal of each of the last seconds at a rate, NaN where there is none."""
    kept, hops = track.filtered, track.hops
    within, found = (np.arange(round(fs_hz)) + 0.5) / fs_hz, []
    for back in reversed(range(TOGETHER)):
        time_s = np.asarray(t_s - back - SETTLE_S - 1.0 + within, np.float64)
        around_s = float(time_s[0]) - 0.1, float(time_s[-1]) + 0.1
        first, stop = kept.time_s.searchsorted(around_s)
        lost = np.isnan(hops.rows[slice(*hops.time_s.searchsorted(around_s)), 0])
        if stop - first < 2 or np.count_nonzero(lost) > MOST_LOST * len(lost):
            found.append(np.full(len(time_s), math.nan))
        else:
            signal = kept.rows[first:stop, 0]
            found.append(np.interp(time_s, kept.time_s[first:stop], signal, left=math.nan, right=math.nan))
    return found


def _neighbours(tracks: Tracks) -> list[Pair]:
    """Pairs of channels on one side that are compared."""
    return [
        (first, second)
        for first, second in permutations(tracks, 2)
        if first.side == second.side
        and (first.group, second.group) in NEIGHBOURS
        and tracks[first].raw
        and tracks[second].raw
    ]


@dataclass(slots=True)
class HeartTrack:
    """An ECG stream: its R waves on the session clock."""

    fs_hz: float
    peaks: RPeaks = field(init=False)
    _count: int = 0

    def __post_init__(self) -> None:
        self.peaks = RPeaks(self.fs_hz)

    def add(self, block: TimedBlock) -> list[float]:
        """Take the next samples; returns the R waves that became known, s."""
        before = self._count
        self._count += len(block.samples)
        return [block.start_s + (at - before) * block.period_s for at in self.peaks(block.samples[:, 0])]

    def restart(self) -> None:
        """Begin anew after a reconnection."""
        self.peaks.restart()
        self._count = 0
