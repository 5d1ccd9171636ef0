"""What a gyroscope says while nothing turns: learnt at rest, and in motion from the tilt that it would leave.

`emgmon.dsp.motion_loops.look` is the loop.
"""

from __future__ import annotations

from dataclasses import dataclass

from emgmon.dsp.lowpass import low_pass

LOOK_HZ = 25.0
"""Bias is a matter of seconds: it is looked at this often."""


@dataclass(frozen=True, slots=True)
class BiasSettings:
    """A Kalman filter for three numbers; the values are those that VQF's authors found (dps).

    Attributes
    ----------
    start_dps : float
        Standard deviation of the bias before anything is known.
    wander_dps, wander_s : float
        The bias may walk by so much in that time.
    motion_dps, rest_dps : float
        Standard deviations that the estimate settles at in motion and at rest.
    vertical : float
        How little is believed about the axis that gravity does not show, as a share; keeps it from running away.
    most_dps : float
        What is seen in motion is clipped here.
    """

    start_dps: float = 0.5
    wander_dps: float = 0.1
    wander_s: float = 100.0
    motion_dps: float = 0.1
    rest_dps: float = 0.03
    vertical: float = 1e-4
    most_dps: float = 2.0

    def spec(self, fs_hz: float, trust_s: float) -> tuple[int, list[float]]:
        """Return how many samples lie between two looks, and the spec of `look`."""
        every = max(1, round(fs_hz / LOOK_HZ))
        step_s = every / fs_hz
        walk = self.wander_dps**2 / self.wander_s * step_s
        quiet, loud = (settled**4 / walk + settled**2 for settled in (self.rest_dps, self.motion_dps))
        low = low_pass(trust_s, fs_hz / every)
        return every, [*low, step_s, walk, quiet, loud, loud / self.vertical, self.most_dps]

    def state(self) -> list[float]:
        """Return the state of `look` before anything is known."""
        known = self.start_dps**2
        return [0.0, 0.0, 0.0, known, 0.0, 0.0, known, 0.0, known, 0.0]
