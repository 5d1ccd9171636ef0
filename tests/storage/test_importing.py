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


def test_sets_of_the_map_are_marks_in_the_files_own_time(tmp_path):
    sets = "[[set]]\nexercise = 'walking'\nstart_s = 5.05\nstop_s = 5.15\n[[set]]\nstart_s = 5.2\nstop_s = 5.3\n"
    entries, _told = brought_in(tmp_path, table_text(), sets + MAP)
    marks = [(e.kind, e.host_ns / 1e9 - 1.0) for e in entries if isinstance(e, Mark) and e.kind.startswith("set")]
    assert [kind for kind, _s in marks] == ["set_start", "set_stop", "set_start", "set_stop"]
    assert [time_s for _kind, time_s in marks] == pytest.approx([0.05, 0.15, 0.2, 0.3])
    assert [e.data["id"] for e in entries if isinstance(e, Mark) and e.kind == "exercise"] == ["walking", "recording"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[set]]\nstart_s = 1\nstop_s = 2", "lies outside the file, which has 5 to 5.4 s"),
        ("[[set]]\nstart_s = 2\nstop_s = 1", "needed are two times in s, rising"),
        (
            "[[set]]\nstart_s = 5.1\nstop_s = 5.2\n[[set]]\nstart_s = 5.15\nstop_s = 5.3",
            "before the end of the set before",
        ),
        ("[[set]]\nfrom = 1", "unknown key 'from'"),
        ("[imu.a]\nacc = ['x']", "three channels, x y z"),
        ("[imu.a]\nacc = ['GM', 'BF', 'note']", "unit 'uV' of GM; say acc_unit"),
        ("[imu.a]", "no stream 'a' in x.csv"),
        ("[file]\nkeep_repeated = 1", "allowed is true or false"),
        ("[file]\ndelimiter = ';;'", "allowed is one letter"),
        ("[file]\nstream = 'emg'", "has no stream 'emg'"),
    ],
)
def test_mistakes_in_what_a_map_asks_for_are_named(tmp_path, text, words):
    with pytest.raises(ImportFailed) as raised:
        brought_in(tmp_path, table_text(), f"{text}\n{MAP}")
    assert words in str(raised.value)


def streams_file(path):
    rng = np.random.default_rng(1)
    time_s = np.arange(4000) / 2000
    np.savez(
        path,
        emg_data=rng.normal(0, 50, (4000, 2)),
        emg_fs=2000,
        emg_names=["GM", "x"],
        emg_units=["uV", "uV"],
        slow_data=rng.normal(0, 50, (2000, 1)),
        slow_fs=1000,
        slow_names=["BF"],
        slow_units=["mV"],
        trunk_data=np.column_stack([np.tile([0.0, 0.0, 9.80665], (200, 1)), np.full((200, 3), np.pi)]),
        trunk_fs=100,
        trunk_names=["acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z"],
        trunk_units=["m/s2"] * 3 + ["rad/s"] * 3,
        watch_data=time_s[:100, None] * [1, 2, 3],
        watch_fs=50,
        watch_names=["acc_x", "acc_y", "acc_z"],
        watch_units=["g"] * 3,
    )
    return path


def test_streams_of_different_rates_and_sensors_share_one_clock(tmp_path):
    text = MAP.replace('unit = "mV"', "") + '[imu.trunk]\nmuscle = "erector_spinae"\nside = "left"\n[imu.watch]\n'
    entries, told = import_file(streams_file(tmp_path / "x.npz"), read_map(text, "m"))
    entries = list(entries)
    assert [e.host_ns for e in entries] == sorted(e.host_ns for e in entries)
    summary = analyse(entries)
    assert {(c.quantity, c.unit, c.fs_hz, str(c.placement)) for c in summary.channels} == {
        ("emg", "uv", 2000.0, "gluteus_maximus/left"),
        ("emg", "uv", 1000.0, "biceps_femoris/left"),
        ("imu", "g,dps", 100.0, "erector_spinae/left"),
        ("acceleration", "g", 50.0, "None"),
    }
    trunk = next(e for e in entries if isinstance(e, Packet) and e.device == "x trunk" and e.port == "0")
    np.testing.assert_allclose(np.frombuffer(trunk.payload, "<f8", 6, 20), [0, 0, 1, 180, 180, 180])
    assert "watch: acceleration without angular velocity is recorded but not analysed yet" in told


def test_a_name_in_two_streams_must_be_told_apart(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, a_data=np.ones((9, 1)), a_fs=500, a_names=["GM"], b_data=np.ones((9, 1)), b_fs=500, b_names=["GM"])
    text = '[channels.{}]\nmuscle = "soleus"\nside = "left"\n'
    with pytest.raises(ImportFailed, match="stands in the streams 'a', 'b'"):
        import_file(path, read_map(text.format("GM"), "m"))
    import_file(path, read_map(text.format('"b:GM"'), "m"))
    import_file(path, read_map("[file]\nstream = 'a'\n" + text.format("GM"), "m"))


def test_an_unknown_muscle_is_kept_and_not_analysed(tmp_path):
    entries, told = brought_in(tmp_path, table_text(), MAP.replace("biceps_femoris", "unknown"))
    summary = analyse(entries)
    assert {str(c.placement): c.samples for c in summary.channels} == {"gluteus_maximus/left": 400, "None": 400}
    assert "BF: muscle or side unknown; recorded but not analysed" in told
