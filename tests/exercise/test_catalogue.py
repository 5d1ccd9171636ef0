import pytest

from emgmon.errors import CatalogueError
from emgmon.exercise.catalogue import exercise_from, packaged, parse, with_own
from emgmon.exercise.reference_bands import packaged_bands

GOOD = """
[my_bridge]
title = "My bridge"
phase = "activate"
signal = "inclination"
segments = ["thigh"]
min_range_deg = [15.0]
groups = ["G", "H"]
sdi = true
safety = "Stop when it hurts."
"""


PROGRAMME = [
    "smr_tfl",
    "smr_hipflexor",
    "stretch_hipflexor",
    "bridge_2leg",
    "bridge_1leg_k90",
    "bridge_1leg_k135",
    "hip_thrust",
    "clam",
    "bird_dog",
    "prone_hip_ext",
    "dead_bug",
    "plank",
    "side_plank",
    "push_up",
    "ball_squat",
    "lateral_band_walk",
    "single_leg_balance",
    "single_leg_squat",
    "lunge",
    "step_up",
    "sl_deadlift",
    "deadlift_conv",
    "deadlift_rdl",
    "deadlift_sumo",
    "overhead_squat",
]
SCORED = {name for name in PROGRAMME if name.startswith(("bridge", "hip_thrust", "deadlift", "sl_deadlift"))} | {
    "bird_dog",
    "prone_hip_ext",
    "ball_squat",
    "single_leg_squat",
    "overhead_squat",
    "lunge",
    "step_up",
}


@pytest.mark.parametrize("name", PROGRAMME)
def test_a_row_says_all_that_a_person_needs(name):
    exercise = packaged()[name]
    assert exercise.how
    assert exercise.pose
    assert exercise.source
    assert exercise.sdi == (name in SCORED)
    assert exercise.reps_target or exercise.hold_target_s
    assert exercise.signs or exercise.look_for
    assert (exercise.signal == "timer") == (exercise.phase in {"inhibit", "lengthen"})


def test_no_angle_is_judged_narrower_than_the_sensors_are():
    limits = [v for e in packaged().values() for name, v in e.signs.items() if name != "sway"]
    assert all(amber >= 5.0 or amber < 1.0 for amber, _red in limits)


def test_published_groups_belong_to_exercises():
    named = {name for band in packaged_bands() for name in band.exercises}
    assert named - set(packaged()) == {
        "lunge_bw",
        "overhead_squat_bw",
        "sl_deadlift_bw",
        "sl_deadlift_load",
        "squat_load",
        "step_up_bw",
    }


def test_an_own_catalogue_may_replace_a_packaged_exercise():
    mine = with_own(GOOD.replace("[my_bridge]", "[bridge_2leg]"), "mine.toml")
    assert mine["bridge_2leg"].title == "My bridge"
    assert set(mine) == set(packaged())


def test_a_table_of_an_old_recording_is_still_read():
    old = {"title": "A", "phase": "activate", "signal": "none", "groups": ["G"], "sdi": True, "safety": ""}
    exercise = exercise_from("a", old, "this recording")
    assert (exercise.first, exercise.sides, exercise.signs) == ("con", "both", {})


def test_the_packaged_catalogue_is_whole():
    assert {"bridge_2leg", "walking", "recording", *PROGRAMME} <= set(packaged())


def test_an_exercise_survives_its_mark():
    for exercise in packaged().values():
        assert exercise_from(exercise.id, exercise.table(), "mark") == exercise


def test_a_table_is_enough_for_a_new_exercise():
    exercise = parse(GOOD, "mine.toml")["my_bridge"]
    assert exercise.groups == ("G", "H")
    assert exercise.hold_target_s is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('phase = "activate"', 'phase = "warmup"', "phase = 'warmup'"),
        ("sdi = true", "sdi = 1", "sdi = 1"),
        ('groups = ["G", "H"]', 'groups = ["X"]', "groups"),
        ("min_range_deg = [15.0]", "min_range_deg = [0.0]", "min_range_deg"),
        ("min_range_deg = [15.0]", "min_range_deg = [15.0, 3.0]", "one number for each"),
        ('safety = "Stop when it hurts."', 'safty = "x"', "unknown key 'safty'; known are"),
        ('title = "My bridge"', "", "title"),
        ('signal = "inclination"', 'signal = "camera"', "signal = 'camera'"),
        ("sdi = true", "sdi = true\nsigns = { limp = [5, 8] }", "limits of amber and red"),
        ("sdi = true", "sdi = true\nsigns = { sway = [8, 5] }", "the smaller first, for any of feet_out"),
        ("sdi = true", "sdi = true\nmax_range_deg = [12.0]", "above min_range_deg"),
        ("sdi = true", "sdi = true\nreps_from = 3", "1 to reps_target"),
        ("sdi = true", 'sdi = true\nfirst = "down"', "con or ecc"),
        ('segments = ["thigh"]\nmin_range_deg = [15.0]', "", "at least one for this signal"),
        ("[my_bridge]", "my_bridge = 3\n[other]", "not a table"),
        ("[my_bridge]", "[my_bridge", "not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(old, new, words):
    with pytest.raises(CatalogueError, match=r"mine\.toml") as raised:
        parse(GOOD.replace(old, new), "mine.toml")
    assert words in str(raised.value)
