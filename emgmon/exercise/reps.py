"""Finds repetitions and their phases in an inclination, live as it grows."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import scipy

from emgmon.dsp.phase_loops import (
    BASE,
    ENDED,
    FREE,
    HELD_FROM,
    PHASE,
    PHASE_STATE,
    RANGE,
    RIPENS,
    SEEN,
    SINCE,
    TORN,
    UNKNOWN,
    Z0,
    moved,
)
from emgmon.exercise.boundaries import TICK_S, RepSettings
from emgmon.model import Phase, Rep

__all__ = ["TICK_S", "RepFinder", "RepSettings"]


@dataclass(slots=True)
class RepFinder:
    """Reps in an excursion from the rest pose, one value each 20 ms; online.

    `phase` follows the movement with about 50 ms plus the time that its condition must last. `RepSettings.settle_s`
    after the end of what may be a rep, `feed` returns a moment in its way out; `boundaries.refine` then gives
    its boundaries, without delay, and `accept` counts it.

    Attributes
    ----------
    min_range_deg, max_range_deg : float
        Smallest and largest excursion that is a rep.
    settings : RepSettings
    first : str
        ``con`` when the way out is the lift (bridge), ``ecc`` when it is the lowering (squat).
    reps : int
        Reps that were accepted.
    spec, state : list of float
        What `emgmon.dsp.phase_loops` moves on, tick by tick.
    """

    min_range_deg: float
    settings: RepSettings = field(default_factory=RepSettings)
    first: str = "con"
    max_range_deg: float = 180.0
    reps: int = 0
    spec: list[float] = field(init=False)
    state: list[float] = field(init=False)
    _phases: tuple[Phase, ...] = field(init=False)
    _partial: int = 0
    _ranges_deg: list[float] = field(default_factory=list)
    _last_s: float = -math.inf

    def __post_init__(self) -> None:
        rules = self.settings
        b, a = scipy.signal.butter(2, rules.lowpass_hz, fs=1 / TICK_S)
        settled = scipy.signal.lfilter_zi(b, a)
        levels = rules.start_level, rules.hold_level, rules.end_level, rules.away_level
        lengths_s = rules.start_s, rules.hold_s, rules.end_s, rules.away_s, rules.max_s, rules.settle_s, rules.gap_s
        low_pass = *b.tolist(), *a.tolist()[1:], *settled.tolist()
        self.spec = [*low_pass, TICK_S, rules.start_dps, rules.hold_dps, *levels, *lengths_s, self.min_range_deg]
        self.state = [0.0] * PHASE_STATE
        for unknown in (Z0, BASE, SINCE, ENDED, HELD_FROM):
            self.state[unknown] = UNKNOWN
        self.state[RANGE], self.state[FREE], self.state[SEEN] = self.min_range_deg, -1.0, -math.inf
        out, back = (Phase.CON, Phase.ECC) if self.first == "con" else (Phase.ECC, Phase.CON)
        self._phases = Phase.REST, out, Phase.HOLD, back

    @property
    def phase(self) -> Phase:
        """Phase of the movement at the newest tick."""
        return self._phases[int(self.state[PHASE])]

    @property
    def partial(self) -> int:
        """Movements that were begun and given up, too small against the person's own, or torn by a gap."""
        return self._partial + int(self.state[TORN])

    @property
    def hold_began_s(self) -> float | None:
        """When the present hold began, or the last one; None while moving out."""
        held_from_s = self.state[HELD_FROM]
        return None if math.isnan(held_from_s) else held_from_s

    def give_up(self) -> None:
        """Count a movement that was begun and is no rep."""
        self._partial += 1

    def feed(self, t_s: float, angle_deg: float) -> float | None:
        """Take the excursion at one tick; returns a moment in the way out of what has just ended and may be a rep.

        NaN is a tick without a sample. A rep in which more than `RepSettings.gap_s` of them follow each other cannot
        be told from its neighbour: it is closed as partial, and what comes after is judged anew.
        """
        moved(t_s, angle_deg, self.spec, self.state)
        return self.ripe(t_s)

    def ripe(self, t_s: float) -> float | None:
        """Return the moment in the way out, once, when the boundaries can be refined."""
        state = self.state
        if not t_s >= state[ENDED] + self.settings.settle_s:
            return None
        state[ENDED] = UNKNOWN
        return state[RIPENS]

    def accept(self, rep: Rep, range_deg: float) -> Rep | None:
        """Count a refined rep and give it its number; None when it is too small, too large, too short or too long.

        What is too small by the table is nothing; by the person's own reps (median, from the third on) it is partial.
        """
        start_s = max(rep.start_s, min(self._last_s, rep.top_s))  # the lowering before may reach into this lift
        rep = replace(rep, start_s=start_s)
        length_s, rules = rep.end_s - rep.start_s, self.settings
        if not self.min_range_deg <= range_deg <= self.max_range_deg or not rules.min_s <= length_s <= rules.max_s:
            self._partial += rules.partial_level * self.min_range_deg <= range_deg < self.min_range_deg
            return None
        own_deg = sorted(self._ranges_deg)[len(self._ranges_deg) // 2] if len(self._ranges_deg) > 1 else 0.0
        if range_deg < rules.partial_level * own_deg:
            self._partial += 1
            return None
        self._ranges_deg = [*self._ranges_deg[-4:], range_deg]
        self.reps += 1
        self._last_s = rep.end_s
        self.state[RANGE] = range_deg if self.reps == 1 else 0.7 * self.state[RANGE] + 0.3 * range_deg
        return replace(rep, index=self.reps, first=self.first)
