"""When the person does what: rest, reference contractions, calibration, and a set with all its attempts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from firmware_sim.exercises import Exercise, Sign
from firmware_sim.wearer import Cue

Span = tuple[float, float]

BASELINE_S = (1.0, 4.0)
REFERENCE_S, REFERENCE_PAUSE_S, REFERENCE_MARGIN_S = 3.0, 1.0, 0.3
STILL_S, BETWEEN_S, CHANGE_S, COUNTDOWN_S, AFTER_S = 5.0, 0.8, 2.5, 1.5, 2.0
CALIBRATION_REPS = 5
NATURAL_DEG, NATURAL_REP_DEG, NATURAL_MOST_DEG = 0.9, 0.5, 2.5
PAUSE_S, PARTIAL, ABORTED = (0.12, 0.28), (0.5, 0.65), (0.12, 0.22)


@dataclass(frozen=True, slots=True)
class Tempo:
    """Ranges in seconds from which a person's own tempo is drawn; an exercise's own where None."""

    con_s: Span | None = None
    ecc_s: Span | None = None
    rest_s: Span | None = None


@dataclass(frozen=True, slots=True)
class Lapses:
    """How many repetitions are given up at once or half way, have a pause in the lift, or are followed by fidgeting."""

    aborted: int = 0
    partial: int = 0
    pauses: int = 0
    fidgets: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One movement out and back; `scale` is its share of the exercise's range, `pause_s` a stop on the way out."""

    index: int
    kind: str
    start_s: float
    top_s: float
    release_s: float
    end_s: float
    scale: float
    pause_s: float = 0.0
    signs: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Timeline:
    """All times of a script, seconds.

    `poses` says from when on a pose is taken, and during which time one gets into it; `bows` are the calibration's
    movements: begin, end and ``hinge`` or ``squat``; `references` the contraction of each group; `fidgets` spans.
    """

    poses: tuple[tuple[float, float, str], ...]
    references: Mapping[str, Span]
    bows: tuple[tuple[float, float, str], ...]
    attempts: tuple[Attempt, ...]
    fidgets: tuple[Span, ...]
    set_s: float
    stop_s: float
    cues: tuple[Cue, ...]

    @property
    def duration_s(self) -> float:
        """End of the script."""
        return self.stop_s + 1.0


def timeline(
    exercise: Exercise,
    reps: int,
    *,
    hold_s: Span,
    tempo: Tempo,
    lapses: Lapses,
    compensations: Mapping[str, float],
    references: bool,
    calibrated: bool,
    rng: np.random.Generator,
) -> Timeline:
    """Draw the times of a session of one set."""
    now_s = BASELINE_S[1] + 0.6
    cues = [Cue(BASELINE_S[0], "baseline_start", {}), Cue(BASELINE_S[1], "baseline_stop", {})]
    spans: dict[str, Span] = {}
    for group in "GDHE" if references else "":
        spans[group] = (now_s, now_s + REFERENCE_S)
        cues.append(Cue(now_s - REFERENCE_MARGIN_S, "reference_start", {"group": group, "kind": "T1"}))
        cues.append(Cue(now_s + REFERENCE_S + REFERENCE_MARGIN_S, "reference_stop", {"group": group}))
        now_s += REFERENCE_S + REFERENCE_PAUSE_S
    poses = [(0.0, 0.0, "stand" if calibrated else "exercise")]
    bows: list[tuple[float, float, str]] = []
    if calibrated:
        now_s = _calibration(exercise, now_s, cues, poses, bows, rng)
        poses.append((now_s, now_s + CHANGE_S, "exercise"))
        now_s += CHANGE_S + 1.0
    set_s = now_s + 0.2
    attempts, fidgets = _attempts(exercise, reps, set_s + COUNTDOWN_S, hold_s, tempo, lapses, compensations, rng)
    stop_s = max(attempts[-1].end_s, *(end_s for _start_s, end_s in fidgets), 0.0) + AFTER_S
    cues.append(Cue(set_s, "set_start", {"exercise": exercise.id, "target_reps": reps}))
    cues.append(Cue(stop_s, "set_stop", {}))
    return Timeline(tuple(poses), spans, tuple(bows), attempts, fidgets, set_s, stop_s, tuple(cues))


def _calibration(
    exercise: Exercise,
    now_s: float,
    cues: list[Cue],
    poses: list[tuple[float, float, str]],
    bows: list[tuple[float, float, str]],
    rng: np.random.Generator,
) -> float:
    """Stand still, bow five times, squat five times; lie on the back for exercises done so. Returns when it is over."""
    now_s += 0.5
    cues += [Cue(now_s, "stand_start", {}), Cue(now_s + STILL_S, "stand_stop", {})]
    now_s += STILL_S + BETWEEN_S
    for name in ("hinge", "squat"):
        cues.append(Cue(now_s, f"{name}_start", {}))
        for _ in range(CALIBRATION_REPS):
            start_s = now_s + rng.uniform(0.3, 0.8)
            now_s = start_s + rng.uniform(2.4, 3.4)
            bows.append((start_s, now_s, name))
        now_s += 0.5
        cues.append(Cue(now_s, f"{name}_stop", {}))
        now_s += BETWEEN_S
    if exercise.pose.get("pelvis", {}).get("tilt", 0.0) <= -90.0:
        poses.append((now_s, now_s + CHANGE_S, "hook"))
        now_s += CHANGE_S + 1.0
        cues += [Cue(now_s, "supine_start", {}), Cue(now_s + STILL_S, "supine_stop", {})]
        now_s += STILL_S + BETWEEN_S
    return now_s


def _attempts(
    exercise: Exercise,
    reps: int,
    first_s: float,
    hold_s: Span,
    tempo: Tempo,
    lapses: Lapses,
    compensations: Mapping[str, float],
    rng: np.random.Generator,
) -> tuple[tuple[Attempt, ...], tuple[Span, ...]]:
    """Draw attempts in order of time, and spans of fidgeting in the rests behind some of them."""
    kinds = ["full"] * reps
    for kind, count in (("aborted", lapses.aborted), ("partial", lapses.partial)):
        for _ in range(count):
            kinds.insert(int(rng.integers(1, len(kinds) + 1)), kind)
    whole = [number for number, kind in enumerate(kinds) if kind == "full"]
    paused = set(rng.permutation(whole)[: lapses.pauses].tolist())
    restless = set(rng.permutation(len(kinds))[: lapses.fidgets].tolist())
    pace = {
        "con": rng.uniform(*(tempo.con_s or exercise.con_s)),
        "ecc": rng.uniform(*(tempo.ecc_s or exercise.ecc_s)),
    }
    out, back = ("con", "ecc") if exercise.first == "con" else ("ecc", "con")
    reach = rng.uniform(0.85, 1.15)
    natural = {name: rng.normal(0.0, NATURAL_DEG) for name in exercise.signs}
    found: list[Attempt] = []
    fidgets: list[Span] = []
    counts = {"full": 0, "partial": 0, "aborted": 0}
    start_s = first_s
    for number, kind in enumerate(kinds):
        counts[kind] += 1
        share = {"full": 1.0, "partial": rng.uniform(*PARTIAL), "aborted": rng.uniform(*ABORTED)}[kind]
        pause_s = rng.uniform(*PAUSE_S) if number in paused else 0.0
        quicker = float(np.sqrt(share))
        top_s = start_s + pace[out] * rng.uniform(0.85, 1.15) * quicker + pause_s
        release_s = top_s + (rng.uniform(*hold_s) if kind == "full" else 0.0)
        end_s = release_s + pace[back] * rng.uniform(0.85, 1.15) * quicker
        found.append(
            Attempt(
                counts[kind], kind, start_s, top_s, release_s, end_s, share * reach * rng.normal(1.0, 0.03), pause_s,
                {name: _size(name, sign, natural[name], compensations, rng) for name, sign in exercise.signs.items()},
            )
        )  # fmt: skip
        start_s = end_s + rng.uniform(*(tempo.rest_s or exercise.rest_s))
        if number in restless:
            fidget_s = end_s + 0.7
            fidgets.append((fidget_s, fidget_s + rng.uniform(0.9, 1.6)))
            start_s = max(start_s, fidgets[-1][1] + 0.9)
    return tuple(found), tuple(fidgets)


def _size(
    name: str, sign: Sign, natural_deg: float, compensations: Mapping[str, float], rng: np.random.Generator
) -> float:
    """How large a compensation is in one repetition: what was asked for, and in degrees what everybody has of it."""
    asked = compensations.get(name, 0.0) * rng.normal(1.0, 0.08)
    if not sign.pattern:
        return float(asked)
    own_deg = np.clip(natural_deg + rng.normal(0.0, NATURAL_REP_DEG), -NATURAL_MOST_DEG, NATURAL_MOST_DEG)
    return float(asked + own_deg)
