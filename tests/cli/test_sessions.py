"""`emgmon sessions` as a person types it."""

import csv
import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from made_session import Session, steady
from madehistory import origin, set_of, summary_of

from emgmon.cli import main, sessions
from emgmon.cli.remembering import remember
from emgmon.model import Mark
from emgmon.runner import analyse
from emgmon.storage.recorder import write_recording
from emgmon.storage.sessions import Origin, choose, listed, open_store, past_sets, put_session


@pytest.fixture
def where(tmp_path):
    """A store with a session of P1, whose recording is there, and one of P2, whose is not."""
    path = tmp_path / "sessions.db"
    (tmp_path / "first.mcap").write_bytes(b"not read here")
    with open_store(path) as store:
        first = Origin(origin(1).sha256, str(tmp_path / "first.mcap"))
        put_session(store, first, summary_of(1, (set_of(1), set_of(2, 0.4, "deadlift"))))
        put_session(store, Origin("f" * 64, "/gone/second.mcap"), summary_of(2), person="P2")
    return str(path)


@pytest.fixture
def typed(where, capsys):
    """Types a command and gives its exit code and what it printed."""

    def type_it(verb, *words):
        code = main(["sessions", verb, "--store", where, *map(str, words)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return type_it


def test_sessions_are_listed_in_order_and_by_person(typed):
    code, out, _ = typed("list")
    assert code == 0
    assert [line.split()[3] for line in out.splitlines()] == ["P1", "P2"]
    assert "bridge_2leg, deadlift; 2 sets, 12 reps" in out
    assert len(typed("list", "--person", "P2")[1].splitlines()) == 1
    assert [row["person"] for row in json.loads(typed("list", "--json")[1])] == ["P1", "P2"]


def test_one_session_by_any_of_its_names(typed):
    names = ("ffff", "last", "second", "second.mcap", "/gone/second.mcap")
    assert {typed("show", name)[1] for name in names} == {typed("show", "f" * 64)[1]}
    assert "is not there any more" in typed("show", "last")[1]


def test_a_name_that_fits_nothing_or_too_much(typed):
    code, out, err = typed("show", "nonsense")
    assert (code, out) == (1, "")
    assert err == "emgmon: No session is called 'nonsense'; 'emgmon sessions list' shows their names.\n"
    assert "No session is called ''" in typed("show", "")[2]


def test_a_name_that_fits_two_asks_for_more(typed, where):
    with open_store(where) as store:
        put_session(store, Origin("f" * 8 + "0" * 56, "/gone/third.mcap"), summary_of(3))
    assert "write more of the name" in typed("show", "ff")[2]


def test_a_session_shows_its_sets(typed):
    _, out, _ = typed("show", "first")
    assert "set 1: bridge_2leg; 6 of 6 reps usable; references T1, sensors of class B" in out
    assert "index                0.20 (" in out
    shown = json.loads(typed("show", "first", "--json")[1])
    assert [item["exercise"] for item in shown["sets"]] == ["bridge_2leg", "deadlift"]
    assert shown["tension"] is None


def test_tags_and_notes(typed):
    typed("tag", "first", "heavy", "morning")
    typed("tag", "first", "--remove", "morning")
    assert "#heavy" in typed("list", "--tag", "heavy")[1]
    assert typed("list", "--tag", "morning")[1] == ""
    typed("note", "first", "slept badly", "--tension", "4")
    assert typed("note", "first")[1] == "slept badly\n"
    assert "tension     4 of 10" in typed("show", "first")[1]
    typed("note", "first", "--person", "P2")
    assert len(typed("list", "--person", "P2")[1].splitlines()) == 2
    assert typed("tag", "first", "two\nlines")[0] == 1


def test_what_a_person_wrote_is_shown_as_it_is(typed):
    typed("note", "first", "<script>alert(1)</script>; DROP TABLE facts; --")
    assert typed("note", "first")[1] == "<script>alert(1)</script>; DROP TABLE facts; --\n"


def test_delete_asks_and_leaves_the_recording(typed, monkeypatch, tmp_path):
    assert typed("delete", "first")[0] == 1  # nobody there to agree
    answer = SimpleNamespace(isatty=lambda: True, readline=lambda: "n\n")
    monkeypatch.setattr(sessions.sys, "stdin", answer)
    assert typed("delete", "first")[0] == 1
    answer.readline = lambda: "y\n"
    assert typed("delete", "first")[0] == 0
    assert [line.split()[3] for line in typed("list")[1].splitlines()] == ["P2"]
    assert (tmp_path / "first.mcap").exists()


def test_delete_with_the_recording_takes_all(typed, where, tmp_path):
    typed("note", "first", "gone too")
    assert typed("delete", "first", "--with-recording", "--yes")[0] == 0
    assert not (tmp_path / "first.mcap").exists()
    assert "gone too" not in typed("export", "--facts")[1]
    with open_store(where) as store:
        assert past_sets(store, "P1") == ()


def test_delete_takes_all_of_somebody(typed):
    assert typed("delete", "--yes")[0] == 1
    assert typed("delete", "first", "--person", "P2", "--yes")[0] == 1
    assert typed("delete", "--person", "P2", "--yes")[0] == 0
    assert [line.split()[3] for line in typed("list")[1].splitlines()] == ["P1"]


def test_who_is_deleted_with_all_recordings_is_not_known_any_more(typed, where):
    with open_store(where) as store:
        choose(store, "P1", "phase", "2", "2026-01-01T00:00:00+00:00")
        choose(store, "P2", "phase", "3", "2026-01-01T00:00:00+00:00")
    assert typed("delete", "--person", "P2", "--yes")[0] == 0
    assert '"P2"' in typed("export", "--facts")[1]  # a rebuild would bring the sessions back
    assert typed("delete", "--person", "P1", "--with-recording", "--yes")[0] == 0
    facts = typed("export", "--facts")[1]
    assert '"P1"' not in facts
    assert '"P2"' in facts


def test_export_is_a_long_table(typed):
    rows = list(csv.DictReader(io.StringIO(typed("export", "--person", "P1")[1])))
    index = [row for row in rows if (row["metric"], row["set"]) == ("sdi", "1")]
    assert [row["rep"] for row in index] == ["", *map(str, range(1, 7))]
    assert float(index[0]["value"]) == pytest.approx(0.2)
    assert float(index[0]["low"]) < 0.2 < float(index[0]["high"])
    assert (index[0]["n"], index[0]["unit"], index[0]["phase"]) == ("6", "ln", "hold")
    lost = [row for row in rows if row["metric"] == "level" and row["rep"]]
    assert {(row["value"], row["flag"]) for row in lost} == {("", "signal lost")}


def test_export_writes_over_nothing(typed, tmp_path):
    (tmp_path / "there.csv").write_text("mine")
    assert typed("export", "-o", tmp_path / "there.csv")[0] == 1
    assert (tmp_path / "there.csv").read_text() == "mine"
    assert typed("export", "-o", tmp_path / "new.csv")[0] == 0


def test_facts_go_to_another_store(typed, where, tmp_path):
    typed("tag", "first", "heavy")
    typed("note", "first", "ok", "--tension", "2", "--person", "P9")
    facts = tmp_path / "facts.json"
    typed("export", "--facts", "-o", facts)
    other = str(tmp_path / "other.db")
    (tmp_path / "empty").mkdir()
    assert main(["sessions", "rebuild", str(tmp_path / "empty"), "--store", other, "--facts", str(facts)]) == 0
    with open_store(other) as store, open_store(where) as before:
        put_session(store, origin(1), summary_of())
        (row,) = listed(store)
        assert (row.person, row.note, row.tension, row.tags) == ("P9", "ok", 2.0, ("heavy",))
        assert row.note == listed(before)[0].note


NO_FACTS = (
    "",
    "[]",
    '{"sessions": 5}',
    '{"schema": "x", "sessions": [], "choices": []}',
    '{"schema": "emgmon-facts/1", "choices": [], "sessions": [{"sha256": "../x"}]}',
)


@pytest.mark.parametrize("text", NO_FACTS)
def test_facts_that_are_none_change_nothing(typed, tmp_path, text):
    (tmp_path / "facts.json").write_text(text)
    before = typed("export", "--facts")[1]
    code, _, err = typed("rebuild", "--facts", tmp_path / "facts.json")
    assert (code, err.count("\n")) == (1, 1)
    assert typed("export", "--facts")[1] == before


def test_an_empty_store_says_how_it_is_filled(tmp_path, capsys):
    assert main(["sessions", "list", "--store", str(tmp_path / "new.db")]) == 0
    assert "emgmon sessions rebuild" in capsys.readouterr().err
    assert main(["sessions", "show", "last", "--store", str(tmp_path / "new.db")]) == 1


@pytest.fixture(scope="session")
def short():
    """Entries of a session that is analysed in a second."""
    made = Session().rest()
    for group in "GHE":
        made.reference(group, 100.0)
    return made.cycles(steady(6, G=40.0, H=30.0, E=20.0)).entries()


@pytest.fixture
def recorded(tmp_path, short):
    """A folder with a recording, one that is none, and one that still grows."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    write_recording(folder / "good.mcap", short)
    (folder / "text.mcap").write_text("no recording")
    (folder / "now.part.mcap").write_text("still growing")
    return folder


@pytest.mark.slow
def test_a_rebuild_reads_all_goes_on_and_keeps_what_was_said(tmp_path, recorded, capsys):
    where = str(tmp_path / "built.db")
    again = ["sessions", "rebuild", str(recorded), "--json", "--store", where]
    assert main(again) == 3
    assert json.loads(capsys.readouterr().out) == {"analysed": 1, "failed": 1}
    assert main(["sessions", "note", "good", "mine", "--person", "P3", "--store", where]) == 0
    main(again)
    assert json.loads(capsys.readouterr().out) == {"known": 1, "failed": 1}
    (recorded / "text.mcap").unlink()
    main([*again, "--all"])
    assert json.loads(capsys.readouterr().out) == {"analysed": 1}
    with open_store(where) as store:
        good = next(row for row in listed(store) if not row.error)
        assert (good.person, good.note, good.sets) == ("P3", "mine", 1)


@pytest.mark.slow
def test_a_torn_recording_is_a_session_that_is_not_whole(tmp_path, recorded, capsys):
    whole = (recorded / "good.mcap").read_bytes()
    torn = tmp_path / "torn.mcap"
    torn.write_bytes(whole[: 2 * len(whole) // 3])
    assert main(["sessions", "add", str(torn), "--store", str(tmp_path / "t.db"), "--person", "P1"]) == 3
    capsys.readouterr()
    main(["sessions", "list", "--store", str(tmp_path / "t.db")])
    assert "not whole" in capsys.readouterr().out


@pytest.mark.slow
def test_a_live_session_is_remembered_as_a_rebuild_would(tmp_path, short):
    marked = [*short[:2], Mark(short[1].host_ns, "pain", {"value": 1}), *short[2:]]
    path = tmp_path / "live.mcap"
    write_recording(path, marked)
    options = SimpleNamespace(store=str(tmp_path / "live.db"), person="P1", no_store=False)
    assert "remembered as" in remember(path, analyse(marked), options, raised=False)
    with open_store(options.store) as store:
        (past,) = past_sets(store, "P1")
    main(["sessions", "rebuild", str(path), "--all", "--store", options.store])
    with open_store(options.store) as store:
        assert repr(past_sets(store, "P1")) == repr((past,))
    assert past.pain == 1.0


def test_a_session_that_cannot_be_remembered_is_said(tmp_path):
    options = SimpleNamespace(store=str(tmp_path), person="", no_store=False)
    path = tmp_path / "x.mcap"
    write_recording(path, [Mark(0, "session", {})])
    assert "not remembered" in remember(path, summary_of(), options, raised=False)
    options.no_store = True
    assert "as was asked" in remember(Path("nowhere"), summary_of(), options, raised=False)
