"""Foreign files: what they say is kept, what they do not say is asked for, what is wrong is named."""

import numpy as np
import pytest

from emgmon.errors import ImportFailed
from emgmon.model import Mark, Packet
from emgmon.runner import analyse
from emgmon.storage.foreign import read_foreign
from emgmon.storage.importing import import_file, read_map

MAP = """
[session]
exercise = "recording"

[channels.GM]
muscle = "gluteus_maximus"
side = "left"

[channels.BF]
muscle = "biceps_femoris"
side = "left"
unit = "mV"
"""


def table_text(delimiter=",", decimal=".", rows=400, header="Time (s),GM [uV],BF,note", step=0.001, skip=()):
    lines = [header.replace(",", delimiter)]
    for k in range(rows):
        if k not in skip:
            cells = [f"{5 + k * step:.4f}", f"{k * 0.5:.2f}", f"{k * 0.001:.4f}", "1"]
            lines.append(delimiter.join(cells).replace(".", decimal))
    return "\n".join(lines) + "\n"


def brought_in(tmp_path, text, map_text=MAP, name="x.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    entries, told = import_file(path, read_map(map_text, "map.toml"))
    return list(entries), told


@pytest.mark.parametrize(("delimiter", "decimal"), [(",", "."), (";", "."), (";", ","), ("\t", ".")])
def test_tables_of_any_delimiter(tmp_path, delimiter, decimal):
    entries, told = brought_in(tmp_path, table_text(delimiter, decimal))
    summary = analyse(entries)
    assert [(str(c.placement), c.unit, c.samples, c.lost) for c in summary.channels] == [
        ("gluteus_maximus/left", "uv", 400, 0),
        ("biceps_femoris/left", "uv", 400, 0),
    ]
    assert summary.channels[0].fs_hz == pytest.approx(1000)
    assert told == ["left out, as the map does not name them: note"]


def test_units_are_brought_to_microvolt_and_samples_kept(tmp_path):
    entries, _told = brought_in(tmp_path, table_text())
    data = [
        np.frombuffer(e.payload, "<f8", offset=20).reshape(-1, 2)
        for e in entries
        if isinstance(e, Packet) and e.port == "0"
    ]
    samples = np.concatenate(data)
    np.testing.assert_allclose(samples[:, 0], np.arange(400) * 0.5)
    np.testing.assert_allclose(samples[:, 1], np.arange(400) * 1.0)


def test_an_unknown_unit_stays_unknown_and_is_said(tmp_path):
    entries, told = brought_in(tmp_path, table_text(), MAP.replace('unit = "mV"', 'unit = "counts"'))
    assert "BF: unit unknown, kept as a.u." in told
    assert {c.unit for c in analyse(entries).channels} == {"uv", "a.u."}


def test_missing_rows_are_missing_samples(tmp_path):
    entries, told = brought_in(tmp_path, table_text(skip=range(100, 130)))
    assert "30 rows are missing by the file's own times" in told
    assert [c.lost for c in analyse(entries).channels] == [30, 30]


def test_a_nominal_rate_that_the_times_refute_is_told(tmp_path):
    _entries, told = brought_in(tmp_path, table_text(), "[file]\nrate_hz = 500\n" + MAP)
    assert any("says 500 Hz but its times say 1000.00 Hz" in line for line in told)


def test_the_set_covers_the_file(tmp_path):
    entries, _told = brought_in(tmp_path, table_text())
    marks = [e.kind for e in entries if isinstance(e, Mark)]
    assert marks == ["session", "exercise", "device", "connected", "set_start", "set_stop"]
    (done,) = analyse(entries).sets
    assert done.reps[0].rep.end_s == pytest.approx(0.4, abs=0.05)


@pytest.mark.parametrize(
    ("text", "map_text", "words"),
    [
        ("", MAP, "the file is empty"),
        ("hello\nworld\n", MAP, "no row of numbers"),
        ("1,2\n3,4\n", MAP.replace("GM", "column1").replace("BF", "column2"), "no times and no rate"),
        (table_text().replace("\n5.0010", "\n4.0010"), MAP, "times do not rise at row"),
        (table_text(header="Time (s),GM,GM,note"), MAP, "same name"),
        (table_text() + "1,2\n", MAP, "instead of 4 columns"),
        (table_text(), MAP.replace("BF", "XX"), "no column 'XX' in x.csv; columns are GM, BF, note"),
        (table_text(), MAP.replace("biceps_femoris", "gluteus_maximus"), "more than one column"),
        (table_text(step=5.0), MAP, "is the unit seconds?"),
        (table_text(), '[file]\ntime = "clock"\n' + MAP, "no column 'clock' for the times"),
    ],
)
def test_what_does_not_fit_is_named_in_one_line(tmp_path, text, map_text, words):
    with pytest.raises(ImportFailed) as raised:
        brought_in(tmp_path, text, map_text)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("map_text", "words"),
    [
        ("[channels", "not valid TOML"),
        ("", "no [channels.NAME] table"),
        ("channels = 3", "channels must be a table"),
        ("[chanels.GM]\n", "unknown table 'chanels'; known are file, session, channels"),
        ("[channels.GM]\nmuscle = 'glute'\nside = 'left'", "muscle = 'glute'; allowed is gluteus_maximus"),
        ("[channels.GM]\nmuscle = 'soleus'\nside = 'up'", "side = 'up'; allowed is left, right, midline"),
        ("[session]\nexercise = 'jump'\n[channels.GM]\nmuscle='soleus'\nside='left'", "exercise 'jump' is unknown"),
        ("[file]\nrate_hz = -1\n[channels.GM]\nmuscle='soleus'\nside='left'", "rate_hz = -1; allowed is 1 to 100000"),
    ],
)
def test_mistakes_in_a_map_are_named(map_text, words):
    with pytest.raises(ImportFailed) as raised:
        read_map(map_text, "map.toml")
    assert words in str(raised.value)


def test_pickles_are_never_opened(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, emg_data=np.array([object()], dtype=object))
    with pytest.raises(ImportFailed, match="not a readable"):
        read_foreign(path)


def test_an_archive_that_unpacks_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("emgmon.storage.foreign.arrays.MAX_BYTES", 10_000)
    path = tmp_path / "x.npz"
    np.savez_compressed(path, emg_data=np.zeros((1000, 10)))
    with pytest.raises(ImportFailed, match="more than can be imported"):
        read_foreign(path)


@pytest.mark.parametrize("name", ["x.xlsx", "x"])
def test_other_kinds_are_refused_with_what_is_readable(tmp_path, name):
    with pytest.raises(ImportFailed, match=r"readable are \.csv"):
        brought_in(tmp_path, "abc", name=name)
