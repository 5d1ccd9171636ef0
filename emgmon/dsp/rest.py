"""When a motion sensor is at rest, and what its accelerometer calls 1 g."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from emgmon.dsp.lowpass import LowPass
from emgmon.model import Array

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class RestSettings:
    """When a sensor is at rest.

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


@dataclass(slots=True)
class Rest:
    """Sees when a sensor does not move, whatever its bias and scale; online."""

    fs_hz: float
    settings: RestSettings
    quiet_s: float = 0.0
    _mean: LowPass = field(init=False)
    _anchor: Vector | None = None

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget the means."""
        self._mean = LowPass(self.settings.smooth_s, self.fs_hz, 6)
        self._anchor, self.quiet_s = None, 0.0

    @property
    def still(self) -> bool:
        """No movement for half a second."""
        return self.quiet_s >= self.settings.still_s

    @property
    def resting(self) -> bool:
        """No movement long enough to learn the bias."""
        return self.quiet_s >= self.settings.rest_s

    def means(self, rows: Array) -> tuple[list[list[float]], list[bool]]:
        """Take accelerations and angular velocities, (n, 6).

        Returns
        -------
        means : list of list of float
            Of all six.
        calm : list of bool
            Whether the sample departs little from them; what `step` is to be given next.
        """
        settings, means = self.settings, self._mean.run(rows)
        off, turning = (rows - means) ** 2, means[:, 3:] ** 2
        calm = off[:, 0] + off[:, 1] + off[:, 2] < settings.acc_g**2
        calm &= off[:, 3] + off[:, 4] + off[:, 5] < settings.rate_dps**2
        calm &= turning[:, 0] + turning[:, 1] + turning[:, 2] < settings.most_dps**2
        return means.tolist(), calm.tolist()

    def step(self, mean: list[float], *, calm: bool) -> None:
        """Move on by one sample, with what `means` gave for it."""
        if calm and self._anchor is not None:
            ux, uy, uz = self._anchor
            calm = (mean[0] - ux) ** 2 + (mean[1] - uy) ** 2 + (mean[2] - uz) ** 2 < self.settings.creep_g**2
        if not calm:
            self._anchor, self.quiet_s = None, 0.0
            return
        self._anchor = self._anchor or (mean[0], mean[1], mean[2])
        self.quiet_s += 1.0 / self.fs_hz


@dataclass(slots=True)
class Scale:
    """What an accelerometer calls 1 g: the mean length of slow acceleration, taken once from `need_s` of it; online.

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

    need_s: float
    fs_hz: float
    g: float = math.nan
    known_at: int = -1
    seen: int = 0
    _sum_g: float = 0.0
    _n: int = 0

    def step(self, slow_g: Vector) -> None:
        """Take slow acceleration."""
        if self.known_at >= 0:
            return
        self._sum_g += math.sqrt(slow_g[0] * slow_g[0] + slow_g[1] * slow_g[1] + slow_g[2] * slow_g[2])
        self._n += 1
        if self._n >= self.need_s * self.fs_hz:
            self.g, self.known_at = self._sum_g / self._n, self.seen - 1
