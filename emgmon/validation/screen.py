"""The row about the signs of the overhead squat: sensors that sit askew on straps and wobble, calibrated by marks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

import firmware_sim
from emgmon.exercise.catalogue import packaged
from emgmon.exercise.reps import TICK_S
from emgmon.exercise.signs import RepMotion, signs_of, signs_of_set
from emgmon.model import Mark, Placement, SignOfSet, Stream, TimedBlock
from emgmon.pipeline.calibrating import MARKS, Calibrating
from emgmon.pipeline.motion import ImuTrack
from emgmon.pipeline.worn_angles import angles_of
from emgmon.validation.movement import FS_HZ, LEAD_S, sampled, true_rep
from emgmon.validation.sessions import at_ns
from emgmon.validation.table import Measurement
from firmware_sim import Script, TrueRep
from firmware_sim.kinematics import BY_SIDE, JOINT_ANGLES, SIDES
from firmware_sim.kits import MOTION_SITES, SACRUM

SCREEN = "overhead_squat"
REPS = 5
WORN = {"eight": MOTION_SITES, "sacrum alone": (SACRUM,)}
SHOWN = (1.3, 1.5)
"""How large a sign is that is shown: from this many times the limit of amber to this many times that of red."""
UNDECIDED_DEG = 1.0
"""A true size this near to the limit of amber counts neither as there nor as absent."""

Course = Callable[[str, str], float]
TRUE_SIZE: Mapping[str, Callable[[Course], float]] = {
    "feet_out": lambda change: max(change("foot_turn_out", side) for side in SIDES),
    "knees_in": lambda change: max(change("knee_in", side) for side in SIDES),
    "lumbar_arch": lambda change: -change("lumbar_flexion", ""),
    "lumbar_flexion": lambda change: change("lumbar_flexion", ""),
    "forward_lean": lambda change: (
        change("trunk_lean", "") - (change("shank_inclination", "left") + change("shank_inclination", "right")) / 2
    ),
    "weight_shift": lambda change: max(
        abs(change("obliquity", "")),
        abs(change("trunk_side_lean", "")),
        abs(change("thigh_inclination", "left") - change("thigh_inclination", "right")),
    ),
}
"""What each sign is in the simulated body, from the changes of its joint angles until the bottom of a squat."""


def _calibrated(script: Script, seed: int) -> dict[str, ImuTrack]:
    """Tracks of eight sensors after the script's calibration, by their places; rest pose as the set begins."""
    tracks = {}
    for imu in sampled(script, MOTION_SITES, seed):
        stream = Stream(imu.place, "imu", "g,dps", FS_HZ, (Placement.parse(imu.place),))
        track = tracks[imu.place] = ImuTrack(stream)
        track.add(TimedBlock(stream, imu.samples, 0.0, 1.0 / FS_HZ))
    calibrating = Calibrating()
    for cue in script.cues:
        t_s = cue.t_s + LEAD_S
        if cue.kind in MARKS:
            calibrating.mark(t_s, Mark(at_ns(t_s), cue.kind), tracks.values())
        elif cue.kind == "set_start":
            for track in tracks.values():
                track.set_rest(t_s)
    return tracks


def _true_sizes(script: Script) -> dict[str, float]:
    """Median size of each sign over the squats, degrees."""
    if script.motion is None:
        raise ValueError("the script has no motion")
    motion = script.motion
    courses = {
        (name, side): joint(motion, side)
        for name, joint in JOINT_ANGLES.items()
        for side in (SIDES if name in BY_SIDE else ("",))
    }

    def size(name: str, rep: TrueRep) -> float:
        before, bottom = (round(t_s * motion.rate_hz) for t_s in (rep.start_s, (rep.top_s + rep.release_s) / 2))
        return TRUE_SIZE[name](lambda angle, side: float(courses[angle, side][bottom] - courses[angle, side][before]))

    return {name: float(np.median([size(name, rep) for rep in script.reps])) for name in TRUE_SIZE}


class Screened(NamedTuple):
    """What was told of each sign, by what is worn and by name, and its true size."""

    told: dict[str, dict[str, SignOfSet]]
    true_deg: dict[str, float]


def screened(seed: int, shown: str) -> Screened:
    """Screen five squats in which one sign is shown, or none where `shown` is empty."""
    limits = packaged()[SCREEN].signs
    names = ("", *limits)
    asked = {}
    if shown:
        amber, red = limits[shown]
        size = np.random.default_rng([seed, names.index(shown)]).uniform(SHOWN[0] * amber, SHOWN[1] * red)
        asked = {shown: float(size)}
    own_seed = seed * len(names) + names.index(shown)
    script = firmware_sim.perform(SCREEN, REPS, seed=own_seed, compensations=asked, references=False)
    tracks = _calibrated(script, own_seed)
    told = {}
    for worn, places in WORN.items():
        imus = [tracks[place] for place in places]
        course = next((imu for place, imu in tracks.items() if place in places and place.startswith("thigh")), imus[0])
        reps = []
        for true in script.reps:
            rep = replace(true_rep(true), first="ecc")
            time_s = np.arange(rep.start_s, rep.end_s, TICK_S)
            out = {("", ""): course.excursions_deg(time_s)}
            reps.append(signs_of(RepMotion(rep, time_s, angles_of(imus, time_s), out), limits))
        told[worn] = {sign.name: sign for sign in signs_of_set(reps, limits)}
    return Screened(told, _true_sizes(script))


def squat_signs(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Sensitivity and specificity of each sign of the screen, with eight sensors and with that on the sacrum alone."""
    limits = packaged()[SCREEN].signs
    sets = [screened(seed, shown) for seed in seeds for shown in ("", *tuple(limits)[: 2 if quick else None])]
    out = []
    for worn in WORN:
        for name, (amber, _red) in limits.items():
            conditions = {"sign": name.replace("_", " "), "sensors": worn}
            for measure, there in (("sensitivity", 1.0), ("specificity", -1.0)):
                signs = [s.told[worn][name] for s in sets if there * (s.true_deg[name] - amber) >= UNDECIDED_DEG]
                right = [(sign.level != "none") is (there > 0) for sign in signs if sign.level != "not measured"]
                if right:
                    out.append(Measurement(measure, sum(right) / len(right), "1", len(right), seeds, conditions))
            measured = [s.told[worn][name].level != "not measured" for s in sets]
            share = 100.0 * sum(measured) / len(measured)
            out.append(Measurement("measured", share, "%", len(measured), seeds, conditions))
    return out
