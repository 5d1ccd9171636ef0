"""`emgmon exercises`: what comes with the program, and what a person adds."""

import json
from dataclasses import replace

import pytest
from simulated import entries_of, script_of

from emgmon.cli import main
from emgmon.cli.exercises import catalogue_of
from emgmon.exercise.catalogue import packaged
from emgmon.model import Mark
from emgmon.runner import analyse
from emgmon.runner.conduct import Conductor
from emgmon.storage.recorder import write_recording
from emgmon.storage.recording import read_recording

OWN = """
[step_bridge]
title = "Bridge from a step"
phase = "activate"
signal = "inclination"
segments = ["thigh"]
min_range_deg = [8.0]
groups = ["G", "H"]
sdi = true
reps_from = 6
reps_target = 8
signs = { hold_sag = [5.0, 8.0] }
safety = "Stop when it hurts."
"""


@pytest.mark.parametrize("name", sorted(packaged()))
def test_every_exercise_is_listed_and_explained(name, capsys):
    assert main(["exercises"]) == 0
    assert f"\n{name} " in capsys.readouterr().out
    assert main(["exercises", name]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert packaged()[name].title in out
    assert packaged()[name].safety in out


def test_a_persons_own_exercise_is_listed_beside_the_others(tmp_path, capsys):
    path = tmp_path / "mine.toml"
    path.write_text(OWN, "utf-8")
    assert main(["exercises", "--catalogue", str(path), "--json"]) == 0
    tables = json.loads(capsys.readouterr().out)
    assert tables["step_bridge"]["signs"] == {"hold_sag": [5.0, 8.0]}
    assert set(packaged()) < set(tables)
    assert main(["exercises", "step_bridge", "--catalogue", str(path)]) == 0
    assert "6-8 reps" in capsys.readouterr().out


def test_what_does_not_fit_is_one_line(tmp_path, capsys):
    assert main(["exercises", "sit_up"]) == 1
    assert "No exercise is called 'sit_up'; there are smr_tfl" in capsys.readouterr().err
    path = tmp_path / "mine.toml"
    assert main(["exercises", "--catalogue", str(path)]) == 1
    path.write_text(OWN.replace("hold_sag", "hold_sog"), "utf-8")
    assert main(["exercises", "--catalogue", str(path)]) == 1
    err = capsys.readouterr().err
    assert "cannot be read" in err
    assert "mine.toml: exercise 'step_bridge': signs" in err


def test_a_persons_own_exercise_is_in_the_recording_and_needs_its_file_no_more(tmp_path):
    """The catalogue of `emgmon live --catalogue` brings its marks; the recording is read when the file is gone."""
    mine = tmp_path / "mine.toml"
    mine.write_text(OWN, "utf-8")
    conductor = Conductor(catalogue_of(mine), "step_bridge")
    mine.unlink()
    asked = [*conductor.obey(1.0, "set", "", ()), *conductor.pass_time(60.0)]
    assert [kind for kind, _data in asked] == ["exercise", "set_start"]
    told = dict(asked)
    path = tmp_path / "set.mcap"
    entries = entries_of(script_of(3, seed=3), seed=3)
    kept = [replace(e, data=told[e.kind]) if isinstance(e, Mark) and e.kind in told else e for e in entries]
    write_recording(path, kept)
    (done,) = analyse(read_recording(path)).sets
    assert (done.exercise, done.exercise_title) == ("step_bridge", "Bridge from a step")
    assert (len(done.reps), done.reps_from, done.reps_target, done.count) == (3, 6, 8, "few")
    assert [sign.name for sign in done.signs] == ["hold_sag"]
