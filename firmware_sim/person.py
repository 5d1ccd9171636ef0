"""Who wears the sensors, on which day, and how their repetitions scatter: draws of the layers around a signal.

A person keeps their muscles' amplitudes, laws and habits; a day brings other electrodes on other spots; a set
brings repetitions that are alike but not equal. All layers are log-normal unless a range is named, and muscles
are correlated, although published norms treat them as independent: an estimator that leans on independence
has to fail here first. The ranges are those of the project's scientific brief; they are wide on purpose.

Muscles are the names of `MUSCLES`; sides ``left`` and ``right``; a site is (muscle, side).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Site = tuple[str, str]

SIDES = ("left", "right")
MVIC_UV = {
    "gluteus_maximus": (60.0, 250.0),
    "biceps_femoris": (120.0, 500.0),
    "erector_spinae": (50.0, 200.0),
    "gluteus_medius": (80.0, 300.0),
    "semitendinosus": (120.0, 500.0),
}
MUSCLES = tuple(MVIC_UV)
EFFORT = (0.70, 1.00)
EFFORT_CORRELATION = 0.5
LEVEL_CORRELATION = (0.0, 0.5)
DAY_GAIN_CV = {"gluteus_maximus": 0.25, "gluteus_medius": 0.25}
OTHER_DAY_GAIN_CV = 0.20
SIDE_GAIN_CV = 0.10
MDF_CV = 0.08
NOISE_UV = (1.0, 8.0)
REP_CV, REP_CORRELATION, REP_TREND = 0.12, 0.3, 0.03
FATIGUE_PER_REP = (-0.015, -0.003)
LENGTH_EFFECT = 0.15


@dataclass(frozen=True)
class Person:
    """What stays the same from day to day.

    Attributes
    ----------
    seed : int
        What the person was drawn from; also fixes the heart and the motor units.
    mvic_uv : mapping of muscle to float
        RMS amplitude at the true maximum, µV.
    exponent : mapping of muscle to float
        The b of amplitude ~ drive^b, 0.8 to 1.4; used by shaped noise only.
    effort : mapping of muscle to float
        Share of the true maximum that a maximal reference contraction reaches, 0.7 to 1.
    level_z : mapping of muscle to float
        How hard the muscle works in exercises, in standard deviations of the log of the published %MVIC.
    level_correlation : float
        Correlation of `level_z` between muscles, 0 to 0.5.
    low_hz, high_hz : mapping of muscle to float
        Corners of the spectrum of shaped noise.
    heart_rate_bpm : float
        60 to 150.
    fatigue_per_rep : float
        Relative change of the median frequency with each repetition, -0.015 to -0.003.
    length_effect : mapping of muscle to float
        Relative change of the amplitude, at equal drive, from the rest pose to the end of the movement, -0.15 to 0.15:
        a shorter muscle under the electrode.
    """

    seed: int
    mvic_uv: Mapping[str, float]
    exponent: Mapping[str, float]
    effort: Mapping[str, float]
    level_z: Mapping[str, float]
    level_correlation: float
    low_hz: Mapping[str, float]
    high_hz: Mapping[str, float]
    heart_rate_bpm: float
    fatigue_per_rep: float
    length_effect: Mapping[str, float]

    def level(self, muscle: str, mean: float, cv: float) -> float:
        """Activation of this person where healthy people have `mean` with coefficient of variation `cv`."""
        sigma = np.sqrt(np.log1p(cv**2))
        return float(mean * np.exp(sigma * self.level_z[muscle] - sigma**2 / 2))


@dataclass(frozen=True)
class Day:
    """What a new day changes: electrodes, skin, spot.

    `gain` multiplies a site's amplitude, `mdf_factor` its frequencies, `noise_uv` is its baseline noise (RMS, µV).
    """

    gain: Mapping[Site, float]
    mdf_factor: Mapping[Site, float]
    noise_uv: Mapping[Site, float]


def draw_person(seed: int) -> Person:
    """Draw a person; the same seed is the same person."""
    rng = np.random.default_rng([seed, 31])
    correlation = float(rng.uniform(*LEVEL_CORRELATION))
    levels = _correlated(len(MUSCLES), correlation, rng)
    effort = _uniform(_correlated(len(MUSCLES), EFFORT_CORRELATION, rng))
    return Person(
        seed=seed,
        mvic_uv={
            muscle: float(np.exp(rng.uniform(np.log(low_uv), np.log(high_uv))))
            for muscle, (low_uv, high_uv) in MVIC_UV.items()
        },
        exponent={muscle: float(rng.uniform(0.8, 1.4)) for muscle in MUSCLES},
        effort={
            muscle: float(EFFORT[0] + (EFFORT[1] - EFFORT[0]) * part)
            for muscle, part in zip(MUSCLES, effort, strict=True)
        },
        level_z={muscle: float(z) for muscle, z in zip(MUSCLES, levels, strict=True)},
        level_correlation=correlation,
        low_hz={muscle: float(rng.uniform(30.0, 60.0)) for muscle in MUSCLES},
        high_hz={muscle: float(rng.uniform(80.0, 160.0)) for muscle in MUSCLES},
        heart_rate_bpm=float(rng.uniform(60.0, 150.0)),
        fatigue_per_rep=float(rng.uniform(*FATIGUE_PER_REP)),
        length_effect={muscle: float(rng.uniform(-LENGTH_EFFECT, LENGTH_EFFECT)) for muscle in MUSCLES},
    )


def draw_day(person: Person, seed: int) -> Day:
    """Draw a day of a person: gain, spectrum and noise of each site."""
    rng = np.random.default_rng([person.seed, 32, seed])
    gain: dict[Site, float] = {}
    mdf_factor: dict[Site, float] = {}
    noise_uv: dict[Site, float] = {}
    for muscle in MUSCLES:
        for side in SIDES:
            lasting = np.random.default_rng([person.seed, 33, MUSCLES.index(muscle), SIDES.index(side)])
            side_gain = lasting.lognormal(0.0, _sigma(SIDE_GAIN_CV))
            cv = DAY_GAIN_CV.get(muscle, OTHER_DAY_GAIN_CV)
            gain[muscle, side] = float(side_gain * rng.lognormal(0.0, _sigma(cv)))
            mdf_factor[muscle, side] = float(rng.lognormal(0.0, _sigma(MDF_CV)))
            noise_uv[muscle, side] = float(np.exp(rng.uniform(*np.log(NOISE_UV))))
    return Day(gain, mdf_factor, noise_uv)


def draw_reps(count: int, seed: int, *, cv: float = REP_CV, correlation: float = REP_CORRELATION) -> Array:
    """Factors on the level of each repetition of one muscle: log-normal, AR(1), with a trend up to ±3 % per rep.

    Returns
    -------
    ndarray, shape (count,)
        Geometric mean about 1.
    """
    rng = np.random.default_rng([seed, 34])
    innovation = rng.standard_normal(count)
    noise = np.empty(count)
    noise[0] = innovation[0]
    for index in range(1, count):
        noise[index] = correlation * noise[index - 1] + np.sqrt(1 - correlation**2) * innovation[index]
    trend = rng.uniform(-REP_TREND, REP_TREND) * (np.arange(count) - (count - 1) / 2)
    return np.asarray(np.exp(_sigma(cv) * noise + trend))


def _sigma(cv: float) -> float:
    """Compute the standard deviation of the log for a coefficient of variation."""
    return float(np.sqrt(np.log1p(cv**2)))


def _correlated(count: int, correlation: float, rng: np.random.Generator) -> Array:
    """Draw standard normal values, each pair with the same correlation."""
    common = rng.standard_normal()
    return np.asarray(np.sqrt(correlation) * common + np.sqrt(1 - correlation) * rng.standard_normal(count))


def _uniform(normal: Array) -> Array:
    """Turn standard normal values into values uniform in 0 to 1, by the logistic curve nearest to the normal one."""
    return np.asarray(1.0 / (1.0 + np.exp(-1.5976 * normal - 0.07056 * normal**3)))
