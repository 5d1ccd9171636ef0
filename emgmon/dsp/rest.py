"""When a motion sensor is at rest, and what its accelerometer calls 1 g."""

from __future__ import annotations

import math
from dataclasses import dataclass

from emgmon.dsp.lowpass import low_pass


@dataclass(frozen=True, slots=True)
class RestSettings:
    """When a sensor is at rest, whatever its bias and scale; `emgmon.dsp.rest_loops.rested` is the loop.

    Attributes
    ----------
    smooth_s : float
        Time constant of the mean from which departures are taken.
    rate_dps, acc_g : float
        Largest departures of angular velocity and acceleration from their mean.
    most_dps : float
        Largest mean angular velocity that can be bias.
    creep_g : float
        How far the mean acceleration may move while it is the same rest.
    still_s, rest_s : float
        After this long without movement the sensor is still, and at rest, where its bias is learnt.
    """

    smooth_s: float = 0.5
    rate_dps: float = 2.0
    acc_g: float = 0.05
    most_dps: float = 10.0
    creep_g: float = 0.02
    still_s: float = 0.5
    rest_s: float = 1.5

    def spec(self, fs_hz: float, bridge: int) -> list[float]:
        """Return the spec of `rested`; after more than `bridge` lost samples in a row the mean begins anew."""
        squares = (self.acc_g**2, self.rate_dps**2, self.most_dps**2, self.creep_g**2)
        return [*low_pass(self.smooth_s, fs_hz), *squares, 1.0 / fs_hz, self.still_s, self.rest_s, float(bridge)]


@dataclass(slots=True)
class Scale:
    """What an accelerometer calls 1 g: the mean length of slow acceleration, taken once.

    Over seconds nobody accelerates: the mean acceleration in level axes is gravity, also while walking.

    Attributes
    ----------
    g : float
        NaN until it is known.
    known_at : int
        Number of the sample with which it became known, -1 before.
    seen : int
        Samples so far, lost ones too.
    """

    g: float = math.nan
    known_at: int = -1
    seen: int = 0

    def take(self, n: int, found: int, sum_g: float, lengths: float) -> None:
        """Go on by `n` samples, with whose one of index `found` (or -1) it is known, by the sum of so many lengths."""
        if found >= 0:
            self.g, self.known_at = float(sum_g / lengths), self.seen + found
        self.seen += n
