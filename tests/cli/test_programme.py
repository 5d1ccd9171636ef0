"""``emgmon programme``: the plan of a day, choices that are kept, timers with a bell."""

import json

import pytest

from emgmon.cli import main
from emgmon.cli.programme import BELL, timed
from emgmon.cli.weeks_options import CHOICES
from emgmon.exercise import programme
from emgmon.exercise.catalogue import packaged


@pytest.fixture
def store(tmp_path):
    return str(tmp_path / "sessions.db")


def test_a_plan_without_a_store_makes_none(store, tmp_path, capsys):
    assert main(["programme", "--store", store, "--date", "2026-11-22"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Programme for 2026-11-22: a proposal; you decide.")
    assert out.index("INHIBIT") < out.index("LENGTHEN") < out.index("ACTIVATE")
    assert "10-12 reps, 2 to 4 s" in out
    assert out.count("A convention.") >= len(programme.CHOICES)
    assert "see a professional" in out
    assert list(tmp_path.iterdir()) == []


def test_what_is_chosen_is_kept(store, capsys):
    assert main(["programme", "--store", store, "--stage", "load", "open", "--stage", "bridge", "hold", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {stage["id"]: stage["open"] for stage in found["stages"] if stage["chosen"] != "rules"} == {
        "load": True,
        "bridge": False,
    }
    assert main(["programme", "--store", store]) == 0
    assert "opened by you" in capsys.readouterr().out


def test_words_of_choices_are_those_of_the_programme():
    assert CHOICES == programme.CHOICES


def test_a_wrong_stage_choice_timer_or_day_is_one_sentence(store, capsys):
    assert main(["programme", "--store", store, "--stage", "legs", "open"]) == 1
    assert "there are inhibit" in capsys.readouterr().err
    assert main(["programme", "--timer", "bridge"]) == 1
    assert "smr_tfl" in capsys.readouterr().err
    for wrong in (["--stage", "load", "now"], ["--date", "tomorrow"], ["--seconds", "0"]):
        with pytest.raises(SystemExit):
            main(["programme", *wrong])


def test_a_timer_counts_each_side_and_rings(capsys):
    slept = []
    timed(packaged()["stretch_hipflexor"], 3, slept.append)
    err = capsys.readouterr().err
    assert sum(slept) == 4 * 3 + 3 * 5
    assert err.count(BELL) == 7
    assert err.index("left 1 of 2") < err.index("right 1 of 2") < err.index("left 2 of 2")


def test_a_timer_that_ran_is_remembered_where_there_is_a_store(store, monkeypatch, capsys):
    monkeypatch.setattr("emgmon.cli.programme.timed", lambda *_: None)
    assert main(["programme", "--store", store, "--timer", "smr_tfl"]) == 0
    assert main(["programme", "--store", store, "--stage", "bridge", "rules"]) == 0
    assert main(["programme", "--store", store, "--timer", "smr_tfl"]) == 0
    capsys.readouterr()
    assert main(["programme", "--store", store, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["phases"][0]["exercises"][0]["last"]
