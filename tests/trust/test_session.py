"""A recording that no emgmon wrote: its times, its names, its marks; and what every command makes of it."""

import json
import random
from dataclasses import replace

import pytest
from trust.hostile import NAMES, Draws
from trust.session import COMMANDS, CURSOR, commanded, hostile_entries, short_session, written

from emgmon.cli import DONE, main
from emgmon.model import Mark, ReferenceTaken
from emgmon.pipeline import Pipeline, references
from emgmon.pipeline.analysis import BEYOND
from emgmon.storage.recorder import write_recording


@pytest.fixture
def put(tmp_path):
    """Write entries where `commanded` looks for them."""

    def put(entries):
        (tmp_path / "in").mkdir(exist_ok=True)
        write_recording(tmp_path / "in" / "x.mcap", entries)
        return tmp_path

    return put


@pytest.mark.slow
def test_the_session_itself_is_taken_by_every_command(put):
    folder = put(short_session())
    codes = {command: commanded(command, folder) for command in COMMANDS}
    failed = {command for command, code in codes.items() if code != DONE}
    assert failed == {"screen --json", "export --to sto -o out/x.sto"}, "no screen, no motion in it"


def test_one_wrong_time_is_left_out_and_costs_no_years_of_ticks():
    entries = short_session()
    half = len(entries) // 2
    wrong = [*entries[:half], replace(entries[half], host_ns=2**63), *entries[half:]]

    def told(entries):
        pipeline = Pipeline()
        events = [event for entry in entries for event in pipeline.feed(entry)]
        return len(events + pipeline.close()), pipeline.summary()

    count, summary = told(wrong)
    sound_count, sound = told(entries)
    assert count == sound_count + 1
    assert BEYOND in summary.notes
    assert repr(summary.sets) == repr(sound.sets)


def test_references_without_end_are_taken_up_to_a_limit_and_said(monkeypatch):
    """Each level is held against all others."""
    monkeypatch.setattr(references, "MOST_LEVELS", 20)
    entries = short_session()
    last_ns = entries[-1].host_ns
    more = [
        Mark(last_ns + 10_000 * k, kind, {"group": "G", "kind": "T1"})
        for k in range(200)
        for kind in ("reference_start", "reference_stop")
    ]
    pipeline = Pipeline()
    events = [event for entry in [*entries, *more] for event in pipeline.feed(entry)] + pipeline.close()
    taken = [event for event in events if isinstance(event, ReferenceTaken)]
    assert 10 < len(taken) <= 40, "each is judged once, and once more"
    assert references.TOO_MANY in pipeline.summary().notes


def test_trimming_bears_marks_without_a_sensor(put):
    nameless = [Mark(0, "device", {"driver": "imported"}), Mark(5_000_000_000, "note", {"text": "no sensor"})]
    folder = put(sorted([*short_session(), *nameless], key=lambda entry: entry.host_ns))
    assert commanded("trim --from 1 -o out/t.mcap", folder) == DONE


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("command", ["info", "anonymise -o out/a.mcap", "export --to csv -o out/csv"])
def test_no_name_leads_out_of_the_folder_or_commands_the_terminal(name, command, put):
    def named(entry):
        if isinstance(entry, Mark):
            return replace(entry, data={key: name if key == "device" else value for key, value in entry.data.items()})
        return replace(entry, device=name)

    folder = put(map(named, short_session()))
    commanded(command, folder)
    assert all(path.startswith(("in/out/", "in/x.mcap")) for path in written(folder))


def test_what_a_person_sees_holds_nothing_that_moves_the_cursor(put, capsys):
    hostile = "\x1b]0;owned\x07\x9b2Jname"
    entries = [replace(e, data={**e.data, "source": hostile}) if e.host_ns == 0 and isinstance(e, Mark) else e
               for e in short_session()]  # fmt: skip
    folder = put(entries)
    assert main(["info", str(folder / "in" / "x.mcap")]) == DONE
    shown = capsys.readouterr().out
    assert "owned" in shown
    assert not CURSOR & set(shown)


@pytest.mark.slow
def test_hostile_sessions_through_every_command(put):
    rng = random.Random(20261123)  # noqa: S311
    for command in COMMANDS:
        for _ in range(3):
            entries = hostile_entries(Draws(rng.randbytes(60)), short_session())
            commanded(command, put(entry for entry in entries if _plain(entry)))


def _plain(entry):
    try:
        return not isinstance(entry, Mark) or bool(json.dumps(dict(entry.data), allow_nan=False))
    except ValueError:
        return False
