"""What all formats share: nothing is written over or left half done, and no name goes out."""

import re

import pytest
from simulated import entries_of, script_of

from emgmon.cli import main
from emgmon.errors import ExportFailed
from emgmon.model import Mark
from emgmon.storage.export import FORMATS, check_target, export, format_named
from emgmon.storage.export.happenings import happenings
from emgmon.storage.recorder import write_recording

pytestmark = pytest.mark.slow  # whole sessions

NAMES = [item.name for item in FORMATS]


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "set.mcap"
    write_recording(path, entries_of(script_of(1, seed=2), seed=2, sensors=("EMG-GL", "EMG-HL")))
    return path


def test_names_are_unique_and_an_unknown_one_lists_them():
    assert len(set(NAMES)) == len(NAMES)
    with pytest.raises(ExportFailed, match="there are edf, bdf"):
        format_named("docx")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_written_over_without_force(name, clean, tmp_path):
    kind = format_named(name)
    out = tmp_path / f"out{kind.ending}"
    export(clean, kind, out)
    with pytest.raises(ExportFailed, match="exists already"):
        export(clean, kind, out)
    export(clean, kind, out, force=True)
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


@pytest.mark.parametrize("name", NAMES)
def test_a_failure_leaves_nothing_behind(name, clean, tmp_path, monkeypatch):
    """The disk is full after the first rows."""
    from emgmon.storage.signals import Signals  # noqa: PLC0415

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Signals, "blocks", full)
    monkeypatch.setattr("emgmon.storage.export.edf.Grid.rows", full)
    monkeypatch.setattr("emgmon.storage.export.matlab.savemat", full)
    kind = format_named(name)
    with pytest.raises(ExportFailed, match="No space left"):
        export(clean, kind, tmp_path / f"out{kind.ending}")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_someone_else_is_never_removed(clean, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work")
    (tmp_path / "out" / "session.json").write_text('{"program": "other"}')
    with pytest.raises(ExportFailed, match="did not write"):
        export(clean, format_named("csv"), tmp_path / "out", force=True)
    with pytest.raises(ExportFailed, match="did not write"):
        check_target(format_named("edf"), tmp_path.rename(tmp_path.with_suffix(".edf")), force=True)


def test_a_wrong_ending_is_named(tmp_path):
    with pytest.raises(ExportFailed, match=r"ends in \.edf"):
        check_target(format_named("edf"), tmp_path / "x.txt", force=False)


def test_only_known_words_of_a_mark_go_out(clean):
    from dataclasses import replace  # noqa: PLC0415

    mark = Mark(0, "note", {"person": "Ann Example", "text": "knee hurts", "device": "EMG\x14-\n1"})
    session = Mark(0, "session", {"person": "Ann Example"})
    texts = [item.text for item in happenings(replace(clean, marks=((1.0, mark), (0.0, session))))]
    assert texts[0] == "note EMG?-?1"
    assert not any("Ann" in text or "knee" in text for text in texts)


def test_command_writes_and_says_what_it_did(recording, tmp_path, capsys):
    out = tmp_path / "set.edf"
    assert main(["export", str(recording), "--to", "edf", "-o", str(out)]) == 0
    said = capsys.readouterr()
    assert said.out.strip() == str(out)
    assert "Simulated" in said.err
    assert main(["export", str(recording), "--to", "edf", "-o", str(out)]) == 1
    assert re.fullmatch(r"emgmon: .*exists already.*\n", capsys.readouterr().err)


def test_command_refuses_what_a_format_does_not_hold(recording, capsys):
    assert main(["export", str(recording), "--to", "sto", "--what", "raw"]) == 1
    assert "holds processed" in capsys.readouterr().err


def test_command_goes_beside_the_recording(recording, capsys):
    assert main(["export", str(recording), "--to", "csv"]) == 0
    assert (recording.parent / "set_csv" / "EMG-GL_emg.csv").exists()
    capsys.readouterr()


def test_a_torn_recording_is_exported_and_said(recording, tmp_path, capsys):
    torn = tmp_path / "torn.mcap"
    torn.write_bytes(recording.read_bytes()[: recording.stat().st_size // 2])
    assert main(["export", str(torn), "--to", "xdf"]) == 3
    assert "not whole" in capsys.readouterr().err
    assert torn.with_suffix(".xdf").exists()
