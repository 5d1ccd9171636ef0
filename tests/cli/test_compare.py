"""``emgmon compare``, from recordings and from a store."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from histories import past, weeks

from emgmon.cli import main
from emgmon.cli.compare import weeks_of_recording
from emgmon.cli.printing import browser, print_pdf
from emgmon.report.compare import over_weeks, weeks_html
from emgmon.storage.sessions import open_store
from emgmon.storage.sessions.writing import Origin, origin_of, put_session

RECORDINGS = Path(__file__).parents[2] / "recordings"


@pytest.fixture
def store(tmp_path, summary, monkeypatch):
    """A store in which one person did the same set on three days, the last half an index higher."""
    where = tmp_path / "sessions.db"
    monkeypatch.setenv("EMGMON_STORE", str(where))
    with open_store(where) as opened:
        for day in (1, 8, 15):
            item = replace(summary.sets[0], estimates=tuple(_later(each, day) for each in summary.sets[0].estimates))
            session = replace(summary, started_utc=f"2026-01-{day:02d}T10:00:00+00:00", sets=(item,))
            put_session(opened, Origin(f"{day:064x}"[::-1], f"s{day}.mcap", ()), session, person="P1")
    return where


def _later(each, day):
    return replace(each, mean=each.mean + 0.5 * (day == 15)) if each.metric == "sdi" else each


@pytest.mark.usefixtures("store")
def test_three_days_of_a_store(capsys):
    assert main(["compare"]) == 0
    out = capsys.readouterr().out
    assert "SIMULATED DATA" in out
    assert "3 days of Glute bridge" in out
    assert "too few for a trend (6)" in out
    assert "not a diagnosis" in out


@pytest.mark.usefixtures("store")
def test_json_and_page(tmp_path, capsys):
    page = tmp_path / "weeks.html"
    assert main(["compare", "--json", "--html", str(page), "--person", "P1"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "emgmon-compare/1"
    assert found["comparisons"][0]["main"]["title"] == "Glute bridge"
    assert "over the weeks" in page.read_text("utf-8")


@pytest.mark.usefixtures("store")
def test_another_number_and_a_wrong_one(capsys):
    assert main(["compare", "--metric", "share_glute"]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("Glute share")
    assert main(["compare", "--metric", "strength"]) == 1
    assert "known are" in capsys.readouterr().err


@pytest.mark.usefixtures("store")
def test_two_sessions_side_by_side(capsys):
    assert main(["compare", "--sessions", "2026-01-01", "2026-01-15"]) == 0
    assert "×1.65" in capsys.readouterr().out
    assert main(["compare", "--sessions", "2026-01-01", "2030-01-01"]) == 1
    assert "no such session" in capsys.readouterr().err
    assert main(["compare", "--sessions", "2026-01-01/7", "2026-01-15"]) == 1
    assert "has sets 1" in capsys.readouterr().err


@pytest.mark.usefixtures("store")
def test_what_was_chosen_is_kept(capsys):
    assert main(["compare", "--choose", "lunge"]) == 0
    assert main(["compare", "--choose", "bridge_2leg"]) == 0
    assert main(["compare", "--exercise", "lunge"]) == 1
    capsys.readouterr()
    assert main(["compare", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["comparisons"][0]["main"]["exploratory"] is False


@pytest.mark.usefixtures("store")
def test_an_empty_store_and_a_person_who_is_not_there(tmp_path, capsys):
    assert main(["compare", "--store", str(tmp_path / "new.db")]) == 1
    assert "no session yet" in capsys.readouterr().err
    assert main(["compare", "--person", "nobody"]) == 1
    assert "nobody" in capsys.readouterr().err


@pytest.mark.slow
def test_recordings_without_a_store(capsys):
    assert main(["compare", str(RECORDINGS / "bridges-clean.mcap")]) == 0
    assert "1 day of Glute bridge" in capsys.readouterr().out


def test_a_report_gets_the_weeks_once_the_store_knows_the_recording(store, tmp_path, summary):
    recording = RECORDINGS / "bridges-clean.mcap"
    assert weeks_of_recording(recording, str(tmp_path / "none.db")) == ""
    assert weeks_of_recording(recording, str(store)) == ""
    with open_store(store) as opened:
        put_session(opened, origin_of(recording), replace(summary, started_utc="2026-02-02T10:00:00"), person="P1")
    page = weeks_of_recording(recording, str(store))
    assert page.count("<section") == 1
    assert "4 days of Glute bridge" in page
    assert not (tmp_path / "none.db").exists()


@pytest.mark.slow
@pytest.mark.skipif(browser() is None, reason="no browser that prints is here")
def test_each_comparison_prints_to_one_page_of_paper(tmp_path):
    told = [replace(item, tension=4.0, pain=3.0, placement="amber") for item in weeks(12, seed=3)]
    others = [past(3 * n, {"sdi": 0.0}, kind=kind, index=9) for n, kind in enumerate(("T2", "T4", "T2"))]
    other = [replace(item, device_class="C", session=f"x{n}") for n, item in enumerate(weeks(3))]
    page = tmp_path / "weeks.html"
    page.write_text(weeks_html([over_weeks([*told, *others, *other]), over_weeks(weeks(19, -1.2))]), "utf-8")
    print_pdf(page, tmp_path / "weeks.pdf")
    assert len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "weeks.pdf").read_bytes())) == 2
