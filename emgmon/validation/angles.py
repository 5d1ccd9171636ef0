"""Rows about angles of joints: against the true ones of simulated segments, after the calibration by marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from emgmon.exercise.angles import ANGLES, AngleSet
from emgmon.exercise.reps import TICK_S
from emgmon.model import Array, Mark, Placement, Stream, TimedBlock
from emgmon.pipeline.calibrating import MARKS, Calibrating
from emgmon.pipeline.motion import ImuTrack
from emgmon.pipeline.worn_angles import angles_of
from emgmon.validation.table import Measurement
from firmware_sim.inertial import IMU_GRID_HZ, Straps, inertial
from firmware_sim.kinematics import JOINT_ANGLES
from firmware_sim.performance import perform
from firmware_sim.wearer import Script

FS_HZ = 100.0
LEAD_S = 4.0
"""Still time before the script begins, whole cycles of breath."""
SITES = (
    ("sacrum", "midline"),
    ("thoracic_spine", "midline"),
    *((site, side) for site in ("thigh", "shank", "foot") for side in ("left", "right")),
)
MOVEMENTS = {
    "squat": ("overhead_squat", {}),
    "squat, knees in, feet out": ("overhead_squat", {"knees_in": 12.0, "feet_out": 12.0}),
    "squat, back arched, weight shifted": ("overhead_squat", {"lumbar_arch": 12.0, "weight_shift": 8.0}),
    "hip hinge": ("deadlift_rdl", {}),
    "bridge": ("bridge_2leg", {}),
}
PLANES = {
    "frontal": ("trunk_side_lean", "obliquity", "knee_in"),
    "transverse": ("foot_turn_out",),
}
"""All other angles are sagittal."""


def plane_of(name: str) -> str:
    """Plane in which an angle lies."""
    return next((plane for plane, names in PLANES.items() if name in names), "sagittal")


def worn(script: Script, seed: int, straps: Straps | None = None) -> list[ImuTrack]:
    """Motion sensors that have seen the whole script and gone through the calibration by its marks."""
    tracks = []
    for k, site in enumerate(SITES):
        assert script.motion is not None  # noqa: S101 - performed scripts have one
        samples = inertial(script.motion, site, straps or Straps(), LEAD_S, np.random.default_rng([seed, k]))
        stream = Stream(f"M{k}", "imu", "g,dps", FS_HZ, (Placement(*site),))
        track = ImuTrack(stream)
        track.add(TimedBlock(stream, samples[:: round(IMU_GRID_HZ / FS_HZ)], -LEAD_S, 1.0 / FS_HZ))
        tracks.append(track)
    calibrating = Calibrating()
    for cue in script.cues:
        if cue.kind in MARKS:
            calibrating.mark(cue.t_s, Mark(0, cue.kind), tracks)
    return tracks


def _cut(angles: AngleSet, time_s: Array, script: Script) -> Iterator[tuple[str, str, Array, Array]]:
    """Name and side of each angle that both know, the angle that was found, and the true one."""
    assert script.motion is not None  # noqa: S101 - performed scripts have one
    index = np.rint(time_s * script.motion.rate_hz).astype(int)
    for name, true_of in JOINT_ANGLES.items():
        for side in ANGLES[name].sides:
            yield name, side, angles.get(name, side), true_of(script.motion, side)[index]


@lru_cache(maxsize=128)
def _errors(movement: str, seed: int, reps: int) -> dict[str, tuple[Array, int]]:
    """For each angle its errors over all repetitions, degrees, and how many moments were refused."""
    exercise, signs = MOVEMENTS[movement]
    script = perform(exercise, reps, seed=seed, compensations=signs, references=False)
    tracks = worn(script, seed)
    found: dict[str, list[Array]] = {}
    refused: dict[str, int] = {}
    for rep in script.reps:
        time_s = np.arange(rep.start_s, rep.end_s, TICK_S)
        for name, _side, ours, true in _cut(angles_of(tracks, time_s, rep.start_s), time_s, script):
            error = ours - (true - true[0] if plane_of(name) == "transverse" else true)
            found.setdefault(name, []).append(error[np.isfinite(error)])
            refused[name] = refused.get(name, 0) + int(np.isnan(error).sum())
    return {name: (np.concatenate(parts), refused[name]) for name, parts in found.items()}


def joint_angles(seeds: range, quick: bool) -> Sequence[Measurement]:
    """RMS error of each angle over all repetitions, degrees, and the share of moments that were refused."""
    out = []
    for movement in MOVEMENTS:
        sets = [_errors(movement, seed, 3 if quick else 6) for seed in seeds]
        for name in sets[0]:
            errors = np.concatenate([one[name][0] for one in sets])
            refused = sum(one[name][1] for one in sets)
            said = {"angle": name, "plane": plane_of(name), "movement": movement}
            if len(errors):
                rmse_deg = float(np.sqrt(np.mean(errors**2)))
                out.append(Measurement("RMSE", rmse_deg, "°", len(errors), seeds, said))
            total = refused + len(errors)
            out.append(Measurement("refused", 100.0 * refused / total, "%", total, seeds, said))
    return out
