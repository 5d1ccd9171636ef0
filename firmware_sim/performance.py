"""Any exercise of the programme as one person does it once: movement in space, muscles, marks, and the truth of it."""

from collections.abc import Mapping

import numpy as np

from firmware_sim.choreography import choreograph
from firmware_sim.effort import effort, indices
from firmware_sim.exercises import MUSCLE_SIGNS, Exercise, exercises
from firmware_sim.kinematics import TILT
from firmware_sim.timeline import Attempt, Lapses, Span, Tempo, timeline
from firmware_sim.wearer import DRIVE_HZ, SIDES, Script, TrueRep

MOST_REPS = 60


def perform(
    exercise: str,
    reps: int = 8,
    *,
    seed: int = 0,
    side: str = "left",
    tempo: Tempo | None = None,
    hold_s: Span | None = None,
    lapses: Lapses | None = None,
    compensations: Mapping[str, float] | None = None,
    references: bool = True,
    calibrated: bool = True,
) -> Script:
    """Rest, reference contractions, calibration, and one set of an exercise.

    Parameters
    ----------
    exercise : str
        An id of `exercises.toml`.
    reps : int
        Full repetitions, 1 to 60; holds of a plank, steps of a walk.
    seed : int
        Same seed, same performance.
    side : str
        ``left`` or ``right``: which side works, where one does.
    tempo : Tempo, optional
        Ranges of the times of lift, lowering and rest; the exercise's own when absent.
    hold_s : tuple of float, optional
        Shortest and longest hold at the far end; the exercise's own when absent.
    lapses : Lapses, optional
        Repetitions given up, pauses, fidgeting; none when absent.
    compensations : mapping of sign to float, optional
        Signs of the exercise to show, with how much: degrees at the far end; ms for ``hips_rise_first``, degrees RMS
        for ``sway``; ln, reached in the last repetition, for ``sdi_up`` and ``hamstrings_up``.
    references : bool
        With maximal contractions of G, D, H and E.
    calibrated : bool
        With upright stance, five bows and five squats, and the back on the floor where the exercise is done so.

    Returns
    -------
    Script
        With `Script.motion`. ``angle_deg`` has the change of tilt from the exercise's rest pose of pelvis, low back and
        the working thigh.

    Raises
    ------
    ValueError
        Unknown exercise, sign or side, or too many repetitions; says which there are.
    """
    known = exercises()
    if exercise not in known:
        raise ValueError(f"no exercise is called {exercise}; there are {', '.join(known)}")
    row, asked = known[exercise], dict(compensations or {})
    _check(row, reps, side, asked)
    work = side if row.sides == "each" else "both"
    rng = np.random.default_rng([seed, 51, list(known).index(exercise)])
    line = timeline(
        row,
        reps,
        hold_s=hold_s or row.hold_s,
        tempo=tempo or Tempo(),
        lapses=lapses or Lapses(),
        compensations=asked,
        references=references,
        calibrated=calibrated,
        rng=rng,
    )
    motion = choreograph(row, line, work, rng)
    drive, onsets = effort(row, line, work, asked, rng)
    true = [_truth(attempt, *indices(drive, work, *_judged_s(attempt))) for attempt in line.attempts]
    before = round(line.set_s * DRIVE_HZ)
    thigh = "thigh_right" if work == "right" else "thigh_left"
    angle_deg = {
        name: motion.attitude_deg[segment][:, TILT] - motion.attitude_deg[segment][before, TILT]
        for name, segment in (("thigh", thigh), ("pelvis", "pelvis"), ("lumbar", "lumbar"))
    }
    return Script(
        exercise,
        line.duration_s,
        line.cues,
        tuple(rep for rep in true if rep.kind == "full"),
        drive,
        angle_deg,
        onsets,
        motion=motion,
        attempts=tuple(rep for rep in true if rep.kind != "full"),
        side=work,
    )


def _check(row: Exercise, reps: int, side: str, asked: Mapping[str, float]) -> None:
    if not 1 <= reps <= MOST_REPS:
        raise ValueError(f"reps must be 1 to {MOST_REPS}, not {reps}")
    if side not in SIDES:
        raise ValueError(f"side must be left or right, not {side}")
    unknown = [name for name in asked if name not in {*row.signs, *MUSCLE_SIGNS}]
    if unknown:
        there = ", ".join((*row.signs, *MUSCLE_SIGNS))
        raise ValueError(f"{row.id} has no sign {', '.join(unknown)}; there are {there}")


def _judged_s(attempt: Attempt) -> Span:
    """Hold, or the whole movement where there is none worth the name."""
    if attempt.release_s - attempt.top_s >= 0.3:
        return attempt.top_s, attempt.release_s
    return attempt.start_s, attempt.end_s


def _truth(attempt: Attempt, share_glute: float, sdi: float) -> TrueRep:
    times_s = attempt.start_s, attempt.top_s, attempt.release_s, attempt.end_s
    return TrueRep(attempt.index, *times_s, share_glute, sdi, attempt.kind, dict(attempt.signs))
