"""Finds repetitions and their phases: live in an inclination as it grows, afterwards in the bursts of the muscles."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from scipy import signal

from emgmon.model import Array, Phase, Rep

TICK_S = 0.020


@dataclass(frozen=True, slots=True)
class RepSettings:
    """Thresholds of the rep finder.

    Attributes
    ----------
    lowpass_hz : float
        Of the inclination; lags it by about 45 ms.
    start_dps, hold_dps : float
        Faster than the first is moving, slower than the second is holding.
    start_level, hold_level, end_level : float
        As shares of the range: what a lift must pass, where a hold may begin, and below which a rep may end.
    slow_level, fast_level, reach_s : float
        Shares of a movement's top speed through which its ends are sought, and how far beyond the first they may lie.
    start_s, hold_s, end_s : float
        How long each condition must last.
    min_s, max_s : float
        Shortest and longest rep.
    settle_s : float
        Wait after the end of a rep before its boundaries are refined.
    """

    lowpass_hz: float = 5.0
    start_dps: float = 6.0
    hold_dps: float = 5.0
    start_level: float = 0.15
    hold_level: float = 0.80
    end_level: float = 0.20
    slow_level: float = 0.15
    fast_level: float = 0.40
    reach_s: float = 0.5
    start_s: float = 0.10
    hold_s: float = 0.25
    end_s: float = 0.15
    min_s: float = 0.8
    max_s: float = 15.0
    settle_s: float = 0.3


@dataclass(slots=True)
class RepFinder:
    """Reps in an excursion from the rest pose, one value each 20 ms; online.

    `phase` follows the movement with about 50 ms plus the time that its condition must last. `RepSettings.settle_s`
    after the end of what may be a rep, `feed` returns a moment in its lift; `refine` then gives its boundaries, without
    delay, and `accept` counts it.
    """

    min_range_deg: float
    settings: RepSettings = field(default_factory=RepSettings)
    phase: Phase = Phase.REST
    hold_began_s: float | None = None
    reps: int = 0
    _b: list[float] = field(init=False)
    _a: list[float] = field(init=False)
    _settled: list[float] = field(init=False)
    _states: list[float] | None = None
    _previous_deg: float = 0.0
    _range_deg: float = 0.0
    _top_deg: float = 0.0
    _base_deg: float = 0.0
    _began_s: float = 0.0
    _since_s: float | None = None
    _ended_s: float | None = None
    _free_s: float = -1.0

    def __post_init__(self) -> None:
        b, a = signal.butter(2, self.settings.lowpass_hz, fs=1 / TICK_S)
        self._b, self._a, self._settled = b.tolist(), a.tolist(), signal.lfilter_zi(b, a).tolist()
        self._range_deg = self.min_range_deg

    def feed(self, t_s: float, angle_deg: float) -> float | None:
        """Take the excursion at one tick; returns a moment in the lift of what has just ended and may be a rep."""
        if not math.isfinite(angle_deg):
            return None
        if self._states is None:
            self._states = [z * angle_deg for z in self._settled]
            self._previous_deg = self._base_deg = angle_deg
        level = self._smooth(angle_deg)
        speed_dps = (level - self._previous_deg) / TICK_S
        self._previous_deg = level
        self._turn(t_s, level, speed_dps)
        if self._ended_s is not None and t_s >= self._ended_s + self.settings.settle_s:
            self._ended_s = None
            return self._began_s
        return None

    def _smooth(self, angle_deg: float) -> float:
        """Low-pass one value: a biquad, transposed direct form II."""
        z = self._states or [0.0, 0.0]
        out = self._b[0] * angle_deg + z[0]
        self._states = [
            self._b[1] * angle_deg - self._a[1] * out + z[1],
            self._b[2] * angle_deg - self._a[2] * out,
        ]
        return out

    def accept(self, rep: Rep, range_deg: float) -> Rep | None:
        """Count a refined rep and give it its number; None when it is too small, too short or too long."""
        length_s = rep.end_s - rep.start_s
        if range_deg < self.min_range_deg or not self.settings.min_s <= length_s <= self.settings.max_s:
            return None
        self.reps += 1
        self._range_deg = range_deg if self.reps == 1 else 0.7 * self._range_deg + 0.3 * range_deg
        return replace(rep, index=self.reps)

    def _turn(self, t_s: float, level: float, speed_dps: float) -> None:
        """Move the state machine by one tick."""
        height = level - self._base_deg
        if self.phase is not Phase.REST:
            self._turn_active(t_s, level, speed_dps)
            return
        if abs(speed_dps) < self.settings.start_dps:
            self._base_deg += 0.02 * (level - self._base_deg)
        moving = speed_dps > self.settings.start_dps and t_s > self._free_s
        lifted = height >= self.settings.start_level * self._range_deg
        if self._lasts(moving, t_s, self.settings.start_s) and lifted:
            self._go(Phase.CON)
            self._began_s, self._top_deg = t_s, level

    def _turn_active(self, t_s: float, level: float, speed_dps: float) -> None:
        rules = self.settings
        height = level - self._base_deg
        self._top_deg = max(self._top_deg, level)
        reach = max(self._range_deg, self._top_deg - self._base_deg)
        high = height >= rules.hold_level * reach
        lowering = speed_dps < -rules.start_dps
        if t_s - self._began_s > rules.max_s:
            self._base_deg = level
            self._go(Phase.REST)
        elif height <= rules.end_level * reach:
            if self._lasts(abs(speed_dps) < rules.start_dps, t_s, rules.end_s):
                self._ended_s, self._free_s = t_s, t_s + rules.settle_s
                self._go(Phase.REST)
        elif self.phase is Phase.CON and lowering and high:
            self._go(Phase.ECC)
        elif self.phase is Phase.CON and self._lasts(abs(speed_dps) < rules.hold_dps and high, t_s, rules.hold_s):
            self.hold_began_s = t_s - rules.hold_s
            self._go(Phase.HOLD)
        elif self.phase is Phase.HOLD and self._lasts(lowering, t_s, rules.start_s):
            self._go(Phase.ECC)

    def _lasts(self, condition: bool, t_s: float, length_s: float) -> bool:
        if not condition:
            self._since_s = None
            return False
        if self._since_s is None:
            self._since_s = t_s
        return t_s - self._since_s >= length_s - 1e-6

    def _go(self, phase: Phase) -> None:
        self.phase, self._since_s = phase, None
        if phase is Phase.CON:
            self.hold_began_s = None


def refine(time_s: Array, angle_deg: Array, inside_s: float, settings: RepSettings) -> tuple[Rep, float] | None:
    """Boundaries of the rep around one moment, on the zero-phase signal; offline over the rep, no delay.

    A person starts and stops gently: any threshold on angle or speed is passed 0.1 to 0.3 s inside the movement. The
    speed of a smooth movement grows as the square of time, so that the line through its root at two levels points back
    to where it began; in minimum-jerk movements that is right within 3 % of their length.

    Parameters
    ----------
    time_s, angle_deg : (n,) array
        Excursion each `TICK_S` from before the lift to after the lowering.
    inside_s : float
        A moment during the lift.
    settings : RepSettings

    Returns
    -------
    Rep and float, or None
        The rep, with index 0, and its range in degrees. Without a hold, top and release are the same moment.
    """
    if len(time_s) < 20 or not np.isfinite(angle_deg).all():
        return None
    sos = signal.butter(2, settings.lowpass_hz, fs=1 / TICK_S, output="sos")
    smooth = signal.sosfiltfilt(sos, angle_deg, padlen=min(15, len(angle_deg) - 1))
    inside = min(int(np.searchsorted(time_s, inside_s)), len(time_s) - 1)
    base, peak = float(smooth[: inside + 1].min()), float(smooth[inside:].max())
    high = inside + np.flatnonzero(smooth[inside:] >= base + settings.hold_level * (peak - base))
    middle = int(high[0] + high[-1]) // 2
    speed_dps = np.gradient(smooth, TICK_S)
    lift = _edges(speed_dps[:middle], settings)
    lower = _edges(-speed_dps[middle:], settings)
    if lift is None or lower is None:
        return None
    start, top = (float(time_s[0]) + TICK_S * edge for edge in lift)
    release, end = (float(time_s[0]) + TICK_S * (middle + edge) for edge in lower)
    if release < top:
        top = release = (top + release) / 2
    return Rep(0, start, top, release, end), peak - base


def _edges(speed_dps: Array, settings: RepSettings) -> tuple[float, float] | None:
    """Where one movement begins and ends, in ticks; None when there is none."""
    top = float(speed_dps.max(initial=0.0))
    if top <= settings.start_dps:
        return None
    slow, fast = (np.flatnonzero(speed_dps >= level * top) for level in (settings.slow_level, settings.fast_level))
    root_slow, root_fast = math.sqrt(settings.slow_level), math.sqrt(settings.fast_level)
    reach = root_slow / (root_fast - root_slow)
    begin = slow[0] - min(reach * (fast[0] - slow[0]), settings.reach_s / TICK_S)
    end = slow[-1] + min(reach * (slow[-1] - fast[-1]), settings.reach_s / TICK_S)
    return max(float(begin), 0.0), min(float(end), len(speed_dps) - 1.0)


def find_cycles(time_s: Array, level: Array, min_cycle_s: float, max_cycle_s: float) -> list[Rep]:
    """Cycles of a rhythmic movement from the muscles' own bursts; offline, no delay, less sure than an IMU.

    Parameters
    ----------
    time_s, level : (n,) array
        Evenly spaced sum of envelopes, each scaled to its own peak; NaN where lost.
    min_cycle_s, max_cycle_s : float
        Shortest and longest cycle that is believed.

    Returns
    -------
    list of Rep
        Each from the start of one burst (half way up) to the start of the next; `top_s` = `release_s` = its peak.
    """
    if len(time_s) < 50:
        return []
    step_s = float(time_s[-1] - time_s[0]) / (len(time_s) - 1)
    sos = signal.butter(2, min(3.0 / min_cycle_s, 0.4 / step_s), fs=1 / step_s, output="sos")
    smooth = signal.sosfiltfilt(sos, np.nan_to_num(level))
    low, high = np.percentile(smooth, [5, 95])
    peaks, _shape = signal.find_peaks(smooth, prominence=0.4 * (high - low), distance=round(min_cycle_s / step_s))
    starts: list[tuple[int, int]] = []
    floor = 0
    for peak in peaks.tolist():
        valley = floor + int(np.argmin(smooth[floor : peak + 1]))
        half = 0.5 * (smooth[valley] + smooth[peak])
        rise = np.flatnonzero(smooth[valley : peak + 1] >= half)
        if valley > 0 or smooth[0] < half:
            starts.append((valley + int(rise[0]), peak))
        floor = peak
    cycles = [
        (float(time_s[a]), float(time_s[peak]), float(time_s[b]))
        for (a, peak), (b, _next) in pairwise(starts)
        if min_cycle_s <= time_s[b] - time_s[a] <= max_cycle_s
    ]
    return [Rep(k, start, peak, peak, end) for k, (start, peak, end) in enumerate(cycles, 1)]
