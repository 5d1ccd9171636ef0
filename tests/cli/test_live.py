"""The command: keys, scripts, errors, and a whole session without a window."""

import contextlib
import json

import pytest

import firmware_sim
from emgmon.cli import live, main
from emgmon.cli.keys import HELP, Keys
from emgmon.errors import EmgmonError
from emgmon.exercise.catalogue import packaged
from emgmon.runner import listening
from emgmon.runner.board import Board
from emgmon.runner.doing import SET, Doing
from emgmon.runner.script import read_script
from emgmon.sources.ble import Radio

OTHER = next(name for name in packaged() if name != "bridge_2leg")


@pytest.fixture
def keys():
    said = []
    made = Keys(Board(), [packaged()["bridge_2leg"], packaged()[OTHER]], said.append)
    made.board.show(exercise="bridge_2leg", pain=0.0, can_identify=frozenset({"a"}))
    return made, said


def told(board):
    return list(iter(board.told, None))


def test_each_key_is_a_word(keys):
    made, said = keys
    for key in "rgeciq?z":
        made.press(key)
    words = [("rest", ""), ("reference", "G"), ("exercise", OTHER), ("cancel", ""), ("identify", "a")]
    assert told(made.board) == [*words, ("finish", "")]
    assert said == [HELP + "\n"]


def test_s_starts_and_stops(keys):
    made, _said = keys
    made.press("s")
    made.board.show(doing=Doing(SET))
    made.press("s")
    assert told(made.board) == [("set", ""), ("stop", "")]


def test_a_question_takes_a_line(keys):
    made, _said = keys
    made.board.show(pain=None)
    for key in "g12\x7f\n":
        made.press(key)
    for key in "nok r\r":
        made.press(key)
    for key in "nno\x1br":
        made.press(key)
    assert told(made.board) == [("pain", "1"), ("note", "ok r"), ("rest", "")]


def test_it_hurts_stops_before_it_asks(keys):
    made, said = keys
    for key in "x7\n":
        made.press(key)
    assert told(made.board) == [("hurts", ""), ("pain", "7")]
    assert "Pain now" in said[0]


@pytest.mark.parametrize("line", ["wait long", "until", "until tomorrow", "until reps", "wait -1"])
def test_a_script_that_does_not_fit_names_its_line(tmp_path, line):
    path = tmp_path / "s.txt"
    path.write_text(f"rest # lie still\n\n{line}\n")
    with pytest.raises(EmgmonError, match="line 3"):
        read_script(path)


def test_a_script_is_words_and_text(tmp_path):
    path = tmp_path / "s.txt"
    path.write_text("# all of it\nrest\nreference G 1.5\nuntil reps 3\nwait 0.5\n")
    assert read_script(path) == [("rest", ""), ("reference", "G 1.5"), ("until", "reps 3"), ("wait", "0.5")]


async def _silence(_radio, _length_s):
    return []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "Switch it on, hold it near"),
        (["--place", "glutes"], "write NAME=MUSCLE/SIDE"),
        (["--place-file", "BAD"], "not valid TOML"),
        (["--exercise", "handstand"], "No exercise is called 'handstand'"),
        (["--script", "none.txt"], "cannot be read"),
        (["--radio", "tcp:nowhere"], "is no address"),
    ],
)
def test_what_is_wrong_is_one_line_with_the_next_step(options, said, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(listening, "scan", _silence)
    (tmp_path / "bad.toml").write_text("a = [")
    files = [] if "--place-file" in options else ["--place-file", str(tmp_path / "p.toml")]
    options = [str(tmp_path / "bad.toml") if option == "BAD" else option for option in options]
    assert main(["live", "--headless", "--out", str(tmp_path), *files, *options]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("emgmon: ")
    assert said in last
    assert not list(tmp_path.glob("*.mcap"))


SCRIPT = """
until recording
pain 0
set 1
wait 8
note by script
stop
until idle
finish
"""


@pytest.mark.slow
@pytest.mark.system
def test_a_scripted_session_without_a_window(tmp_path, monkeypatch, capsys):
    @contextlib.asynccontextmanager
    async def radio(_options):
        person = firmware_sim.bridges(1, seed=2)
        async with firmware_sim.open_world(person, seed=2, speed=4.0, kit="umyo", sensors=None) as world:
            yield Radio(world.clock_ns, world.client_kwargs, world.scanner_kwargs), {"simulated": True}

    monkeypatch.setattr(live, "_radio", radio)
    path = tmp_path / "script.txt"
    path.write_text(SCRIPT)
    names = [unit.name for unit in firmware_sim.KITS["umyo"]]
    places = [option for name in names[:1] for option in ("--place", f"{name}=gluteus_maximus/left")]
    arguments = ["--script", str(path), "--out", str(tmp_path), "--place-file", str(tmp_path / "p.toml"), *places]
    assert main(["live", "--headless", "--json", "--seconds", "1", *arguments]) == 0
    printed = capsys.readouterr()
    summary = json.loads(printed.out)
    assert summary["simulated"]
    assert len(summary["sets"]) == 1
    assert f"Going on with 1 of {len(names)} sensors" in printed.err
    (recording,) = tmp_path.glob("*.mcap")
    assert recording.with_suffix(".html").exists()
    assert names[0] in (tmp_path / "p.toml").read_text()
    assert main(["analyse", str(recording), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == summary
    assert "remembered as" in printed.err
    assert main(["sessions", "show", str(recording), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["person"], [item["exercise"] for item in shown["sets"]]) == ("demo", ["bridge_2leg"])
