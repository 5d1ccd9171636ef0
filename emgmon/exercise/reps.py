"""Finds repetitions and their phases in an inclination, live as it grows."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import scipy

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
    phase : Phase
    hold_began_s : float or None
        When the present hold began, or the last one.
    reps : int
        Reps that were accepted.
    partial : int
        Movements that were begun and given up, too small against the person's own, or torn by a gap.
    """

    min_range_deg: float
    settings: RepSettings = field(default_factory=RepSettings)
    first: str = "con"
    max_range_deg: float = 180.0
    phase: Phase = Phase.REST
    hold_began_s: float | None = None
    reps: int = 0
    partial: int = 0
    _lowpass: tuple[float, ...] = field(init=False)
    _settled: list[float] = field(init=False)
    _states: tuple[float, float] | None = None
    _previous_deg: float = 0.0
    _range_deg: float = 0.0
    _ranges_deg: list[float] = field(default_factory=list)
    _top_deg: float = 0.0
    _base_deg: float | None = None
    _low_deg: float = 0.0
    _began_s: float = 0.0
    _ripens_s: float = 0.0
    _since_s: float | None = None
    _ended_s: float | None = None
    _free_s: float = -1.0
    _last_s: float = -math.inf
    _seen_s: float = -math.inf
    _out: Phase = field(init=False)
    _back: Phase = field(init=False)

    def __post_init__(self) -> None:
        b, a = scipy.signal.butter(2, self.settings.lowpass_hz, fs=1 / TICK_S)
        self._lowpass, self._settled = (*b.tolist(), *a.tolist()[1:]), scipy.signal.lfilter_zi(b, a).tolist()
        self._range_deg = self.min_range_deg
        self._out, self._back = (Phase.CON, Phase.ECC) if self.first == "con" else (Phase.ECC, Phase.CON)

    @property
    def moving_out(self) -> bool:
        """Whether a rep has begun and its top is not reached yet."""
        return self.phase is self._out

    def feed(self, t_s: float, angle_deg: float) -> float | None:
        """Take the excursion at one tick; returns a moment in the way out of what has just ended and may be a rep.

        NaN is a tick without a sample. A rep in which more than `RepSettings.gap_s` of them follow each other cannot
        be told from its neighbour: it is closed as partial, and what comes after is judged anew.
        """
        if not math.isfinite(angle_deg):
            if t_s - self._seen_s > self.settings.gap_s:
                self._tear()
            return self._ripe(t_s)
        self._seen_s = t_s
        if self._states is None:
            z0, z1 = self._settled
            self._states = z0 * angle_deg, z1 * angle_deg
            self._previous_deg = angle_deg
            if self._base_deg is None:
                self._base_deg = angle_deg
        level = self._smooth(angle_deg)
        speed_dps = (level - self._previous_deg) / TICK_S
        self._previous_deg = level
        self._turn(t_s, level, level - self._base, speed_dps)
        return self._ripe(t_s)

    @property
    def _base(self) -> float:
        return self._base_deg or 0.0

    def _ripe(self, t_s: float) -> float | None:
        """Return the moment in the way out, once, when the boundaries can be refined."""
        if self._ended_s is None or t_s < self._ended_s + self.settings.settle_s:
            return None
        self._ended_s = None
        return self._ripens_s

    def _tear(self) -> None:
        """Forget the movement that a gap tore; the pose of rest is kept."""
        if self.phase is not Phase.REST:
            self.partial += 1
            self._go(Phase.REST)
        self._states = None

    def _smooth(self, angle_deg: float) -> float:
        """Low-pass one value: a biquad, transposed direct form II."""
        b0, b1, b2, a1, a2 = self._lowpass
        z0, z1 = self._states or (0.0, 0.0)
        out = b0 * angle_deg + z0
        self._states = b1 * angle_deg - a1 * out + z1, b2 * angle_deg - a2 * out
        return out

    def accept(self, rep: Rep, range_deg: float) -> Rep | None:
        """Count a refined rep and give it its number; None when it is too small, too large, too short or too long.

        What is too small by the table is nothing; by the person's own reps (median, from the third on) it is partial.
        """
        start_s = max(rep.start_s, min(self._last_s, rep.top_s))  # the lowering before may reach into this lift
        rep = replace(rep, start_s=start_s)
        length_s, rules = rep.end_s - rep.start_s, self.settings
        if not self.min_range_deg <= range_deg <= self.max_range_deg or not rules.min_s <= length_s <= rules.max_s:
            self.partial += rules.partial_level * self.min_range_deg <= range_deg < self.min_range_deg
            return None
        own_deg = sorted(self._ranges_deg)[len(self._ranges_deg) // 2] if len(self._ranges_deg) > 1 else 0.0
        if range_deg < rules.partial_level * own_deg:
            self.partial += 1
            return None
        self._ranges_deg = [*self._ranges_deg[-4:], range_deg]
        self.reps += 1
        self._last_s = rep.end_s
        self._range_deg = range_deg if self.reps == 1 else 0.7 * self._range_deg + 0.3 * range_deg
        return replace(rep, index=self.reps, first=self.first)

    def _turn(self, t_s: float, level: float, height: float, speed_dps: float) -> None:
        """Move the state machine by one tick."""
        if self.phase is not Phase.REST:
            self._turn_active(t_s, level, height, speed_dps)
            return
        if abs(speed_dps) < self.settings.start_dps:
            self._base_deg = self._base + 0.02 * (level - self._base)
        moving = speed_dps > self.settings.start_dps and t_s > self._free_s
        lifted = height >= self.settings.start_level * self._range_deg
        if self._lasts(moving, t_s, self.settings.start_s) and lifted:
            self._go(self._out)
            self._began_s, self._top_deg, self._low_deg = t_s, level, level

    def _turn_active(self, t_s: float, level: float, height: float, speed_dps: float) -> None:
        rules = self.settings
        if level > self._top_deg:
            self._top_deg = self._low_deg = level
        reach = max(self._range_deg, self._top_deg - self._base)
        high = height >= rules.hold_level * reach
        lowering = speed_dps < -rules.start_dps
        if t_s - self._began_s > rules.max_s:
            self._base_deg = level
            self._go(Phase.REST)
        elif height <= rules.away_level * reach:
            self._turn_low(t_s, level, height <= rules.end_level * reach, speed_dps)
        elif self.phase is self._out and lowering and high:
            self._go(self._back)
        elif self.phase is self._out and self._lasts(abs(speed_dps) < rules.hold_dps and high, t_s, rules.hold_s):
            self.hold_began_s = t_s - rules.hold_s
            self._go(Phase.HOLD)
        elif self.phase is Phase.HOLD and self._lasts(lowering, t_s, rules.start_s):
            self._go(self._back)
        elif self.phase is self._back and self._lasts(high and abs(speed_dps) < rules.hold_dps, t_s, rules.hold_s):
            self._go(Phase.HOLD)  # it was only a dip

    def _turn_low(self, t_s: float, level: float, low: bool, speed_dps: float) -> None:
        """Move by one tick near the pose of rest: a rep ends when the person rests there, or moves out again."""
        rules = self.settings
        fell = self.phase is self._back or level - self._base < 0.5 * (self._top_deg - self._base)
        self._low_deg = min(self._low_deg, level)
        again = fell and speed_dps > rules.start_dps and level - self._low_deg >= rules.start_level * self._range_deg
        if again:
            self._end(t_s, self._low_deg)
            self._go(self._out)
            self._began_s, self._top_deg, self._low_deg = t_s, level, level
        elif self._lasts(abs(speed_dps) < rules.start_dps and (low or fell), t_s, rules.end_s if low else rules.away_s):
            self._end(t_s, self._base)
            self._free_s = t_s + rules.settle_s
            self._go(Phase.REST)

    def _end(self, t_s: float, base_deg: float) -> None:
        """Remember a movement that is over, to be looked at again a little later."""
        self._ended_s, self._ripens_s, self._base_deg = t_s, self._began_s, base_deg

    def _lasts(self, condition: bool, t_s: float, length_s: float) -> bool:
        if not condition:
            self._since_s = None
            return False
        if self._since_s is None:
            self._since_s = t_s
        return t_s - self._since_s >= length_s - 1e-6

    def _go(self, phase: Phase) -> None:
        if phase is self._out:
            self.hold_began_s = None
        elif phase is Phase.HOLD and self.hold_began_s is None and self._since_s is not None:
            self.hold_began_s = self._since_s
        self.phase, self._since_s = phase, None
