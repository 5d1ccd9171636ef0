"""Rows about repetitions: whether they are found, and how near their phases are to the truth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

import firmware_sim
from emgmon.exercise.catalogue import Exercise, packaged
from emgmon.model import Rep
from emgmon.validation.sessions import Imu, Plan, analysed, entries_of, grid
from emgmon.validation.table import Measurement
from firmware_sim import Lapses, Script, TrueRep
from firmware_sim.physiology import body_signals, motion_signals

FS_HZ = 100.0
LEAD_S = 2.0
"""Still time before the script begins."""
TOLERANCE_S = 0.3
BOUNDS = ("start_s", "top_s", "release_s", "end_s")
WORN = {
    "thigh": ("biceps_femoris", "left"),
    "pelvis": ("gluteus_maximus", "left"),
    "lumbar": ("erector_spinae", "left"),
}
HOLDS_S = {"holds of 2 to 4 s": (2.0, 4.0), "holds of 0 to 5 s": (0.0, 5.0)}
"""The second is beyond what the simulator's sets were tuned on."""
PAIR = ("sacrum/midline", "thigh/left", "thigh/right")
"""Sensors of the rows about the whole programme, not calibrated: the smallest set that all its exercises can use."""
QUICK_EXERCISES = 4
UNRULY = Lapses(aborted=1, partial=1, pauses=1, fidgets=2)


@lru_cache(maxsize=64)
def _set(seed: int, segment: str, hold: str, reps: int) -> tuple[tuple[Rep, ...], tuple[Rep, ...]]:
    """Reps found in one simulated set of bridges with one IMU, and the true ones, on the same clock."""
    script = firmware_sim.bridges(reps, seed=seed, takeover=False, hold_s=HOLDS_S[hold])
    time_s = grid(int((script.duration_s + LEAD_S) * FS_HZ), FS_HZ)
    samples = body_signals(script, WORN[segment], seed=seed).imu.at(time_s - LEAD_S)
    plan = Plan()
    begun = {cue.kind: cue.t_s + LEAD_S for cue in script.cues}
    plan.set("bridge_2leg", begun["set_start"], begun["set_stop"])
    imu = Imu(samples, FS_HZ, "/".join(WORN[segment]))
    (done,) = analysed(entries_of(plan, None, [imu], packaged()["bridge_2leg"].table())).sets
    true = tuple(
        Rep(rep.index, *(getattr(rep, name) + LEAD_S for name in BOUNDS))  # the simulator's truth, on our clock
        for rep in script.reps
    )
    return tuple(rep.rep for rep in done.reps), true


def _matched(found: Sequence[Rep], true: Sequence[Rep]) -> list[tuple[Rep, Rep]]:
    """Pairs of a found and a true rep whose start and end agree within the tolerance, each used once."""
    pairs, free = [], list(found)
    for rep in true:
        near = [
            f for f in free if abs(f.start_s - rep.start_s) <= TOLERANCE_S and abs(f.end_s - rep.end_s) <= TOLERANCE_S
        ]
        if near:
            best = min(near, key=lambda f: abs(f.start_s - rep.start_s))
            free.remove(best)
            pairs.append((best, rep))
    return pairs


def repetitions(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Precision, recall and F1 of reps within the tolerance; share of sets whose count is right within one."""
    out = []
    for segment in WORN:
        for hold in HOLDS_S:
            sets = [_set(seed, segment, hold, 6 if quick else 12) for seed in seeds]
            found = sum(len(f) for f, _t in sets)
            true = sum(len(t) for _f, t in sets)
            hit = sum(len(_matched(f, t)) for f, t in sets)
            near = sum(abs(len(f) - len(t)) <= 1 for f, t in sets)
            precision, recall = hit / found if found else math.nan, hit / true
            conditions = {"sensor": segment, "movement": hold}
            for measure, value in (
                ("precision", precision),
                ("recall", recall),
                ("F1", 2.0 * hit / (found + true)),
            ):
                out.append(Measurement(measure, value, "1", true, seeds, conditions))
            out.append(Measurement("count within 1", 100.0 * near / len(sets), "%", len(sets), seeds, conditions))
    return out


def phases(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Median size of the error of each boundary and of the hold in reps that were found, ms and s."""
    out = []
    for segment in WORN:
        for hold in HOLDS_S:
            pairs = [p for seed in seeds for p in _matched(*_set(seed, segment, hold, 6 if quick else 12))]
            conditions = {"sensor": segment, "movement": hold}
            for name in BOUNDS:
                errors = [abs(getattr(f, name) - getattr(t, name)) for f, t in pairs]
                value = 1e3 * float(np.median(errors)) if errors else math.nan
                said = conditions | {"boundary": name.removesuffix("_s")}
                out.append(Measurement("boundary", value, "ms", len(errors), seeds, said))
            held = [abs((f.release_s - f.top_s) - (t.release_s - t.top_s)) for f, t in pairs]
            value = float(np.median(held)) if held else math.nan
            out.append(Measurement("hold", value, "s", len(held), seeds, conditions))
    return out


def scored() -> list[Exercise]:
    """Exercises of the catalogue in which the index is scored."""
    return [exercise for exercise in packaged().values() if exercise.sdi]


def true_rep(rep: TrueRep, late_s: float = LEAD_S) -> Rep:
    """Return the simulator's truth as a rep on a clock that is `late_s` ahead."""
    start_s, top_s, release_s, end_s = (getattr(rep, name) + late_s for name in BOUNDS)
    return Rep(rep.index, start_s, top_s, release_s, end_s)


def sampled(script: Script, places: Sequence[str], seed: int) -> list[Imu]:
    """Motion sensors of a script that moves all segments, from `LEAD_S` before it."""
    time_s = grid(int((script.duration_s + LEAD_S) * FS_HZ), FS_HZ) - LEAD_S
    worn: list[Imu] = []
    for place in places:
        site, side = place.split("/")
        worn.append(Imu(motion_signals(script, (site, side), seed=seed).imu.at(time_s), FS_HZ, place))
    return worn


@lru_cache(maxsize=256)
def _unruly_set(exercise: str, seed: int, reps: int) -> tuple[tuple[Rep, ...], tuple[Rep, ...]]:
    """Reps found in one set of any exercise, without those found in half repetitions, and the true ones."""
    script = firmware_sim.perform(
        exercise,
        reps,
        seed=seed,
        side=("left", "right")[seed % 2],
        lapses=UNRULY,
        references=False,
        calibrated=False,
    )
    plan = Plan()
    for cue in script.cues:
        plan.add(cue.t_s + LEAD_S, cue.kind, **cue.data)
    (done,) = analysed(entries_of(plan, None, sampled(script, PAIR, seed), packaged()[exercise].table())).sets
    halves = [true_rep(rep) for rep in script.attempts if rep.kind == "partial"]
    found = [
        rep.rep
        for rep in done.reps
        if not any(rep.rep.start_s < half.top_s < rep.rep.end_s and not _spans(rep.rep, script) for half in halves)
    ]
    return tuple(found), tuple(true_rep(rep) for rep in script.reps)


def _spans(rep: Rep, script: Script) -> bool:
    """Whether a found rep reaches over a full repetition: then it is not a half one."""
    return any(rep.start_s < true.top_s + LEAD_S < rep.end_s for true in script.reps)


def programme_repetitions(seeds: range, quick: bool) -> Sequence[Measurement]:
    """F1 within the tolerance of each scored exercise; share of sets whose count is right within one."""
    out = []
    for exercise in scored()[: QUICK_EXERCISES if quick else None]:
        sets = [_unruly_set(exercise.id, seed, 4 if quick else 8) for seed in seeds]
        both = sum(len(f) + len(t) for f, t in sets)
        hit = sum(len(_matched(f, t)) for f, t in sets)
        near = sum(abs(len(f) - len(t)) <= 1 for f, t in sets)
        conditions = {"exercise": exercise.id}
        true = sum(len(t) for _f, t in sets)
        out.append(Measurement("F1", 2.0 * hit / both, "1", true, seeds, conditions))
        out.append(Measurement("count within 1", 100.0 * near / len(sets), "%", len(sets), seeds, conditions))
    return out


def programme_phases(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Median |error| of all four boundaries, ms, and of the hold, s, in reps of each exercise that were found."""
    out = []
    for exercise in scored()[: QUICK_EXERCISES if quick else None]:
        pairs = [p for seed in seeds for p in _matched(*_unruly_set(exercise.id, seed, 4 if quick else 8))]
        errors = [abs(getattr(f, name) - getattr(t, name)) for f, t in pairs for name in BOUNDS]
        held = [abs((f.release_s - f.top_s) - (t.release_s - t.top_s)) for f, t in pairs]
        conditions = {"exercise": exercise.id}
        for measure, values, unit, scale in (("boundary", errors, "ms", 1e3), ("hold", held, "s", 1.0)):
            value = scale * float(np.median(values)) if values else math.nan
            out.append(Measurement(measure, value, unit, len(values), seeds, conditions))
    return out


HOLD_REPS, HELD_S = 2, (8.0, 14.0)
"""Shorter than asked for, so that there are several; the ends are what is measured."""


def _held_set(exercise: str, seed: int) -> tuple[tuple[Rep, ...], tuple[Rep, ...]]:
    """Return the holds found in one set of an exercise that is held, and the true ones."""
    side = ("left", "right")[seed % 2]
    script = firmware_sim.perform(
        exercise, HOLD_REPS, seed=seed, side=side, hold_s=HELD_S, references=False, calibrated=False
    )
    plan = Plan()
    for cue in script.cues:
        plan.add(cue.t_s + LEAD_S, cue.kind, **cue.data)
    (done,) = analysed(entries_of(plan, None, sampled(script, PAIR, seed), packaged()[exercise].table())).sets
    return tuple(rep.rep for rep in done.reps), tuple(true_rep(rep) for rep in script.reps)


def held(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Share of holds found, as many as there are, and median |error| of their two ends, s."""
    exercises = [e.id for e in packaged().values() if e.signal == "stillness"]
    out = []
    for exercise in exercises[: 1 if quick else None]:
        sets = [_held_set(exercise, seed) for seed in seeds]
        pairs = [
            (f, t)
            for found, true in sets
            for t in true
            for f in found
            if f.top_s < t.release_s and f.release_s > t.top_s
        ]
        right = 100.0 * sum(len(found) == len(true) for found, true in sets) / len(sets)
        conditions = {"exercise": exercise}
        out.append(Measurement("count right", right, "%", len(sets), seeds, conditions))
        for end in ("top_s", "release_s"):
            errors = [abs(getattr(f, end) - getattr(t, end)) for f, t in pairs]
            said = conditions | {"end": {"top_s": "begin", "release_s": "end"}[end]}
            out.append(
                Measurement("end", float(np.median(errors)) if errors else math.nan, "s", len(errors), seeds, said)
            )
    return out
