"""A scripted person: the true activation of each muscle and the angle of each segment over time.

Everything is in script time: seconds since the person began, known before a sensor sees any of it. The
script is therefore the truth that an analysis of the sensors' bytes has to find again. Levels and tempi of
an exercise are rows of a table (`Exercise`); the random draws of one performance come from a seed.

References
----------
Minimum-jerk movement: Flash and Hogan 1985, doi:10.1523/JNEUROSCI.05-07-01688.1985.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_sim.kinematics import Motion

Array = NDArray[np.float64]
Site = tuple[str, str]  # muscle, side

DRIVE_HZ = 500.0
SIDES = ("left", "right")
MUSCLES = ("gluteus_maximus", "biceps_femoris", "erector_spinae")
GROUPS = {"G": "gluteus_maximus", "H": "biceps_femoris", "E": "erector_spinae"}
SEGMENTS = ("thigh", "pelvis", "lumbar")
RELAXED = 0.003

_SETTLE_S, _BASELINE_END_S, _FIRST_REFERENCE_S = 1.0, 4.0, 4.6
_REFERENCE_S, _REFERENCE_RAMP_S, _REFERENCE_PAUSE_S, _CUE_MARGIN_S = 3.0, 0.4, 1.0, 0.3
_COUNTDOWN_S, _AFTER_SET_S, _END_S = 1.5, 2.0, 1.0
_RAMP_S, _SHIFT_S = 0.25, 0.2


@dataclass(frozen=True, slots=True)
class Cue:
    """Something the person does or says at `t_s` (script time), as kind and data of a mark."""

    t_s: float
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TrueRep:
    """One repetition as it really was.

    Attributes
    ----------
    index : int
        1 for the first of the set.
    start_s, top_s, release_s, end_s : float
        Movement starts, hold begins, hold ends, movement ends; script time.
    share_glute : float
        G / (G + H + E) of the mean drives during the hold, sides averaged; 0 to 1.
    sdi : float
        Synergist dominance index ln(sqrt(H E) / G) of the same drives; larger means less glute.
    kind : str
        ``full``; ``partial`` (half way and back) or ``aborted`` (given up at once) in `Script.attempts` only.
    signs : mapping of str to float
        How large each compensation really was at the far end, by its name in `exercises.toml`: degrees, ms for
        ``hips_rise_first``, degrees RMS for ``sway``; small ones are everybody's.
    """

    index: int
    start_s: float
    top_s: float
    release_s: float
    end_s: float
    share_glute: float
    sdi: float
    kind: str = "full"
    signs: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Script:
    """What the person will do, and the truth about it.

    Attributes
    ----------
    exercise : str
    duration_s : float
    cues : tuple of Cue
        In order of time.
    reps : tuple of TrueRep
    drive : dict of (muscle, side) to ndarray, shape (n,)
        Activation as a fraction of MVIC at `DRIVE_HZ`; 0 is silence, 1 a maximal contraction.
    angle_deg : dict of segment to ndarray, shape (n,)
        Inclination relative to the rest pose at `DRIVE_HZ`; positive in the lift.
    onsets : dict of rep index to dict of (muscle, side) to float
        When each muscle switched on, script time in seconds.
    motion : Motion, optional
        All segments in space; None for the plain bridges, whose three segments turn in one plane.
    attempts : tuple of TrueRep
        Partial and aborted repetitions among `reps`, with numbers of their own.
    side : str
        The side that works: ``left``, ``right`` or ``both``.
    """

    exercise: str
    duration_s: float
    cues: tuple[Cue, ...]
    reps: tuple[TrueRep, ...]
    drive: dict[Site, Array]
    angle_deg: dict[str, Array]
    onsets: dict[int, dict[Site, float]]
    motion: Motion | None = None
    attempts: tuple[TrueRep, ...] = ()
    side: str = "both"

    def drive_of(self, site: Site) -> Array:
        """Activation of any muscle; one that the exercise does not know stays relaxed."""
        if site in self.drive:
            return self.drive[site]
        return np.full_like(next(iter(self.drive.values())), RELAXED)


@dataclass(frozen=True, slots=True)
class MuscleRole:
    """How one muscle takes part in an exercise.

    `hold` is the fraction of MVIC while held; `concentric` and `eccentric` are factors on it; `onset_s` is
    the onset relative to the movement's start; `takeover` is the factor reached in the last repetition
    when the synergists take over.
    """

    hold: float
    concentric: float
    eccentric: float
    onset_s: float
    takeover: float


@dataclass(frozen=True, slots=True)
class Exercise:
    """One row of the exercise table: muscle roles, excursions in degrees, tempo ranges in seconds."""

    name: str
    roles: Mapping[str, MuscleRole]
    excursion_deg: Mapping[str, float]
    concentric_s: tuple[float, float]
    eccentric_s: tuple[float, float]
    rest_s: tuple[float, float]


BRIDGE_2LEG = Exercise(
    name="bridge_2leg",
    roles={
        "gluteus_maximus": MuscleRole(0.45, 1.15, 0.60, +0.020, 0.65),
        "biceps_femoris": MuscleRole(0.21, 1.12, 0.70, -0.060, 2.20),
        "erector_spinae": MuscleRole(0.18, 1.10, 0.85, -0.030, 1.20),
    },
    excursion_deg={"thigh": 32.0, "pelvis": 20.0, "lumbar": 14.0},
    concentric_s=(0.9, 1.4),
    eccentric_s=(1.2, 1.8),
    rest_s=(1.4, 2.2),
)


@dataclass(frozen=True, slots=True)
class _Phases:
    start_s: float
    top_s: float
    release_s: float
    end_s: float


def bridges(reps: int = 8, *, seed: int = 0, takeover: bool = True, hold_s: tuple[float, float] = (2.0, 4.0)) -> Script:
    """Lie still, contract each muscle once as reference, then lift the pelvis `reps` times.

    Parameters
    ----------
    reps : int
        1 to 30.
    seed : int
        Same seed, same performance.
    takeover : bool
        In the second half of the set hamstrings (and a little the erectors) do more and more of what the
        glutes did.
    hold_s : tuple of float
        Shortest and longest hold at the top.
    """
    if not 1 <= reps <= 30:
        raise ValueError(f"reps must be 1 to 30, not {reps}")
    return _performed(BRIDGE_2LEG, reps, seed=seed, takeover=takeover, hold_s=hold_s)


def _performed(exercise: Exercise, reps: int, *, seed: int, takeover: bool, hold_s: tuple[float, float]) -> Script:
    """Baseline, reference contractions and one set of any exercise in which the concentric phase is first."""
    rng = np.random.default_rng([seed, 1])
    references, ready_s = _reference_times()
    phases = _set_times(exercise, reps, ready_s + _COUNTDOWN_S + 0.2, rng, hold_s)
    stop_s = phases[-1].end_s + _AFTER_SET_S
    duration_s = stop_s + _END_S
    time_s = np.arange(int(np.ceil(duration_s * DRIVE_HZ)) + 1) / DRIVE_HZ

    onsets: dict[int, dict[Site, float]] = {index: {} for index in range(1, reps + 1)}
    drive: dict[Site, Array] = {}
    for muscle, role in exercise.roles.items():
        levels = _levels(role, reps, takeover=takeover, rng=rng)
        for side in SIDES:
            drive[muscle, side] = _drive(time_s, (muscle, side), role, levels, phases, references, onsets, rng)
    angle_deg = {
        segment: _angle(time_s, excursion, phases, references, rng)
        for segment, excursion in exercise.excursion_deg.items()
    }
    cues = _cues(exercise.name, reps, references, phases[0].start_s - _COUNTDOWN_S, stop_s)
    true_reps = tuple(_truth(index, phase, drive) for index, phase in enumerate(phases, start=1))
    return Script(exercise.name, duration_s, cues, true_reps, drive, angle_deg, onsets)


def _reference_times() -> tuple[dict[str, tuple[float, float]], float]:
    """Start and end of each group's reference contraction, and when the last is over."""
    times: dict[str, tuple[float, float]] = {}
    start_s = _FIRST_REFERENCE_S
    for group in GROUPS:
        times[group] = (start_s, start_s + _REFERENCE_S)
        start_s += _REFERENCE_S + _REFERENCE_PAUSE_S
    return times, start_s - _REFERENCE_PAUSE_S + _CUE_MARGIN_S


def _set_times(
    exercise: Exercise, reps: int, first_s: float, rng: np.random.Generator, hold_s: tuple[float, float]
) -> list[_Phases]:
    phases = []
    start_s = first_s
    for _ in range(reps):
        top_s = start_s + rng.uniform(*exercise.concentric_s)
        release_s = top_s + rng.uniform(*hold_s)
        end_s = release_s + rng.uniform(*exercise.eccentric_s)
        phases.append(_Phases(start_s, top_s, release_s, end_s))
        start_s = end_s + rng.uniform(*exercise.rest_s)
    return phases


def _cues(
    name: str, reps: int, references: Mapping[str, tuple[float, float]], set_s: float, stop_s: float
) -> tuple[Cue, ...]:
    cues = [Cue(_SETTLE_S, "baseline_start", {}), Cue(_BASELINE_END_S, "baseline_stop", {})]
    for group, (start_s, end_s) in references.items():
        cues.append(Cue(round(start_s - _CUE_MARGIN_S, 6), "reference_start", {"group": group, "kind": "T1"}))
        cues.append(Cue(round(end_s + _CUE_MARGIN_S, 6), "reference_stop", {"group": group}))
    cues.append(Cue(set_s, "set_start", {"exercise": name, "target_reps": reps}))
    cues.append(Cue(stop_s, "set_stop", {}))
    return tuple(cues)


def _levels(role: MuscleRole, reps: int, *, takeover: bool, rng: np.random.Generator) -> Array:
    """Mean hold drive of each repetition, shape (reps,), as fractions of MVIC."""
    progress = np.clip((np.arange(1, reps + 1) - reps / 2) / (reps / 2), 0.0, 1.0)
    shift = role.takeover**progress if takeover else np.ones(reps)
    return np.asarray(role.hold * shift * rng.lognormal(0.0, 0.06, reps))


def _drive(
    time_s: Array,
    site: Site,
    role: MuscleRole,
    levels: Array,
    phases: list[_Phases],
    references: Mapping[str, tuple[float, float]],
    onsets: dict[int, dict[Site, float]],
    rng: np.random.Generator,
) -> Array:
    """Activation of one muscle over the whole script; fills in its onsets."""
    knots_s: list[float] = []
    values: list[float] = []
    for group, (start_s, end_s) in references.items():
        effort = rng.uniform(0.90, 1.00) if GROUPS[group] == site[0] else rng.uniform(0.03, 0.08)
        knots_s += [start_s, start_s + _REFERENCE_RAMP_S, end_s - _REFERENCE_RAMP_S, end_s]
        values += [0.0, effort, effort, 0.0]
    side_factor = rng.lognormal(0.0, 0.03)
    for index, (level, phase) in enumerate(zip(levels * side_factor, phases, strict=True), start=1):
        onset_s = phase.start_s + role.onset_s + rng.normal(0.0, 0.008)
        onsets[index][site] = float(onset_s)
        concentric, eccentric = level * role.concentric, level * role.eccentric
        knots_s += [onset_s, onset_s + _RAMP_S, phase.top_s - _SHIFT_S / 2, phase.top_s + _SHIFT_S / 2]
        knots_s += [phase.release_s, phase.release_s + _SHIFT_S, phase.end_s - _SHIFT_S, phase.end_s]
        values += [0.0, concentric, concentric, level, level, eccentric, eccentric, 0.0]
    active = np.interp(time_s, knots_s, values)
    tonic = rng.uniform(0.002, 0.005)
    return np.asarray(tonic + active * (1.0 + 0.025 * slow_noise(time_s.size, 2.5, rng)))


def _angle(
    time_s: Array,
    excursion_deg: float,
    phases: list[_Phases],
    references: Mapping[str, tuple[float, float]],
    rng: np.random.Generator,
) -> Array:
    """Inclination of one segment relative to rest, in degrees: lifts, a little give, sway and tremor."""
    lifted = np.zeros_like(time_s)
    for phase in phases:
        during = slice(*np.searchsorted(time_s, [phase.start_s, phase.end_s]))
        up = minimum_jerk((time_s[during] - phase.start_s) / (phase.top_s - phase.start_s))
        down = minimum_jerk((time_s[during] - phase.release_s) / (phase.end_s - phase.release_s))
        lifted[during] = rng.normal(1.0, 0.03) * (up - down)
    give = np.zeros_like(time_s)
    for start_s, end_s in references.values():
        ramp_s = _REFERENCE_RAMP_S
        rise = minimum_jerk((time_s - start_s) / ramp_s) - minimum_jerk((time_s - end_s + ramp_s) / ramp_s)
        give += rng.uniform(0.5, 1.5) * rise
    breath = 0.15 * np.sin(2 * np.pi * 0.25 * time_s)
    held = np.clip(lifted, 0.0, 1.0)
    sway = 0.35 * held * slow_noise(time_s.size, 0.6, rng)
    tremor = 0.02 * held * np.sin(2 * np.pi * rng.uniform(8.0, 10.0) * time_s + rng.uniform(0, 2 * np.pi))
    return np.asarray(excursion_deg * lifted + give + breath + sway + tremor)


def minimum_jerk(progress: Array) -> Array:
    """Smooth step from 0 to 1 with least jerk, for `progress` 0 to 1; constant outside."""
    x = np.clip(progress, 0.0, 1.0)
    return np.asarray(x**3 * (10.0 - 15.0 * x + 6.0 * x**2))


def slow_noise(size: int, cutoff_hz: float, rng: np.random.Generator) -> Array:
    """Gaussian noise of unit variance below `cutoff_hz`, shape (size,) at `DRIVE_HZ`."""
    spectrum = np.fft.rfft(rng.standard_normal(size))
    spectrum[np.fft.rfftfreq(size, 1 / DRIVE_HZ) > cutoff_hz] = 0.0
    spectrum[0] = 0.0
    noise = np.fft.irfft(spectrum, size)
    return np.asarray(noise / noise.std())


def _truth(index: int, phase: _Phases, drive: Mapping[Site, Array]) -> TrueRep:
    held = slice(int(np.ceil(phase.top_s * DRIVE_HZ)), int(phase.release_s * DRIVE_HZ))
    glute, hamstring, erector = (
        float(np.mean([drive[muscle, side][held].mean() for side in SIDES])) for muscle in MUSCLES
    )
    share = glute / (glute + hamstring + erector)
    sdi = float(np.log(np.sqrt(hamstring * erector) / glute))
    return TrueRep(index, phase.start_s, phase.top_s, phase.release_s, phase.end_s, share, sdi)
