"""From a timeline to the attitudes of all segments: minimum-jerk movements between poses, with sway and breath."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from firmware_sim.exercises import Exercise, Pattern, attitudes, bow, pose
from firmware_sim.kinematics import MOTION_HZ, SEGMENTS, SIDE, SIDES, TILT, Motion
from firmware_sim.timeline import Attempt, Span, Timeline
from firmware_sim.wearer import minimum_jerk, slow_noise

Array = NDArray[np.float64]

UPPER = ("pelvis", "lumbar", "trunk")
FIDGET_DEG = (1.5, 4.0)
MOST_OF_LIFT = 0.4


def choreograph(exercise: Exercise, line: Timeline, work: str, rng: np.random.Generator) -> Motion:
    """Move all segments as a timeline says.

    Parameters
    ----------
    exercise : Exercise
    line : Timeline
    work : str
        ``left``, ``right`` or ``both``.
    rng : Generator
        Sway, fidgets, and what a bow looks like.
    """
    time_s = np.arange(int(np.ceil(line.duration_s * MOTION_HZ)) + 1) / MOTION_HZ
    attitude = _posed(exercise, line, work, time_s)
    for start_s, end_s, kind in line.bows:
        _add(attitude, attitudes(bow(kind), "both"), _bow(time_s, start_s, end_s) * rng.uniform(0.9, 1.1))
    move = attitudes(exercise.move, work)
    moved = np.zeros_like(time_s)
    for attempt in line.attempts:
        early, late = _courses(exercise, attempt, time_s)
        moved += np.clip(late, 0.0, 1.0)
        for segment in SEGMENTS:
            course = late if segment in UPPER else early
            attitude[segment] += attempt.scale * course[:, None] * move[segment]
        for name, sign in exercise.signs.items():
            course = late if sign.when == "far" else _during_hold(attempt, time_s)
            share = 1.0 if attempt.kind == "full" else attempt.scale
            _add(attitude, attitudes(sign.pattern, work), attempt.signs[name] * share * course)
    _unrest(exercise, line, attitude, moved, time_s, rng)
    impacts_s = [t_s for a in line.attempts for t_s in (a.top_s, a.end_s)] if exercise.impact_g else []
    return Motion(attitude, _anchor(exercise, work), line.set_s, tuple(impacts_s), exercise.impact_g)


def _anchor(exercise: Exercise, work: str) -> str:
    working = "right" if work == "right" else "left"
    other = SIDES[1 - SIDES.index(working)]
    return {"foot_work": f"foot_{working}", "foot_other": f"foot_{other}"}.get(exercise.anchor, exercise.anchor)


def _posed(exercise: Exercise, line: Timeline, work: str, time_s: Array) -> dict[str, Array]:
    """Attitudes of the poses alone, with the changes between them, shape (n, 4) each."""
    known: Mapping[str, Pattern] = {"stand": pose("stand"), "hook": pose("hook"), "exercise": exercise.pose}
    before = attitudes(known[line.poses[0][2]], work)
    found = {segment: np.tile(before[segment], (time_s.size, 1)) for segment in SEGMENTS}
    for start_s, end_s, name in line.poses[1:]:
        after = attitudes(known[name], work)
        course = minimum_jerk((time_s - start_s) / (end_s - start_s))
        _add(found, {segment: after[segment] - before[segment] for segment in SEGMENTS}, course)
        before = after
    return found


def _add(attitude: dict[str, Array], change: Mapping[str, Array], course: Array) -> None:
    for segment, angles in change.items():
        if angles.any():
            attitude[segment] += course[:, None] * angles


def _step(time_s: Array, start_s: float, end_s: float) -> Array:
    return minimum_jerk((time_s - start_s) / (end_s - start_s))


def _bow(time_s: Array, start_s: float, end_s: float) -> Array:
    middle_s, pause_s = (start_s + end_s) / 2, 0.15
    return _step(time_s, start_s, middle_s - pause_s) - _step(time_s, middle_s + pause_s, end_s)


def _courses(exercise: Exercise, attempt: Attempt, time_s: Array) -> tuple[Array, Array]:
    """Course of the legs and of pelvis and trunk, 0 at rest and 1 at the far end; apart where the hips rise first."""
    start_s, top_s, release_s, end_s = attempt.start_s, attempt.top_s, attempt.release_s, attempt.end_s
    if attempt.pause_s:
        middle_s = (start_s + top_s - attempt.pause_s) / 2
        out = 0.5 * (_step(time_s, start_s, middle_s) + _step(time_s, middle_s + attempt.pause_s, top_s))
    else:
        out = _step(time_s, start_s, top_s)
    apart_s = min(attempt.signs.get("hips_rise_first", 0.0) / 1e3, MOST_OF_LIFT * (end_s - release_s))
    if apart_s <= 0.0 or exercise.first == "con":
        course = out - _step(time_s, release_s, end_s)
        return course, course
    return out - _step(time_s, release_s, end_s - apart_s), out - _step(time_s, release_s + apart_s, end_s)


def _during_hold(attempt: Attempt, time_s: Array) -> Array:
    """Grow along the hold, gone with the return."""
    if attempt.release_s - attempt.top_s < 0.1:
        return np.zeros_like(time_s)
    return _step(time_s, attempt.top_s, attempt.release_s) - _step(time_s, attempt.release_s, attempt.end_s)


def _unrest(
    exercise: Exercise,
    line: Timeline,
    attitude: dict[str, Array],
    moved: Array,
    time_s: Array,
    rng: np.random.Generator,
) -> None:
    """Add sway while away from rest, a little give in reference contractions, and fidgets."""
    away = np.clip(moved, 0.0, 1.0)
    sways = [attempt.signs.get("sway", 0.0) for attempt in line.attempts]
    asked_deg = max(sways, default=0.0)
    give = np.zeros_like(time_s)
    for start_s, end_s in line.references.values():
        give += rng.uniform(0.5, 1.5) * (_step(time_s, start_s, start_s + 0.4) - _step(time_s, end_s - 0.4, end_s))
    whole = slow_noise(time_s.size, 0.6, rng)
    for segment in SEGMENTS:
        if not segment.startswith("foot"):
            own = slow_noise(time_s.size, 0.6, rng)
            attitude[segment][:, TILT] += exercise.sway_deg * away * (0.7 * whole + 0.7 * own) + give
            attitude[segment][:, SIDE] += 0.5 * exercise.sway_deg * away * slow_noise(time_s.size, 0.6, rng)
        if segment in UPPER and asked_deg:
            attitude[segment][:, SIDE] += asked_deg * away * whole
    _fidget(line.fidgets, attitude, time_s, rng)


def _fidget(spans: Sequence[Span], attitude: dict[str, Array], time_s: Array, rng: np.random.Generator) -> None:
    """Shift a little in the rests: pelvis and back together, or one leg."""
    for start_s, end_s in spans:
        course = rng.uniform(*FIDGET_DEG) * rng.choice([-1.0, 1.0]) * _bow(time_s, start_s, end_s)
        side = SIDES[int(rng.integers(2))]
        for segment in (UPPER, (f"thigh_{side}", f"shank_{side}"))[int(rng.integers(2))]:
            attitude[segment][:, TILT] += course
