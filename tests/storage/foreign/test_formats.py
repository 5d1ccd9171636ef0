"""What each format holds comes back: samples, units, rates, holes, marks."""

import sys
from pathlib import Path

import numpy as np
import pytest

from emgmon.errors import ImportFailed
from emgmon.storage.foreign import Options, read_foreign

sys.path.insert(0, str(Path(__file__).parent))
import conftest as make


def only(path, options=None):
    foreign = read_foreign(path, options)
    (stream,) = foreign.streams
    return stream, foreign


@pytest.mark.parametrize("wide", [False, True])
def test_edf_and_bdf(written, wide):
    foreign = read_foreign(written("x.edf", make.edf_bytes(wide=wide)))
    emg, acc = foreign.streams
    assert (emg.names, emg.units, emg.fs_hz, emg.hints) == (("EMG GMax L",), ("uV",), 200, ("AgAgCl",))
    assert (acc.names, acc.units, acc.fs_hz) == (("acc x",), ("g",), 50)
    top = 8388607 if wide else 32767
    digits = np.concatenate([np.arange(200) + 1000 * k for k in range(3)])
    gain = 1000 / (2 * top + 1)
    np.testing.assert_allclose(emg.samples[:, 0], -500 + gain * (digits + top + 1))
    assert [(mark.time_s, mark.text) for mark in foreign.marks] == [(1.25, "lift")]


def test_a_record_that_is_missing_in_edf_d_is_missing(written):
    emg, acc = read_foreign(written("x.edf", make.edf_bytes(kind="D", starts=(5, 6, 8)))).streams
    assert [int(emg.positions()[k]) for k in (0, 399, 400, 599)] == [0, 399, 600, 799]
    assert int(acc.positions()[-1]) == 199


def test_an_edf_file_that_was_cut_is_read_so_far(written):
    foreign = read_foreign(written("x.edf", make.edf_bytes()[:-100]))
    assert len(foreign.streams[0].samples) == 400
    assert foreign.told == ("the file ends after 2 of 3 records",)


def test_edf_of_another_writer(tmp_path):
    edfio = pytest.importorskip("edfio")
    samples = make.emg(2000)
    signal = edfio.EdfSignal(samples, 1000, label="EMG BF R", physical_dimension="uV")
    edfio.Edf([signal], annotations=[edfio.EdfAnnotation(0.5, None, "höher")]).write(tmp_path / "x.edf")
    stream, foreign = only(tmp_path / "x.edf")
    np.testing.assert_allclose(stream.samples[:, 0], samples, atol=0.02)
    assert [mark.text for mark in foreign.marks] == ["höher"]


@pytest.mark.parametrize("stamped", [True, False])
def test_xdf(written, stamped):
    stream, foreign = only(written("x.xdf", make.xdf_bytes(stamped=stamped)))
    assert (stream.name, stream.names, stream.units) == ("Amp", ("GM", "BF"), ("uV", "uV"))
    assert stream.fs_hz == pytest.approx(100)
    np.testing.assert_array_equal(stream.samples[:, 0], np.arange(1000))
    assert [(mark.time_s, mark.text) for mark in foreign.marks] == [(2.5, "lift")]


def test_xdf_reads_as_pyxdf_reads_it(written):
    pyxdf = pytest.importorskip("pyxdf")
    path = written("x.xdf", make.xdf_bytes(jitter_s=0.004, offsets=[(1000.0, 5.0), (1005.0, 5.0), (1010.0, 5.0)]))
    theirs = next(one for one in pyxdf.load_xdf(str(path))[0] if one["info"]["type"] == ["EMG"])
    stream, _foreign = only(path)
    np.testing.assert_array_equal(stream.samples, theirs["time_series"])
    assert stream.fs_hz == pytest.approx(theirs["info"]["effective_srate"], rel=1e-3)


def test_a_hole_in_a_jittered_xdf_stream_stays_a_hole(written):
    stream, foreign = only(written("x.xdf", make.xdf_bytes(jitter_s=0.004, hole=80)))
    assert int(stream.positions()[-1]) == 1079
    assert any("80 rows are missing" in line for line in foreign.told)


def test_clock_offsets_bring_xdf_streams_together(written):
    offsets = [(1000.0 + k, -400.0 + 0.001 * k) for k in range(0, 20, 5)]
    stream, foreign = only(written("x.xdf", make.xdf_bytes(offsets=offsets)))
    assert stream.fs_hz == pytest.approx(100 / 1.001, rel=1e-6)
    assert foreign.marks[0].time_s == pytest.approx(402.5)


def test_a_wrong_nominal_rate_is_told(written):
    stream, foreign = only(written("x.xdf", make.xdf_bytes(nominal=100, real_hz=93.0)))
    assert stream.fs_hz == pytest.approx(93)
    assert any("says 100 Hz but its times say 93.00 Hz" in line for line in foreign.told)


def test_entities_in_an_xdf_header_are_not_opened(written):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><info><name>&a;</name></info>'
    with pytest.raises(ImportFailed, match="defines entities"):
        read_foreign(written("x.xdf", make.xdf_bytes(xml=bomb)))


@pytest.mark.parametrize("processor", [84, 85, 86])
@pytest.mark.parametrize("floats", [False, True])
def test_c3d(written, processor, floats):
    stream, foreign = only(written("x.c3d", make.c3d_bytes(processor, floats=floats)))
    assert (stream.names, stream.units, stream.fs_hz) == (("GM", "BF"), ("uV", "mV"), 1000)
    np.testing.assert_allclose(stream.samples[:, 0], (np.arange(200) - 10) * 0.5)
    np.testing.assert_allclose(stream.samples[:, 1], -2.0 * np.arange(200))
    assert [(mark.time_s, mark.text) for mark in foreign.marks] == [(62.5, "Left Foot off")]


def test_wav(written):
    stream, _foreign = only(written("x.wav", make.wav_bytes()))
    assert (stream.names, stream.fs_hz) == (("channel1", "channel2"), 8000)
    np.testing.assert_array_equal(stream.samples.reshape(-1), np.trunc(make.emg()))


@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.float32, np.float64])
def test_wav_of_other_codings(tmp_path, kind):
    from scipy.io import wavfile  # noqa: PLC0415

    digits = np.arange(100, dtype=kind)
    wavfile.write(tmp_path / "x.wav", 1000, digits)
    stream, _foreign = only(tmp_path / "x.wav")
    np.testing.assert_array_equal(stream.samples[:, 0], np.arange(100) - (128 if kind is np.uint8 else 0))


def test_opensignals_text(written):
    stream, foreign = only(written("x.txt", make.opensignals_bytes(skip=range(50, 60))))
    assert (stream.names, stream.hints, stream.fs_hz) == (("CH1", "CH2"), ("EMG", "XYZ"), 1000)
    assert int(stream.positions()[-1]) == 199
    np.testing.assert_array_equal(stream.samples[50], [60, 120])
    assert foreign.told == ("00:07: 10 rows are missing by the device's own counter",)


@pytest.mark.parametrize("headings", [True, False])
def test_openbci_log(written, headings):
    stream, foreign = only(written("x.txt", make.openbci_bytes(headings=headings, skip=range(1000, 1010))))
    assert stream.names[:3] == ("EXG Channel 0", "EXG Channel 1", "Accel Channel 0")
    assert stream.units[:3] == ("uV", "uV", "g")
    assert int(stream.positions()[-1]) == 2999
    assert "10 rows are missing by the board's own counter" in foreign.told
    if headings:
        assert stream.fs_hz == pytest.approx(250.5, rel=1e-4)
        assert [mark.text for mark in foreign.marks] == ["marker 1"]
    else:
        assert stream.fs_hz == 250


def test_trigno_discover(written):
    emg, acc = read_foreign(written("x.csv", make.discover_bytes())).streams
    assert emg.names == ("LT BICEPS FEMORIS (80416) EMG 1", "RT GLUTEUS MAX (80417) EMG 1")
    assert (emg.units, emg.fs_hz, acc.fs_hz, len(acc.samples)) == (("mV", "mV"), 1000, 100, 50)


def test_noraxon_like_headings(written):
    rows = "\n".join(f"{k / 1500:.5f},{k},{-k}," + ('"Lift"' if 30 <= k < 60 else "") for k in range(300))
    text = f'Record name,bridge\nFrequency,1500\n\n"time,s","LT GLUT. MAX.,uV","RT BICEPS FEM.,uV",Marker\n{rows}\n'
    stream, foreign = only(written("x.csv", text.encode()))
    assert (stream.names, stream.units) == (("LT GLUT. MAX.", "RT BICEPS FEM."), ("uV", "uV"))
    assert stream.fs_hz == pytest.approx(1500, rel=1e-4)
    assert [(round(mark.time_s, 3), mark.text) for mark in foreign.marks] == [(0.02, "Lift")]


@pytest.mark.parametrize(
    ("text", "names", "units"),
    [
        ("s,uV,uV", ("a", "b"), ("uV", "uV")),
        ("# time,a [mV],b_uv", ("a", "b_uv"), ("mV", "uv")),
        ("time;a (µV);b", ("a", "b"), ("µV", "")),
    ],
)
def test_headings(written, text, names, units):
    mark = ";" if ";" in text else ","
    head = "time,a,b\n" + text if text.startswith("s,") else text
    rows = "\n".join(mark.join([f"{k / 100}", f"{k}", ""]) for k in range(50))
    stream, _foreign = only(written("x.csv", f"{head}\n{rows}\n".encode()))
    assert (stream.names, stream.units) == (names, units)
    assert np.isnan(stream.samples[:, 1]).all()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(written, encoding):
    rows = "\n".join(f"{k / 100};{k};{k}" for k in range(50))
    stream, _foreign = only(written("x.csv", f"time;Gesäß [µV];b\n{rows}\n".encode(encoding)))
    assert stream.names == ("Gesäß", "b")


def test_times_of_day_go_over_midnight(written):
    begin_s = 24 * 3600 - 0.5
    times = [(begin_s + k / 100) % 86400 for k in range(100)]
    rows = "\n".join(f"{int(t // 3600):02d}:{int(t // 60) % 60:02d}:{t % 60:06.3f},{k}" for k, t in enumerate(times))
    stream, _foreign = only(written("x.csv", f"clock,a\n{rows}\n".encode()))
    assert (stream.fs_hz, int(stream.positions()[-1])) == (pytest.approx(100), 99)


def test_a_rate_in_the_preamble_is_found(written):
    rows = "\n".join(map(str, range(100)))
    assert only(written("x.txt", f"# Sampling Rate (Hz):= 800.0\n# Labels:= EMG\n{rows}\n".encode()))[0].fs_hz == 800


def test_hdf5_of_opensignals(written):
    stream, foreign = only(written("x.h5", make.hdf5_bytes()))
    assert (stream.names, stream.hints, stream.fs_hz) == (("A1", "A2"), ("EMG", "EMG"), 1000)
    np.testing.assert_array_equal(stream.samples[:, 1], 2 * np.arange(500))
    assert int(stream.positions()[-1]) == 529
    assert foreign.told == ("00:07: 30 rows are missing by the device's own counter",)


def test_mat(written):
    stream, _foreign = only(written("x.mat", make.mat_bytes()))
    assert (stream.names, stream.fs_hz) == (("GM", "BF"), 1000)
    np.testing.assert_array_equal(stream.samples[:, 0], make.emg())


def test_parquet(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet  # noqa: PLC0415

    table = arrow.table({"time": np.arange(200) / 500, "GM [mV]": np.arange(200.0), "label": ["x"] * 200})
    parquet.write_table(table, tmp_path / "x.parquet")
    stream, _foreign = only(tmp_path / "x.parquet")
    assert (stream.names, stream.units, stream.fs_hz) == (("GM",), ("mV",), pytest.approx(500))


def test_npy_takes_the_longer_side_as_time(written):
    stream, _foreign = only(written("x.npy", make.npy_bytes()), Options(rate_hz=500.0))
    assert (stream.samples.shape, stream.fs_hz) == ((500, 2), 500)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("x.pkl", "never opened because it can run a program"),
        ("x.mcap", "emgmon analyse reads it"),
        ("x.rds", "write.csv"),
        ("x.qqq", "no reader for .qqq"),
    ],
)
def test_what_is_not_read_says_why(written, name, words):
    with pytest.raises(ImportFailed, match=words):
        read_foreign(written(name, b"\x80\x04abc"))


def test_a_reader_that_breaks_down_gives_one_line(written, monkeypatch):
    from emgmon.storage.foreign import isolated  # noqa: PLC0415

    monkeypatch.setattr(isolated, "LIMIT_S", 0.01)
    with pytest.raises(ImportFailed, match="could not be read in 0 s"):
        read_foreign(written("x.h5", make.hdf5_bytes()))


def test_numbers_that_cannot_be_are_missing(tmp_path):
    samples = make.emg()[:, None].copy()
    samples[[3, 5], 0] = 1e300, np.inf
    np.savez(tmp_path / "x.npz", emg_data=samples, emg_fs=500)
    stream, foreign = only(tmp_path / "x.npz")
    assert np.flatnonzero(np.isnan(stream.samples[:, 0])).tolist() == [3, 5]
    assert foreign.told == ("emg: numbers beyond ±1e+15 are taken as missing",)


def test_a_number_too_many_is_refused_before_it_is_read(written, monkeypatch):
    from emgmon.storage.foreign import base  # noqa: PLC0415

    monkeypatch.setattr(base, "MAX_VALUES", 100)
    for name in ("x.csv", "x.edf", "x.wav", "x.xdf", "x.c3d"):
        with pytest.raises(ImportFailed, match="more than can be imported"):
            read_foreign(written(name, make.SMALL[name]()))
