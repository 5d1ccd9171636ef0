"""Times for a second stream of a sensor that tells none: on the clock of its first stream."""

from __future__ import annotations

from dataclasses import dataclass

GAIN = 0.02
DRIFT_GAIN = 0.0002
RESET_S = 0.5


@dataclass(slots=True)
class Companion:
    """Device times of a second stream, whose oscillator is not the first one's; online.

    Where a sensor has no clock, the samples of its first stream are the clock: index over nominal rate. Samples of a
    second stream counted the same way would drift away from it by as much as the two oscillators differ, 1 % and more.
    So each packet is placed where the first stream was when it arrived, smoothed over some 50 packets by a loop of
    second order, which follows a constant difference of the rates without a lasting error. Jitter of arrival that
    both streams share does no harm; what is left of the rest is a fiftieth for each packet.

    Attributes
    ----------
    fs_hz : float
        Nominal rate of the second stream.
    """

    fs_hz: float
    _index: int | None = None
    _end_s: float = 0.0
    _stretch: float = 1.0

    def restart(self) -> None:
        """Forget everything: the sensor was connected anew."""
        self._index, self._end_s, self._stretch = None, 0.0, 1.0

    def take(self, first: int, length: int, clock_s: float) -> float:
        """Return the device time of the first sample of a packet.

        Parameters
        ----------
        first, length : int
            Running index and number of its samples.
        clock_s : float
            End of the newest sample of the first stream, on the sensor's clock.
        """
        period_s = 1.0 / self.fs_hz
        if self._index is None:
            self._index, self._end_s = first + length, clock_s
            return clock_s - length * period_s
        passed_s = (first + length - self._index) * period_s
        if passed_s > 0:
            expected_s = self._end_s + passed_s * self._stretch
            error_s = clock_s - expected_s
            if abs(error_s) > RESET_S:
                self._end_s = clock_s
            else:
                self._end_s = expected_s + GAIN * error_s
                self._stretch += DRIFT_GAIN * error_s / passed_s
            self._index = first + length
            passed_s = 0.0
        return self._end_s + passed_s - length * period_s
