"""Running indices from counters so short that they wrap within what a link holds back."""

from __future__ import annotations

import math

from emgmon.devices.counting import EARLY_S, Lateness


class ShortCounter:
    """Running index from a counter of few values (16 samples of 1 ms, four characteristics in turn); online.

    A jump is taken for the smallest hole that explains it. Rounds that were lost beside it show as a stream that stays
    late, which is made good once it is `2 * EARLY_S`. Hence loss is counted in full only when it is long or small; in
    between up to 0.2 s may go unseen until more is lost.

    Parameters
    ----------
    modulus : int
        Values of the counter.
    period_s : float
        Nominal time of one count.
    """

    def __init__(self, modulus: int, period_s: float) -> None:
        self._modulus, self._period_s = modulus, period_s
        self._round_s = modulus * period_s
        self.restart()

    def restart(self) -> None:
        """Forget everything: the sensor was connected anew."""
        self._expected: int | None = None
        self._heard_s = 0.0
        self._lateness = Lateness(2 * EARLY_S)

    def take(self, value: int, length: int, host_ns: int) -> int:
        """Return the running index of a packet: its first count, how many, and its arrival."""
        host_s = host_ns * 1e-9
        index, jumped = value, False
        if self._expected is not None:
            ahead = (value - self._expected) % self._modulus
            index, jumped = self._expected + ahead, ahead > 0
            early_s = -self._lateness.of(host_s - (index + length) * self._period_s)
            if jumped and early_s > self._round_s / 4 and host_s - self._heard_s < EARLY_S:
                return index - self._modulus
        lasting_s = self._lateness.lasting_s(host_s - (index + length) * self._period_s, host_s, jumped=jumped)
        index += self._modulus * math.floor(lasting_s / self._round_s)
        self._expected, self._heard_s = index + length, host_s
        return index
