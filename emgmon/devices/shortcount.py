"""Running indices from counters so short that they wrap within what a link holds back."""

from __future__ import annotations

import math

from emgmon.devices.counting import EARLY_S, Lateness


class ShortCounter:
    """Running index from a counter of few values (16 samples of 1 ms, four characteristics in turn); online.

    The silence between two connection events is longer than such a round, so it says nothing of whole rounds lost, as
    it does for `emgmon.devices.counting.WrappingCounter`. A jump is taken for the smallest hole that explains it, and
    only a silence that is longer than that by `EARLY_S` makes more of it. Rounds that were lost beside it show as a
    stream that stays late, which is made good once it is `2 * EARLY_S`. Hence loss is counted in full only when it is
    long or small; in between up to 0.2 s may go unseen until more is lost.

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
        index = value
        if self._expected is not None:
            silence_s = host_s - self._heard_s
            ahead = (value - self._expected) % self._modulus
            rounds = math.floor((silence_s - EARLY_S) / self._round_s - ahead / self._modulus) if ahead else 0
            index = self._expected + ahead + max(rounds, 0) * self._modulus
            early_s = -self._lateness.of(host_s - (index + length) * self._period_s)
            if ahead and silence_s < EARLY_S and early_s > self._round_s / 4:
                return index - self._modulus
        lasting_s = self._lateness.lasting_s(host_s - (index + length) * self._period_s, host_s)
        index += self._modulus * math.floor(lasting_s / self._round_s)
        self._expected, self._heard_s = index + length, host_s
        return index
