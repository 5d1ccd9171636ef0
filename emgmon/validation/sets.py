"""Rows about whole sets: the index of a set against the truth, and that nothing is found where nothing is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

import firmware_sim
from emgmon.exercise.catalogue import packaged
from emgmon.model import Array, Estimate, SetSummary
from emgmon.report.finding import direction
from emgmon.validation.sessions import E, G, H, Imu, Plan, analysed, entries_of, grid
from emgmon.validation.sources import DRIVE_HZ, GRID_HZ, NAMES, generators, muscle, noise, sampled, trapezoids
from emgmon.validation.sources import worn as worn_by
from emgmon.validation.table import Conditions, Measurement
from firmware_sim.emg import Generator
from firmware_sim.physiology import body_signals

IMU_HZ = 100.0
REST_S = (0.5, 4.5)
TRIALS, TRIAL_S, TRIAL_EVERY_S, FIRST_TRIAL_S, RAMP_S = 3, 3.0, 4.2, 5.5, 0.3
"""Maximal trials of each group, one after the other: the plateau of each, and from one to the next."""
SET_S = FIRST_TRIAL_S + 3 * TRIALS * TRIAL_EVERY_S
"""Session time at which the set starts."""
REPS = 12
HOLD_S = (1.5, 2.0)
SPREAD = 0.35
"""SD of the log of each muscle's level from person to person."""
EFFORT = (0.70, 1.00)
EFFORT_CORRELATION = 0.5
MUSCLES = {"G": G, "H": H, "E": E}
SIDES = ("left", "right")
Pair = tuple[float, Estimate | None]
"""True index, and the program's estimate of it."""
Cell = tuple[str, str, tuple[float, float]]
CELLS: tuple[Cell, ...] = (
    ("perfect", "A", (20.0, 10.0)),
    ("perfect", "C", (20.0, 10.0)),
    ("perfect", "D", (20.0, 10.0)),
    ("imperfect", "A", (20.0, 10.0)),
)
"""Effort of the reference contractions, device class, SNR (dB) of the left and the right side."""
BOTH = "10 and 20"
"""Condition of what is pooled over both sides."""


@dataclass(frozen=True, slots=True)
class Worn:
    """EMG of one site over the session, with its truth; arrays on the grid."""

    samples_uv: Array
    envelope_uv: Array
    mvic_uv: float


def script_of(seed: int) -> firmware_sim.Script:
    """Draw one set of bridges in which nobody takes over."""
    return firmware_sim.bridges(REPS, seed=seed, takeover=False, hold_s=HOLD_S)


@lru_cache(maxsize=4)
def _person(seed: int, generator: Generator, effort: str) -> dict[tuple[str, str], Worn]:
    """One wearer's EMG: levels drawn from person to person, reference contractions of a given effort."""
    script = script_of(seed)
    rng = np.random.default_rng([seed, 31])
    shared = rng.standard_normal()
    worn = {}
    for group, name in MUSCLES.items():
        z = math.sqrt(EFFORT_CORRELATION) * shared + math.sqrt(1.0 - EFFORT_CORRELATION) * rng.standard_normal()
        share = 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))
        reached = 1.0 if effort == "perfect" else EFFORT[0] + share * (EFFORT[1] - EFFORT[0])
        factor = math.exp(SPREAD * rng.standard_normal())
        before = trapezoids(SET_S, dict.fromkeys(trials_of(group), reached), RAMP_S)
        for which, side in enumerate(SIDES):
            drive = script.drive[name, side]
            after = factor * drive[round(set_start_s(script) * DRIVE_HZ) :]
            whole = np.minimum(np.concatenate([np.maximum(before, drive[0]), after]), 1.0)
            made = muscle(whole, generator, 100 * seed + 10 * which + "GHE".index(group))
            worn[name, side] = Worn(made.samples_uv, made.envelope_uv, made.mvic_uv)
    return worn


def trials_of(group: str) -> list[tuple[float, float]]:
    """Plateaus of a group's maximal trials, s."""
    first_s = FIRST_TRIAL_S + TRIALS * TRIAL_EVERY_S * list(MUSCLES).index(group) + RAMP_S
    return [(first_s + k * TRIAL_EVERY_S, first_s + k * TRIAL_EVERY_S + TRIAL_S) for k in range(TRIALS)]


def set_start_s(script: firmware_sim.Script) -> float:
    """Script time of the mark that starts the set."""
    return next(cue.t_s for cue in script.cues if cue.kind == "set_start")


def _held(script: firmware_sim.Script) -> list[slice]:
    """Grid samples of each hold."""
    shift_s = SET_S - set_start_s(script)
    return [slice(*(round((t_s + shift_s) * GRID_HZ) for t_s in (rep.top_s, rep.release_s))) for rep in script.reps]


def _true_index(script: firmware_sim.Script, worn: dict[tuple[str, str], Worn], side: str) -> float:
    """Mean over the reps of ln(√(H·E)/G), from noise-free envelopes during the hold."""
    values = []
    for span in _held(script):
        log = {
            group: 0.5 * math.log(float(np.mean(worn[name, side].envelope_uv[span] ** 2)))
            - math.log(worn[name, side].mvic_uv)
            for group, name in MUSCLES.items()
        }
        values.append(0.5 * (log["H"] + log["E"]) - log["G"])
    return float(np.mean(values))


@lru_cache(maxsize=256)
def _done(seed: int, generator: Generator, effort: str, device: str, snrs_db: tuple[float, float]) -> SetSummary | None:
    """Return the set that the pipeline makes of it; left side at the first SNR, right side at the second."""
    script, worn = script_of(seed), _person(seed, generator, effort)
    columns: list[Array] = []
    places: list[str] = []
    for (name, side), item in worn.items():
        snr_db = snrs_db[SIDES.index(side)]
        held = [np.mean(item.envelope_uv[span] ** 2) for span in _held(script)]
        noise_uv = math.sqrt(float(np.mean(held))) * 10.0 ** (-snr_db / 20.0)
        rng = np.random.default_rng([seed, 32, len(places)])
        columns.append(sampled(item.samples_uv + noise(len(item.samples_uv), noise_uv, rng), device))
        places.append(f"{name}/{side}")
    emg = worn_by(columns, device, tuple(places))
    shift_s = SET_S - set_start_s(script)
    time_s = grid(int((script.duration_s + shift_s) * IMU_HZ), IMU_HZ) - shift_s
    imu = Imu(body_signals(script, (H, "left"), seed=seed).imu.at(time_s), IMU_HZ, f"{H}/left")
    plan = Plan()
    plan.rest(*REST_S)
    for group in MUSCLES:
        for start_s, stop_s in trials_of(group):
            plan.reference(group, start_s - RAMP_S, stop_s + RAMP_S)
    plan.set("bridge_2leg", SET_S, script.duration_s + shift_s - 0.5)
    sets = analysed(entries_of(plan, emg, [imu], packaged()["bridge_2leg"].table())).sets
    return sets[0] if sets else None


def _estimates(
    seeds: range, generator: Generator, effort: str, device: str, snrs_db: tuple[float, float]
) -> dict[float, list[Pair]]:
    """By SNR: each seed's true index and the program's estimate of it."""
    found: dict[float, list[Pair]] = {snr_db: [] for snr_db in snrs_db}
    for seed in seeds:
        done = _done(seed, generator, effort, device, snrs_db)
        worn = _person(seed, generator, effort)
        for side, snr_db in zip(SIDES, snrs_db, strict=True):
            estimate = done.estimate("sdi", "hold", side) if done else None
            found[snr_db].append((_true_index(script_of(seed), worn, side), estimate))
    return found


def cells(generator: Generator, *, quick: bool) -> tuple[Cell, ...]:
    """Return what is run: all with the source that decides, one with the other."""
    return CELLS[:1] if quick or generator != "motor_units" else CELLS


def index(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Bias and RMSE of a set's index against the noise-free truth, ln, and the share of sets that have one, %."""
    out = []
    for generator in generators(quick=quick):
        for effort, device, snrs_db in cells(generator, quick=quick):
            found = _estimates(seeds, generator, effort, device, snrs_db)
            pooled = [pair for pairs in found.values() for pair in pairs]
            here: Conditions = {"generator": NAMES[generator], "device": device, "effort": effort}
            groups: list[tuple[float | str, list[Pair]]] = [(BOTH, pooled), *found.items()]
            for snr_db, pairs in groups:
                errors = np.array([estimate.mean - true for true, estimate in pairs if estimate is not None])
                where: Conditions = {**here, "snr_db": snr_db}
                rmse = float(np.sqrt(np.mean(errors**2))) if len(errors) else math.nan
                out.append(Measurement("RMSE", rmse, "ln", len(errors), seeds, where))
                if snr_db == BOTH:
                    bias = float(errors.mean()) if len(errors) else math.nan
                    given = 100.0 * len(errors) / len(pairs)
                    out.append(Measurement("bias", bias, "ln", len(errors), seeds, where))
                    out.append(Measurement("given", given, "%", len(pairs), seeds, where))
    return out


def no_dysfunction(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Share of sets without any change in which the program says that someone took over, %."""
    out = []
    for generator in generators(quick=quick):
        told: list[bool] = []
        for effort, device, snrs_db in cells(generator, quick=quick):
            sets = [_done(seed, generator, effort, device, snrs_db) for seed in seeds]
            estimates = [done.estimate("sdi", "hold", side) for done in sets if done for side in SIDES]
            told += [direction(estimate) != 0 for estimate in estimates if estimate is not None]
        share = 100.0 * float(np.mean(told)) if told else math.nan
        out.append(Measurement("change told", share, "%", len(told), seeds, {"generator": NAMES[generator]}))
    return out
