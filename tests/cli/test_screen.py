"""`emgmon screen`: simulated squats with each compensation on demand, from the air to the words."""

import json

import pytest
from simulated import entries_of, script_of

import firmware_sim
from emgmon.cli import main
from emgmon.exercise.catalogue import packaged
from emgmon.model import Mark
from emgmon.storage.recorder import write_recording

SIGNS = packaged()["overhead_squat"].signs
EIGHT = [f"IMU-{number}" for number in range(1, 9)]
SACRUM = ["IMU-2"]
SHOWN_DEG = {name: 1.4 * red for name, (_amber, red) in SIGNS.items()}


def squats(folder, sensors, shown="", seed=1, marks=()):
    script = firmware_sim.perform(
        "overhead_squat", 5, seed=seed, compensations={shown: SHOWN_DEG[shown]} if shown else {}, references=False
    )
    entries = entries_of(script, seed=seed, exercise="overhead_squat", kit="motion", sensors=sensors)
    renamed = dict(marks)
    kept = [Mark(e.host_ns, renamed.get(e.kind, e.kind), e.data) if isinstance(e, Mark) else e for e in entries]
    path = folder / f"squats{seed}{shown}.mcap"
    write_recording(path, kept)
    return path


def screened(path, capsys, *more):
    assert main(["screen", str(path), "--json", *more]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.slow
@pytest.mark.parametrize("shown", ["", *SIGNS])
def test_each_compensation_is_told_and_no_other(shown, tmp_path, capsys):
    told = {sign["name"]: sign for sign in screened(squats(tmp_path, EIGHT, shown), capsys)["sets"][0]["signs"]}
    assert {name: sign["level"] for name, sign in told.items()} == {
        name: "red" if name == shown else "none" for name in SIGNS
    }
    if shown:
        assert (told[shown]["reps"], told[shown]["measured"], told[shown]["lacks"]) == (5, 5, [])


def test_the_sacrum_alone_sees_a_part_and_the_rest_is_not_measured(tmp_path, capsys):
    path = squats(tmp_path, SACRUM, "weight_shift")
    found = screened(path, capsys)
    told = {sign["name"]: sign for sign in found["sets"][0]["signs"]}
    assert {name for name, sign in told.items() if sign["level"] != "not measured"} == {"weight_shift"}
    assert told["weight_shift"]["lacks"] == ["thigh/left", "thigh/right", "thoracic_spine/midline"]
    assert told["knees_in"]["lacks"] == ["thighs and shanks"]
    assert told["knees_in"]["median"] is None
    assert found["posture"]["reason"] == "no earlier recording"
    assert main(["screen", str(path)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "SIMULATED DATA" in out
    assert "Weight shifts to one side RED 5 of 5 squats, median" in out
    assert "in part: without thigh/left" in out
    assert "Knees go in not measured needs thighs and shanks" in out
    assert "no earlier recording" in out
    assert "not a diagnosis" in out
    assert "Stop on sharp or radiating pain" in out


def test_standing_is_held_against_earlier_recordings(tmp_path, capsys):
    path = squats(tmp_path, SACRUM)
    (tmp_path / "earlier").mkdir()
    earlier = squats(tmp_path / "earlier", SACRUM)
    told = screened(path, capsys, "--earlier", str(earlier))["posture"]["earlier"]
    assert [item["level"] for item in told] == ["none"]
    assert abs(told[0]["change_deg"]) < 1.0
    unmarked = squats(tmp_path / "earlier", SACRUM, marks={"stand_start": "pause", "stand_stop": "pause"}.items())
    told = screened(path, capsys, "--earlier", str(unmarked))["posture"]["earlier"]
    assert told[0]["change_deg"] is None
    assert told[0]["level"] == "not measured"
    assert "Standing was not recorded" in told[0]["how"]


def test_a_recording_without_squats_or_standing_is_one_line(tmp_path, capsys):
    path = tmp_path / "bridges.mcap"
    write_recording(path, entries_of(script_of(1, seed=3), seed=3, sensors=["EMG-GL"]))
    assert main(["screen", str(path)]) == 1
    err = capsys.readouterr().err
    assert "holds no set of overhead_squat, and no standing" in err
    assert err.count("\n") == 1
