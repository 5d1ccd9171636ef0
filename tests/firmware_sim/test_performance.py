"""Every exercise of the programme: truth that agrees with the movement, the muscles and the marks."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from emgmon.exercise.catalogue import packaged
from firmware_sim import Lapses, Tempo, perform, stream
from firmware_sim.exercises import GROUPS, MUSCLE_SIGNS, exercises
from firmware_sim.habits import performed_by
from firmware_sim.kinematics import JOINT_ANGLES, MOTION_HZ, SIDES
from firmware_sim.kits import KITS
from firmware_sim.person import draw_person
from firmware_sim.stream import LEAD_S
from firmware_sim.wearer import DRIVE_HZ

NOT_PERFORMED = {"walking", "recording"}  # of the catalogue: no movement of the programme


def quick(exercise, reps=2, **options):
    """A set alone; long holds are short."""
    if exercises()[exercise].hold_s[1] > 5.0:
        options = {"hold_s": (3.0, 5.0), **options}
    return perform(exercise, reps, **{"references": False, "calibrated": False, **options})


def at(t_s):
    return round(t_s * MOTION_HZ)


def change(script, name, side, rep):
    """Change of a true angle from before a repetition to its far end."""
    angle = JOINT_ANGLES[name](script.motion, side)
    return angle[at((rep.top_s + rep.release_s) / 2)] - angle[at(rep.start_s)]


def test_every_exercise_of_the_catalogue_can_be_performed():
    assert set(packaged()) - NOT_PERFORMED == set(exercises())


@pytest.mark.parametrize("exercise", exercises())
def test_a_performance_has_its_truth(exercise):
    script = quick(exercise, 3, seed=2)
    row = exercises()[exercise]
    assert [rep.index for rep in script.reps] == [1, 2, 3]
    assert script.side == ("left" if row.sides == "each" else "both")
    assert set(script.drive) == {(muscle, side) for muscles in GROUPS.values() for muscle in muscles for side in SIDES}
    size = at(script.duration_s)
    assert all(abs(len(angles) - size) <= 2 for angles in script.motion.attitude_deg.values())
    assert all(np.isfinite(angles).all() for angles in script.motion.attitude_deg.values())
    kinds = [cue.kind for cue in script.cues]
    assert kinds == ["baseline_start", "baseline_stop", "set_start", "set_stop"]
    begin_s, end_s = (cue.t_s for cue in script.cues[-2:])
    for rep, after in zip(script.reps, [*script.reps[1:], None], strict=True):
        assert begin_s < rep.start_s < rep.top_s <= rep.release_s < rep.end_s < (after.start_s if after else end_s)
    assert all(drive.min() >= 0.0 and drive.max() <= 1.0 for drive in script.drive.values())


@pytest.mark.parametrize("exercise", [name for name, row in exercises().items() if row.move])
def test_segments_rest_between_repetitions_and_move_within(exercise):
    script = quick(exercise, seed=4)
    moved = sum(np.abs(angles - angles[0]).max(axis=1) for angles in script.motion.attitude_deg.values())
    assert moved[: at(script.reps[0].start_s)].max() < 0.01
    assert moved[at(script.reps[0].end_s + 0.1) : at(script.reps[1].start_s - 0.1)].max() < 0.5
    assert all(moved[at(rep.top_s)] > 8.0 for rep in script.reps)
    speed = np.abs(np.diff(moved)) * MOTION_HZ
    assert speed[at(script.reps[0].start_s + 0.3)] > 3.0


@pytest.mark.parametrize("exercise", exercises())
def test_levels_are_the_published_means(exercise):
    row = exercises()[exercise]
    script = quick(exercise, 4, seed=5, hold_s=(2.0, 3.0))
    for group, muscles in GROUPS.items():
        wanted = row.level[group][0] * row.held[group]
        sides = SIDES if script.side == "both" else (script.side,)
        held = [
            script.drive[muscles[0], side][int((rep.top_s + 0.2) * DRIVE_HZ) : int((rep.release_s - 0.2) * DRIVE_HZ)]
            for rep in script.reps
            for side in sides
        ]
        assert np.mean([part.mean() for part in held]) == pytest.approx(wanted + 0.0035, rel=0.12)


def test_index_and_share_are_those_of_the_levels():
    row = exercises()["bridge_2leg"]
    glute, hamstring, back = (row.level[group][0] for group in "GHE")
    found = np.mean([rep.sdi for rep in perform("bridge_2leg", 10, seed=1, calibrated=False).reps])
    assert found == pytest.approx(np.log(np.sqrt(hamstring * np.sqrt(0.9) * back) / glute), abs=0.12)


def test_calibration_has_its_marks_and_its_movements():
    script = perform("bridge_2leg", 1, seed=1)
    marks = {cue.kind: cue.t_s for cue in script.cues if cue.kind not in {"reference_start", "reference_stop"}}
    order = ["stand", "hinge", "squat", "supine"]
    times = [marks[f"{name}_{end}"] for name in order for end in ("start", "stop")]
    assert times == sorted(times)
    trunk, knee = (JOINT_ANGLES[name](script.motion, "left") for name in ("trunk_lean", "knee_flexion"))
    stood = slice(at(marks["stand_start"]), at(marks["stand_stop"]))
    assert np.abs(trunk[stood]).max() < 0.1
    bowed = trunk[at(marks["hinge_start"]) : at(marks["hinge_stop"])]
    assert np.sum((bowed[1:] > 30.0) & (bowed[:-1] <= 30.0)) == 5
    bent = knee[at(marks["squat_start"]) : at(marks["squat_stop"])]
    assert np.sum((bent[1:] > 60.0) & (bent[:-1] <= 60.0)) == 5
    assert trunk[at(marks["supine_start"]) : at(marks["supine_stop"])] == pytest.approx(-90.0, abs=0.1)
    assert "supine_start" not in {cue.kind for cue in perform("lunge", 1, seed=1).cues}


def test_references_are_near_maximal_in_their_own_group_only():
    script = perform("lunge", 1, seed=1)
    for group, muscles in GROUPS.items():
        start_s = next(c.t_s for c in script.cues if c.kind == "reference_start" and c.data["group"] == group)
        middle = int((start_s + 1.8) * DRIVE_HZ)
        for other, own in GROUPS.items():
            level = script.drive[own[0], "left"][middle]
            assert (level > 0.85) == (other == group), (group, muscles)


ANGLE_OF_SIGN = {
    "lumbar_arch": ("lumbar_flexion", -1.0),
    "lumbar_flexion": ("lumbar_flexion", 1.0),
    "anterior_tilt": ("pelvic_tilt", 1.0),
    "knees_in": ("knee_in", 1.0),
    "feet_out": ("foot_turn_out", 1.0),
    "forward_lean": ("trunk_lean", 1.0),
    "weight_shift": ("obliquity", 1.0),
    "pelvic_drop": ("obliquity", 1.0),
    "trunk_side_lean": ("trunk_side_lean", -1.0),
    "pelvis_opens": ("obliquity", -1.0),
}
SHOWN = [(name, sign) for name, row in exercises().items() for sign in row.signs if sign in ANGLE_OF_SIGN]


@pytest.mark.parametrize(("exercise", "sign"), SHOWN)
@pytest.mark.parametrize("side", SIDES)
def test_a_compensation_is_as_large_as_its_truth(exercise, sign, side):
    name, positive = ANGLE_OF_SIGN[sign]
    plain, shown = (quick(exercise, 1, seed=6, side=side, compensations=c) for c in ({}, {sign: 12.0}))
    wanted = shown.reps[0].signs[sign] - plain.reps[0].signs[sign]
    assert wanted == pytest.approx(12.0, rel=0.4)
    one_sided = shown.side == "right" and name in {"obliquity", "trunk_side_lean"}
    found = change(shown, name, side, shown.reps[0]) - change(plain, name, side, plain.reps[0])
    assert found * positive * (-1.0 if one_sided else 1.0) == pytest.approx(wanted, abs=1.5)


def test_hips_that_rise_first_leave_the_knees_behind():
    script = quick("deadlift_conv", 1, seed=1, compensations={"hips_rise_first": 300.0})
    rep = script.reps[0]
    trunk, thigh = (JOINT_ANGLES[name](script.motion, "left") for name in ("trunk_lean", "thigh_inclination"))
    lift = slice(at(rep.release_s), at(rep.end_s))

    def half_s(angle):
        way = np.abs(angle[lift] - angle[lift][-1])
        return np.flatnonzero(way < way[0] / 2)[0] / MOTION_HZ

    assert half_s(trunk) - half_s(thigh) == pytest.approx(rep.signs["hips_rise_first"] / 1e3, abs=0.06)


def test_holds_sag_and_sway_on_demand():
    plain, sagging = (
        quick("bridge_2leg", 2, seed=2, hold_s=(3.0, 3.0), compensations=c) for c in ({}, {"hold_sag": 8.0})
    )
    for script, low, high in ((plain, -3.0, 3.5), (sagging, 5.0, 12.0)):
        for rep in script.reps:
            pelvis = script.angle_deg["pelvis"]
            assert low < pelvis[at(rep.release_s)] - pelvis[at(rep.top_s)] < high
    steady, swaying = (quick("single_leg_balance", 1, seed=2, compensations=c) for c in ({}, {"sway": 4.0}))
    spread = [
        JOINT_ANGLES["obliquity"](s.motion, "")[at(s.reps[0].top_s) : at(s.reps[0].release_s)].std()
        for s in (steady, swaying)
    ]
    assert spread[1] > 3 * spread[0]


def test_muscles_take_over_in_the_second_half():
    script = quick("bridge_2leg", 10, seed=3, compensations={"sdi_up": 0.8})
    sdi = np.array([rep.sdi for rep in script.reps])
    assert sdi[-1] - sdi[:5].mean() == pytest.approx(0.8, abs=0.25)


def test_lapses_are_there_and_are_no_repetitions():
    lapses = Lapses(aborted=2, partial=2, pauses=2, fidgets=3)
    script = quick("bridge_2leg", 6, seed=8, lapses=lapses)
    assert len(script.reps) == 6
    assert sorted(rep.kind for rep in script.attempts) == ["aborted", "aborted", "partial", "partial"]
    thigh = np.abs(script.angle_deg["thigh"])
    full = np.median([thigh[at(rep.top_s)] for rep in script.reps])
    for attempt in script.attempts:
        share = thigh[at(attempt.top_s)] / full
        assert (0.08 < share < 0.28) if attempt.kind == "aborted" else (0.4 < share < 0.8)
    still = [
        np.abs(np.diff(script.angle_deg["thigh"][at(rep.start_s + 0.15) : at(rep.top_s - 0.15)])).min() * MOTION_HZ
        for rep in script.reps
    ]
    assert sum(speed < 0.5 for speed in still) == 2
    everything = sorted([*script.reps, *script.attempts], key=lambda rep: rep.start_s)
    rests = [(first.end_s, after.start_s) for first, after in pairwise(everything)]
    restless = [
        max(np.ptp(angles[at(a + 0.3) : at(b - 0.1)], axis=0).max() for angles in script.motion.attitude_deg.values())
        for a, b in rests
    ]
    assert 2 <= sum(moved > 1.0 for moved in restless) <= 3


def test_tempo_and_holds_are_kept():
    tempo = Tempo(con_s=(1.0, 1.0), ecc_s=(2.0, 2.0), rest_s=(1.5, 1.5))
    for exercise, out_s, back_s in (("bridge_2leg", 1.0, 2.0), ("squat_bw", 2.0, 1.0)):
        for rep in quick(exercise, 4, seed=1, tempo=tempo, hold_s=(2.0, 4.0)).reps:
            assert rep.top_s - rep.start_s == pytest.approx(out_s, rel=0.16)
            assert 2.0 <= rep.release_s - rep.top_s <= 4.0
            assert rep.end_s - rep.release_s == pytest.approx(back_s, rel=0.16)


def test_a_seed_is_a_performance_and_a_side_a_mirror_image():
    one, again, other = (quick("lunge", seed=seed) for seed in (1, 1, 2))
    assert one.reps == again.reps != other.reps
    assert all(np.array_equal(one.drive[site], again.drive[site]) for site in one.drive)
    right = quick("lunge", seed=1, side="right")
    mirrored = right.motion.attitude_deg["thigh_right"] * [1.0, -1.0, -1.0, -1.0]
    assert mirrored == pytest.approx(one.motion.attitude_deg["thigh_left"], abs=2.0)  # but for their sway


def test_a_person_performs_it_in_their_own_way():
    script = perform("bridge_2leg", 3, seed=1, calibrated=False)
    own = performed_by(draw_person(4), script, seed=1)
    assert own.motion is script.motion
    assert [rep.sdi for rep in own.reps] != [rep.sdi for rep in script.reps]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"exercise": "sit_up"}, "no exercise is called sit_up; there are smr_tfl"),
        ({"exercise": "lunge", "reps": 0}, "reps must be 1 to 60"),
        ({"exercise": "lunge", "side": "both"}, "side must be left or right"),
        ({"exercise": "clam", "compensations": {"feet_out": 5.0}}, "clam has no sign feet_out; there are pelvis_turns"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_there_is(options, words):
    with pytest.raises(ValueError, match=words):
        perform(**options)


@pytest.mark.parametrize("exercise", exercises())
def test_every_exercise_streams_through_real_packets(exercise):
    script = quick(exercise, 1, seed=1)
    short = replace(script, duration_s=7.0, cues=tuple(cue for cue in script.cues if cue.t_s < 7.0))
    worn = [unit.name for unit in KITS["motion_movella"] if not unit.emg][:2]
    own = [unit.name for unit in KITS["motion"] if not unit.emg][2:4]
    for kit, sensors in (("motion_movella", worn), ("motion", own)):
        records = list(stream(short, seed=1, kit=kit, sensors=sensors))
        for name in sensors:
            packets = [r for r in records if r.tag == "packet" and r.device == name and r.port[0] != ">"]
            assert len(packets) > 6.0 * (LEAD_S + 7.0)
    assert [r.kind for r in records if r.tag == "mark"][-1] in {"baseline_stop", "set_start", "disconnected"}


def test_signs_of_muscles_fit_every_exercise():
    for exercise in exercises():
        quick(exercise, 1, compensations=dict.fromkeys(MUSCLE_SIGNS, 0.3))
