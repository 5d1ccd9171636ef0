import pytest

from emgmon.errors import CatalogueError
from emgmon.exercise.catalogue import exercise_from, packaged, parse

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


def test_the_packaged_catalogue_is_whole():
    assert {"bridge_2leg", "walking", "recording"} <= set(packaged())


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
        ("[my_bridge]", "my_bridge = 3\n[other]", "not a table"),
        ("[my_bridge]", "[my_bridge", "not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(old, new, words):
    with pytest.raises(CatalogueError, match=r"mine\.toml") as raised:
        parse(GOOD.replace(old, new), "mine.toml")
    assert words in str(raised.value)
