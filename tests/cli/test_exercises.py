"""`emgmon exercises`: what comes with the program, and what a person adds."""

import json

import pytest

from emgmon.cli import main
from emgmon.exercise.catalogue import packaged

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
