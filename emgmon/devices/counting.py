"""Running sample indices from what sensors number, and from arrival times where they number little or nothing.

Three kinds of evidence, a class each: a counter that wraps (`WrappingCounter`), the sensor's own time (`TimeCounter`),
and none (`ArrivalCounter`). All are online. A counter is believed as far as it goes. What it leaves open, whole rounds
of it, is decided by one rule: a packet can be late, never early, and what was only held back is delivered faster than
it was taken. A silence says nothing, because a computer that was busy makes one too. A stream that stays late by the
same, neither catching up nor falling behind, has lost what it is late by; until that is clear, its samples stand where
they would without loss.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

SPAN_S = 3.0
"""The least delay is taken over one to two stretches of this length, so that it follows a rate that is 2 % off."""

CATCH_UP_S = 0.5
"""What is late for longer without catching up was lost, if the counter says that something was."""

PATIENCE_S = 2.0
"""The same where nothing says so: no counter, or one that goes on."""

CATCHES_UP = 0.03
CATCHES_UP_S = 0.02
"""A stream that gains or falls behind by more than this, a share and a jitter, is no steady one."""

EARLY_S = 0.1
"""By more than this no packet arrives earlier than the least delay lets expect."""


def nearest(value: int, previous: int, modulus: int) -> int:
    """Of all numbers congruent to `value`, return the one nearest to `previous`: unwraps a clock or a wide counter."""
    return previous + (value - previous + modulus // 2) % modulus - modulus // 2


@dataclass(slots=True)
class Lateness:
    """How much later than before the packets of one stream arrive.

    Parameters
    ----------
    limit_s : float
        What is late by less than this is late and not lost.
    """

    limit_s: float
    _least_s: float = math.inf
    _before_s: float = math.inf
    _turn_s: float = -math.inf
    _since_s: float = math.inf
    _late_s: float = math.inf
    _lows_s: tuple[float, float] = (math.inf, math.inf)
    _jumped: bool = False

    def of(self, delay_s: float) -> float:
        """How much more a delay (arrival minus count times period) is than the least of the last seconds."""
        least_s = min(self._least_s, self._before_s)
        return 0.0 if math.isinf(least_s) else delay_s - least_s

    def lasting_s(self, delay_s: float, host_s: float, *, jumped: bool = False) -> float:
        """Take the delay of the next packet; by how much the stream stays late, 0 while that is open.

        Parameters
        ----------
        delay_s, host_s : float
            Its delay and its arrival.
        jumped : bool
            Whether its counter says that something before it is missing.
        """
        late_s = self.of(delay_s)
        if host_s >= self._turn_s:
            self._before_s, self._least_s, self._turn_s = self._least_s, math.inf, host_s + SPAN_S
        self._least_s = min(self._least_s, delay_s)
        if late_s < self.limit_s:
            self._on_time()
            return 0.0
        self._jumped |= jumped
        enough_s = CATCH_UP_S if self._jumped else PATIENCE_S
        passed_s = host_s - self._since_s if math.isfinite(self._since_s) else 0.0
        early, recent = self._lows_s
        self._lows_s = (early, min(recent, late_s)) if 2 * passed_s > enough_s else (min(early, late_s), recent)
        gained_s = CATCHES_UP_S + CATCHES_UP * passed_s
        if min(self._lows_s) < self._late_s - gained_s:
            self._begin(host_s, late_s)
        elif passed_s >= enough_s:
            if self._lows_s[1] - self._lows_s[0] <= gained_s:
                lasting_s = min(self._lows_s)
                self._on_time()
                return lasting_s
            self._begin(host_s, late_s)
        return 0.0

    def _begin(self, host_s: float, late_s: float) -> None:
        """Begin to watch anew: the stream catches up, or falls further behind."""
        self._since_s, self._late_s, self._lows_s = host_s, late_s, (late_s, math.inf)

    def _on_time(self) -> None:
        self._begin(math.inf, math.inf)
        self._jumped = False


class WrappingCounter:
    """Running index from a counter that starts again after `modulus` counts.

    What continues the count is believed, and a jump is taken for the smallest hole that explains it; a packet that
    would be too early for its number came twice or out of order. Whole rounds that were lost beside it show as a
    stream that stays late.

    Parameters
    ----------
    modulus : int
        256 for a counter of eight bits.
    period_s : float
        Nominal time of one count.
    """

    def __init__(self, modulus: int, period_s: float) -> None:
        self._modulus, self._period_s = modulus, period_s
        self._round_s = modulus * period_s
        self._slack_s = min(self._round_s / 4, EARLY_S)
        self.restart()

    def restart(self) -> None:
        """Forget everything: the sensor was connected anew."""
        self._expected: int | None = None
        self._newest = (0, 0)
        self._lateness = Lateness(max(0.75 * self._round_s, 2 * EARLY_S))

    def take(self, value: int, length: int, host_ns: int) -> int:
        """Return the running index of a packet.

        Parameters
        ----------
        value : int
            Counter of the packet's first count, below the modulus.
        length : int
            Counts in the packet.
        host_ns : int
            Arrival.
        """
        host_s = host_ns * 1e-9
        index = value if self._expected is None else self._place(value, length, host_s)
        if self._expected is not None and index < self._expected:
            return index
        jumped = self._expected is not None and index > self._expected
        lasting_s = self._lateness.lasting_s(host_s - (index + length) * self._period_s, host_s, jumped=jumped)
        if lasting_s:
            index += self._modulus * math.floor((lasting_s + 0.25 * self._round_s) / self._round_s)
        self._expected, self._newest = index + length, (value, index)
        return index

    def _place(self, value: int, length: int, host_s: float) -> int:
        assert self._expected is not None  # noqa: S101 - set in take
        ahead = (value - self._expected) % self._modulus
        index = self._expected + ahead
        if not ahead:
            return index
        if value == self._newest[0]:
            return self._newest[1]
        early_s = -self._lateness.of(host_s - (index + length) * self._period_s)
        return index - self._modulus if early_s > self._slack_s else index


class TimeCounter:
    """Running index for sensors whose packets bear the sensor's time: what is missing is what time passed without.

    Parameters
    ----------
    fs_hz : float
        Rate on the sensor's own clock.
    jitter : int
        Samples by which the times may be off without loss.
    """

    def __init__(self, fs_hz: float, jitter: int = 0) -> None:
        self._fs_hz, self._jitter = fs_hz, jitter
        self.restart()

    def restart(self) -> None:
        """Forget the running index: the sensor was connected anew."""
        self._expected = 0
        self._next_s: float | None = None

    def take(self, device_s: float, length: int) -> int:
        """Return the running index of a packet whose first of `length` samples was taken at `device_s`."""
        missed = 0 if self._next_s is None else round((device_s - self._next_s) * self._fs_hz)
        index = self._expected + (missed if abs(missed) > self._jitter else 0)
        if index >= self._expected:
            self._expected, self._next_s = index + length, device_s + length / self._fs_hz
        return index


class ArrivalCounter:
    """Running index for sensors that give no evidence of loss: unbroken, except where the stream stays late.

    Parameters
    ----------
    fs_hz : float
        Nominal rate; 2 % off is no matter.
    silence_s : float
        Longest time that sensor and link may hold samples back and still deliver all of them.
    """

    def __init__(self, fs_hz: float, silence_s: float = 0.5) -> None:
        self._fs_hz, self._silence_s = fs_hz, silence_s
        self.restart()

    def restart(self) -> None:
        """Forget the running index: the sensor was connected anew."""
        self._expected = 0
        self._lateness = Lateness(self._silence_s)

    def take(self, length: int, host_ns: int) -> int:
        """Return the running index of a packet of `length` samples."""
        host_s = host_ns * 1e-9
        lasting_s = self._lateness.lasting_s(host_s - (self._expected + length) / self._fs_hz, host_s)
        index = self._expected + math.floor(lasting_s * self._fs_hz)
        self._expected = index + length
        return index


class RateByCount:
    """Rate of a stream that no document states for sure: the one on offer that fits what came in the first seconds.

    Parameters
    ----------
    rates_hz : sequence of float
        Rates on offer, or likely ones.
    over_s : float
        How long to count; host time.
    """

    def __init__(self, rates_hz: Sequence[float], over_s: float = 2.0) -> None:
        self._rates_hz, self._over_s = rates_hz, over_s
        self._since_ns: int | None = None
        self._counted = 0

    def take(self, length: int, host_ns: int) -> float:
        """Count a packet of `length` samples, those lost before it included; returns the rate, 0 until it is clear."""
        if self._since_ns is None:
            self._since_ns = host_ns
            return 0.0
        self._counted += length
        passed_s = (host_ns - self._since_ns) * 1e-9
        if passed_s < self._over_s:
            return 0.0
        found_hz = max(self._counted, 1) / passed_s
        return min(self._rates_hz, key=lambda rate_hz: abs(math.log(rate_hz / found_hz)))


class BorrowedClock:
    """Times for packets that bear none, on the clock of a stream that comes over the same link in packets of its own.

    What comes between two packets of that stream was taken between their ends. Where between, arrival tells; as that
    is believed within one packet only, a host that is late puts nothing further off than that.

    Parameters
    ----------
    packet_s : float
        Length of a packet of that stream.
    """

    def __init__(self, packet_s: float) -> None:
        self._packet_s = packet_s
        self.restart()

    def restart(self) -> None:
        """Forget the clock: the sensor was connected anew."""
        self._end_s: float | None = None
        self._heard_ns = 0
        self._told_s = -math.inf

    def hear(self, end_s: float, host_ns: int) -> None:
        """Take the sensor's time at the end of a packet, and its arrival."""
        if self._end_s is None or end_s >= self._end_s:
            self._end_s, self._heard_ns = end_s, host_ns

    def at(self, host_ns: int) -> float | None:
        """Sensor's time of what arrives now, never less than the last answer; None before the clock was heard."""
        if self._end_s is None:
            return None
        fresh_s = min(max((host_ns - self._heard_ns) * 1e-9, 0.0), self._packet_s)
        self._told_s = max(self._told_s, self._end_s + fresh_s)
        return self._told_s
