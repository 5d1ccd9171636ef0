"""How hard each muscle works in a performance: reference contractions, phases of each attempt, scatter, take-over."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from firmware_sim.exercises import GROUPS, Exercise
from firmware_sim.timeline import Attempt, Timeline
from firmware_sim.wearer import DRIVE_HZ, SIDES, Site, slow_noise

Array = NDArray[np.float64]

RAMP_S = 0.25
ONSET_S = {"G": 0.020, "D": 0.0, "H": -0.060, "E": -0.030}
ONSET_SD_S, REP_SD, SIDE_SD = 0.008, 0.06, 0.03
SHARE_OF_HAMSTRING = {"biceps_femoris": 1.0, "semitendinosus": 0.9}
MOST = 1.0


class Effort(NamedTuple):
    """Activation of each site, shape (n,) at `DRIVE_HZ`, and when it switched on in each full repetition."""

    drive: dict[Site, Array]
    onsets: dict[int, dict[Site, float]]


def effort(
    exercise: Exercise, line: Timeline, work: str, compensations: Mapping[str, float], rng: np.random.Generator
) -> Effort:
    """Draw the activation of every muscle at every moment of a timeline.

    Parameters
    ----------
    exercise : Exercise
        Its levels are those of this person.
    line : Timeline
    work : str
        ``left``, ``right`` or ``both``.
    compensations : mapping
        Of it ``sdi_up`` and ``hamstrings_up``, ln, reached in the last repetition from the middle of the set on.
    rng : Generator
    """
    size = int(np.ceil(line.duration_s * DRIVE_HZ)) + 1
    onsets: dict[int, dict[Site, float]] = {a.index: {} for a in line.attempts if a.kind == "full"}
    drive: dict[Site, Array] = {}
    for group, muscles in GROUPS.items():
        scatter = np.exp(rng.normal(0.0, REP_SD, len(line.attempts))) * _takeover(group, line, compensations)
        for muscle in muscles:
            for side in SIDES:
                idle = exercise.other[group] if work in SIDES and side != work else 1.0
                level = exercise.level[group][0] * SHARE_OF_HAMSTRING.get(muscle, 1.0) * idle
                levels = level * scatter * rng.lognormal(0.0, SIDE_SD)
                drive[muscle, side] = _drive(exercise, line, group, (muscle, side), levels, size, onsets, rng)
    return Effort(drive, onsets)


def _takeover(group: str, line: Timeline, compensations: Mapping[str, float]) -> Array:
    """Factor on a group's level in each attempt: 1 in the first half of the set."""
    number = np.arange(1, len(line.attempts) + 1)
    progress = np.clip((number - number.size / 2) / (number.size / 2), 0.0, 1.0)
    index = compensations.get("sdi_up", 0.0) / 2
    ln_change = {"G": -index, "D": -index, "H": index + compensations.get("hamstrings_up", 0.0), "E": index}
    return np.asarray(np.exp(ln_change[group] * progress))


def _drive(
    exercise: Exercise,
    line: Timeline,
    group: str,
    site: Site,
    levels: Array,
    size: int,
    onsets: dict[int, dict[Site, float]],
    rng: np.random.Generator,
) -> Array:
    """Activation of one muscle: steps between phases, made into ramps of `RAMP_S`."""
    steps = np.zeros(size)

    def hold(from_s: float, to_s: float, level: float) -> None:
        steps[round((from_s + RAMP_S / 2) * DRIVE_HZ) : max(round((to_s - RAMP_S / 2) * DRIVE_HZ), 0)] = level

    for own, (start_s, end_s) in line.references.items():
        hold(start_s, end_s, rng.uniform(0.90, 1.00) if own == group else rng.uniform(0.03, 0.08))
    factors = [getattr(exercise, name)[group] for name in _phases(exercise)]
    for attempt, level in zip(line.attempts, levels.tolist(), strict=True):
        onset_s = attempt.start_s + ONSET_S[group] + rng.normal(0.0, ONSET_SD_S)
        if attempt.kind == "full":
            onsets[attempt.index][site] = float(onset_s)
        share = 1.0 if attempt.kind == "full" else np.sqrt(attempt.scale)
        for span_s, factor in zip(_spans(attempt, onset_s), factors, strict=True):
            hold(*span_s, level * factor * share)
    width = round(RAMP_S * DRIVE_HZ)
    ramps = np.convolve(steps, np.full(width, 1.0 / width), "same")
    active = ramps * (1.0 + 0.025 * slow_noise(size, 2.5, rng))
    return np.asarray(np.clip(rng.uniform(0.002, 0.005) + active, 0.0, MOST))


def _phases(exercise: Exercise) -> tuple[str, str, str]:
    return ("con", "held", "ecc") if exercise.first == "con" else ("ecc", "held", "con")


def _spans(attempt: Attempt, onset_s: float) -> tuple[tuple[float, float], ...]:
    """Begin and end of the way out, the hold and the way back, as the muscle works in them."""
    half_s = RAMP_S / 2
    return (
        (onset_s, attempt.top_s + half_s),
        (attempt.top_s - half_s, attempt.release_s + half_s),
        (attempt.release_s - half_s, attempt.end_s),
    )


def indices(drive: Mapping[Site, Array], work: str, from_s: float, to_s: float) -> tuple[float, float]:
    """Share of the glutes, and the index ln(sqrt(H E) / G), of the mean drives of the sides that work."""
    span = slice(int(np.ceil(from_s * DRIVE_HZ)), int(to_s * DRIVE_HZ) + 1)
    sides = (work,) if work in SIDES else SIDES

    def level(group: str) -> float:
        means = [[drive[muscle, side][span].mean() for side in sides] for muscle in GROUPS[group]]
        return float(np.mean(np.exp(np.mean(np.log(means), axis=0))))

    glute, hamstring, back = (level(group) for group in "GHE")
    return glute / (glute + hamstring + back), float(np.log(np.sqrt(hamstring * back) / glute))
