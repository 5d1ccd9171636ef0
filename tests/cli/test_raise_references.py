"""``--raise-references``: the offer is in the notes, the option takes it, and nothing happens without it."""

import json

import pytest
from made_session import Session

from emgmon.cli import DONE, main
from emgmon.storage.recorder import write_recording


@pytest.fixture
def recording(tmp_path):
    """Two of five bursts of the glutes go well beyond their reference."""
    session = Session().rest()
    for group, level in (("G", 100.0), ("H", 80.0), ("E", 60.0)):
        session.reference(group, level)
    bursts = [{"G": 170.0 if k in (1, 3) else 50.0, "H": 30.0, "E": 20.0} for k in range(5)]
    write_recording(tmp_path / "beyond.mcap", session.cycles(bursts).entries())
    return tmp_path / "beyond.mcap"


def test_the_option_takes_what_the_notes_offer(recording, capsys):
    sets = []
    for options in ([], ["--raise-references"]):
        assert main(["analyse", str(recording), "--json", *options]) == DONE
        sets.append(json.loads(capsys.readouterr().out)["sets"][0])
    before, after = sets
    assert any("--raise-references" in note for note in before["notes"])
    (offer,) = before["exceeded"]
    levels = {item["placement"]: (item["level"], item["origin"]) for item in after["references"]}
    assert levels["gluteus_maximus/left"] == (offer["level"], "raised")
    assert levels["biceps_femoris/left"][1] == "trial"
    assert after["exceeded"] == []


@pytest.mark.slow
def test_a_report_shows_raised_references_as_such(recording, capsys):
    assert main(["report", str(recording), "--raise-references"]) == DONE
    page = recording.with_suffix(".html").read_text("utf-8")
    assert "were raised to what sets reached" in page
    assert "was raised from" in page
    assert str(recording.with_suffix(".html")) in capsys.readouterr().out
