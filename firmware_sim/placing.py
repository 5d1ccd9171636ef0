"""What a virtual day shows of where the electrodes sit, and the ways in which one can come to sit elsewhere.

Gain, spectrum and noise of each site are those of `firmware_sim.person.draw_day`: drawn anew each day, as careful
placing leaves them. On top comes what a task done again is off by. A slip is drawn apart from all that:

- ``moved``: one electrode lies some centimetres off. Mostly it loses (nearer to the tendon or the zone of innervation,
  or off the muscle), and its spectrum shifts, mostly up;
- ``loose``: one electrode holds half: less signal, lower frequencies, more noise;
- ``exchanged``: two sensors of one side sit on each other's muscle, and see little of the task meant for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from firmware_sim.cohort import BACK, GLUTE, HAMSTRING, SIDES, Weeks
from firmware_sim.person import draw_day
from firmware_sim.wearer import Site

Slip = Literal["none", "moved", "loose", "exchanged"]

SLIPS: tuple[Slip, ...] = ("none", "moved", "loose", "exchanged")
OTHER_HAMSTRING = "semitendinosus"
WORN = tuple((muscle, side) for side in SIDES for muscle in (GLUTE, HAMSTRING, OTHER_HAMSTRING, BACK))
TASK_LEVEL, TASK_LN = 0.25, 0.10
"""Share of the maximum that a light task asks for, and how far its level is off when it is done again, ln."""
MDF_HZ, MDF_LN = 85.0, 0.05
"""Usual median frequency, and how far that of a set is off, ln."""
MOVED_LN, MOVED_SPREAD, LOSES_SHARE = 0.9, 0.3, 0.8
SHIFT_LN, SHIFT_SPREAD, UP_SHARE = 0.25, 0.08, 0.7
LOOSE_LN, LOOSE_SHIFT_LN, LOOSE_NOISE_LN = 0.7, -0.15, 1.0
ASIDE_LN = -1.0
"""Of the level in a muscle's own task, what an electrode on another muscle sees of it."""
SECOND_LN = 0.3
"""How unlike the levels of a second exercise are to those of the first, ln."""


@dataclass(frozen=True, slots=True)
class Placing:
    """What a day shows, by site: levels of light tasks and of exercises (µV), median frequency (Hz), noise (µV)."""

    task_uv: Mapping[Site, float]
    exercise_uv: Mapping[tuple[Site, int], float]
    mdf_hz: Mapping[Site, float]
    noise_uv: Mapping[Site, float]


def placings(weeks: Weeks, slip: Slip = "none") -> tuple[Placing, ...]:
    """Return what each day of a user shows; on the last day a slip happened before all that is measured."""
    lasting = np.random.default_rng([weeks.seed, 75])
    second = lasting.normal(0.0, SECOND_LN, len(WORN))
    days = []
    for day in weeks.days:
        rng = np.random.default_rng([weeks.seed, 76, day.number])
        drawn = draw_day(weeks.person, day.number)
        gain = np.array([weeks.person.mvic_uv[muscle] * drawn.gain[muscle, side] for muscle, side in WORN])
        own = {m: day.usual_ln[m] + day.habit_ln[m] for m in (GLUTE, HAMSTRING, BACK)}
        level_ln = np.array([own[HAMSTRING if muscle == OTHER_HAMSTRING else muscle] for muscle, _side in WORN])
        task_ln = np.log(TASK_LEVEL * gain) + rng.normal(0.0, TASK_LN, len(WORN))
        exercise_ln = np.stack((np.log(gain) + level_ln, np.log(gain) + level_ln + second))
        factor = np.array([drawn.mdf_factor[site] for site in WORN])
        mdf_ln = np.log(MDF_HZ * factor) + rng.normal(0.0, MDF_LN, len(WORN))
        noise_ln = np.log([drawn.noise_uv[site] for site in WORN])
        if day.number == len(weeks.days) - 1:
            _slipped(np.random.default_rng([weeks.seed, 77]), slip, task_ln, exercise_ln, mdf_ln, noise_ln)
        days.append(
            Placing(
                dict(zip(WORN, np.exp(task_ln).tolist(), strict=True)),
                {(site, k): float(np.exp(exercise_ln[k, n])) for n, site in enumerate(WORN) for k in range(2)},
                dict(zip(WORN, np.exp(mdf_ln).tolist(), strict=True)),
                dict(zip(WORN, np.exp(noise_ln).tolist(), strict=True)),
            )
        )
    return tuple(days)


def _slipped(
    rng: np.random.Generator,
    slip: Slip,
    task_ln: np.ndarray,
    exercise_ln: np.ndarray,
    mdf_ln: np.ndarray,
    noise_ln: np.ndarray,
) -> None:
    """Change the values of one day, in place."""
    half = len(WORN) // 2
    one = int(rng.integers(len(WORN)))
    if slip == "moved":
        size = abs(rng.normal(MOVED_LN, MOVED_SPREAD)) * (-1.0 if rng.random() < LOSES_SHARE else 0.5)
        task_ln[one] += size
        exercise_ln[:, one] += size
        mdf_ln[one] += rng.normal(SHIFT_LN, SHIFT_SPREAD) * (1.0 if rng.random() < UP_SHARE else -1.0)
    elif slip == "loose":
        task_ln[one] -= LOOSE_LN
        exercise_ln[:, one] -= LOOSE_LN
        mdf_ln[one] += LOOSE_SHIFT_LN
        noise_ln[one] += LOOSE_NOISE_LN
    elif slip == "exchanged":
        other = one // half * half + int((one + rng.integers(1, half)) % half)
        for values in (task_ln, exercise_ln, mdf_ln, noise_ln):
            values[..., [one, other]] = values[..., [other, one]]
        task_ln[[one, other]] += ASIDE_LN
