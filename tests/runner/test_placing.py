"""Placements: what is read, remembered and refused."""

import pytest

from emgmon.errors import PlacementError
from emgmon.model import Placement, Stream
from emgmon.runner.placing import doubles, main_stream, mark_of, parse_option, read_places, unplaced, write_places

GL, HR = Placement("gluteus_maximus", "left"), Placement("biceps_femoris", "right")
EMG = Stream("a", "emg", "uv", 1000.0, (None, None))
IMU = Stream("a", "imu", "g,dps", 100.0, (None,))
HIP = Stream("b", "acceleration", "g", 50.0, (None,))


def test_an_option_names_a_sensor_and_a_place_for_each_channel():
    assert parse_option("uMyo=1=gluteus_maximus/left, -,biceps_femoris/right") == ("uMyo=1", (GL, None, HR))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gluteus_maximus/left", "write NAME="),
        ("=gluteus_maximus/left", "write NAME="),
        ("a=glute/left", "no place is called 'glute'"),
        ("a=gluteus_maximus/port", "'port' is no side; there are left"),
        ("a=", "no place is called ''"),
    ],
)
def test_what_is_no_option_is_said(text, said):
    with pytest.raises(PlacementError, match=said):
        parse_option(text)


def test_what_is_written_is_read_and_others_stay(tmp_path):
    path = tmp_path / "new" / "placements.toml"
    write_places(path, {'a "b" \\ \n ä': (GL, None), "c": (HR,)})
    write_places(path, {"c": (GL,)})
    assert read_places(path) == {'a "b" \\ \n ä': (GL, None), "c": (GL,)}


def test_no_file_is_no_placement(tmp_path):
    assert read_places(tmp_path / "none.toml") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = [", "not valid TOML"),
        ("a = 3", "sensor 'a': 3 is no list of places"),
        ("a = []", "is no list of places"),
        ('a = ["gluteus_maximus"]', "'' is no side"),
        ('a = ["x/left"]', "no place is called 'x'"),
    ],
)
def test_a_file_that_does_not_fit_is_named(tmp_path, text, said):
    path = tmp_path / "p.toml"
    path.write_text(text)
    with pytest.raises(PlacementError, match=said) as error:
        read_places(path)
    assert str(path) in str(error.value)


def test_a_file_that_cannot_be_read_or_written_is_named(tmp_path):
    (tmp_path / "p.toml").write_bytes(b"\xff")
    with pytest.raises(PlacementError, match="not UTF-8"):
        read_places(tmp_path / "p.toml")
    with pytest.raises(PlacementError, match="cannot be"):
        write_places(tmp_path / "p.toml" / "x.toml", {"a": (GL,)})


def test_a_mark_places_every_channel_and_the_housing():
    assert mark_of("a", (None, HR), [EMG, IMU]) == {
        "device": "a",
        "channels": {"emg": [None, "biceps_femoris/right"], "imu": ["biceps_femoris/right"]},
    }
    assert mark_of("a", (GL,), [EMG]) == {"device": "a", "channels": {"emg": ["gluteus_maximus/left", None]}}
    assert mark_of("b", (GL,), [HIP]) == {"device": "b", "channels": {"acceleration": ["gluteus_maximus/left"]}}
    assert mark_of("c", (GL,), [EMG]) is None


def test_muscle_speaks_for_a_sensor_before_motion():
    assert main_stream([IMU, EMG], "a") is EMG
    assert main_stream([HIP], "a") is None


def test_doubles_and_sensors_without_a_place():
    left = Stream("a", "emg", "uv", 1000.0, (GL, None))
    again = Stream("b", "emg", "uv", 1000.0, (GL,))
    assert doubles([left, again]) == {GL: ["a", "b"]}
    assert doubles([left, Stream("a", "imu", "g,dps", 100.0, (GL,))]) == {}
    assert unplaced([left, HIP]) == ["b"]
