"""Recordings into Parquet tables: each once, whole or not at all, and what cannot be read is told."""

import math
from pathlib import Path

import pytest

from emgmon.errors import EmgmonError, RecordingError
from emgmon.runner import analyse
from emgmon.storage.dataset import TABLES, analyse_into, recordings_in
from emgmon.storage.dataset.job import DAMAGED, DONE, FAILED, KEPT
from emgmon.storage.recording import read_recording

fsspec = pytest.importorskip("fsspec", reason="the extra 'batch' is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="the extra 'batch' is not installed")

RECORDING = Path(__file__).parents[2] / "recordings" / "bridges-clean.mcap"


@pytest.fixture(scope="module")
def summary():
    return analyse(read_recording(RECORDING))


@pytest.fixture
def known(summary):
    """Stands for the analysis, which takes seconds: reads all entries and gives the summary made before."""
    calls = []

    def read(entries):
        calls.append(sum(1 for _entry in entries))
        return summary

    read.calls = calls
    return read


def table(out, name):
    return pq.read_table(out / name).to_pylist()


def test_every_number_of_the_summary_is_in_the_tables(tmp_path, summary, known):
    assert analyse_into(str(RECORDING), str(tmp_path), "v1", known).word == DONE
    (session,) = table(tmp_path, "sessions")
    assert (session["sets"], session["error"], session["damage"]) == (1, "", "")
    assert session["duration_s"] == summary.duration_s
    rows = table(tmp_path, "reps")
    values = [value for rep in summary.sets[0].reps for value in rep.values]
    assert len(rows) == len(values)
    for row, value in zip(rows, values, strict=True):
        assert (row["metric"], row["phase"], row["where"], row["flag"]) == (
            value.metric,
            value.phase,
            value.where,
            value.flag,
        )
        assert row["value"] == value.value or (math.isnan(row["value"]) and math.isnan(value.value))
    assert len(table(tmp_path, "estimates")) == len(summary.sets[0].estimates)
    (only,) = table(tmp_path, "sets")
    assert only["reps"] == 6


def test_a_table_has_the_columns_that_are_promised(tmp_path, known):
    analyse_into(str(RECORDING), str(tmp_path), "v1", known)
    for name, columns in TABLES.items():
        assert set(pq.read_table(tmp_path / name).column_names) == {*columns, "shard"}


def test_no_recording_is_done_twice_until_the_analysis_is_another(tmp_path, known):
    words = [analyse_into(str(RECORDING), str(tmp_path), version, known).word for version in ("v1", "v1", "v2")]
    assert words == [DONE, KEPT, DONE]
    assert len(known.calls) == 2
    assert len(table(tmp_path, "sessions")) == 1


def test_what_was_cut_off_before_its_last_file_is_done_again(tmp_path, known):
    analyse_into(str(RECORDING), str(tmp_path), "v1", known)
    (last,) = (tmp_path / "sessions").rglob("*.parquet")
    last.write_bytes(last.read_bytes()[:40])
    assert analyse_into(str(RECORDING), str(tmp_path), "v1", known).word == DONE
    assert len(table(tmp_path, "reps")) == len(set(map(str, table(tmp_path, "reps"))))


def test_places_may_be_anywhere(known):
    files = fsspec.filesystem("memory")
    files.pipe_file("/in/a/set.mcap", RECORDING.read_bytes())
    files.pipe_file("/in/growing.part.mcap", b"x")
    files.pipe_file("/in/other.txt", b"x")
    (url,) = recordings_in(["memory://in"])
    assert url == "memory:///in/a/set.mcap"
    assert analyse_into(url, "memory://out", "v1", known).word == DONE
    assert len(files.find("/out")) == len(TABLES)


def test_a_torn_recording_is_a_row_that_says_so(tmp_path, known):
    torn = tmp_path / "torn.mcap"
    torn.write_bytes(RECORDING.read_bytes()[:300_000])
    outcome = analyse_into(str(torn), str(tmp_path / "out"), "v1", known)
    assert outcome.word == DAMAGED
    (session,) = table(tmp_path / "out", "sessions")
    assert session["damage"] == outcome.reason != ""


def test_what_is_no_recording_is_a_row_with_its_error_and_tried_again(tmp_path, known):
    rubbish = tmp_path / "rubbish.mcap"
    rubbish.write_bytes(b"no recording at all")
    out = tmp_path / "out"
    for _time in range(2):
        outcome = analyse_into(str(rubbish), str(out), "v1", known)
        assert outcome.word == FAILED
        assert "rubbish.mcap" in outcome.reason
    (session,) = table(out, "sessions")
    assert session["error"] == outcome.reason
    assert known.calls == []


@pytest.mark.parametrize(
    ("place", "words"),
    [("/nowhere/at/all", "no recording"), ("nosuch://x", "nosuch"), ("{empty}", "no recording")],
)
def test_a_place_without_recordings_is_one_line(tmp_path, place, words):
    with pytest.raises(EmgmonError, match=words):
        recordings_in([place.format(empty=tmp_path)])


def test_a_data_set_that_cannot_be_written_is_one_line(tmp_path, known):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(EmgmonError, match="cannot be written"):
        analyse_into(str(RECORDING), str(tmp_path / "out"), "v1", known)


def test_a_recording_that_went_is_told_without_a_row(tmp_path, known):
    outcome = analyse_into(str(tmp_path / "gone.mcap"), str(tmp_path / "out"), "v1", known)
    assert outcome.word == FAILED
    assert "cannot be read" in outcome.reason
    assert not (tmp_path / "out").exists()
    assert issubclass(RecordingError, EmgmonError)
