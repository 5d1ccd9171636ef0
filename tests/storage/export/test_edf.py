"""EDF+ and BDF+ as edfio and EDFlib read them."""

import math
from datetime import date

import numpy as np
import pytest

from emgmon.storage.export.edf import EDF, Grid, physical_range
from emgmon.storage.export.happenings import happenings

edfio = pytest.importorskip("edfio")
pyedflib = pytest.importorskip("pyedflib")

pytestmark = pytest.mark.slow  # whole sessions

READ = {"edf": edfio.read_edf, "bdf": edfio.read_bdf}


def columns(signals):
    return [(signal, at) for signal in signals.signals for at in range(len(signal.channels))]


def steps(name, signal, at):
    peak = float(physical_range(signal)[at])
    return peak / (EDF.most if name == "edf" else (1 << 23) - 1)


@pytest.mark.parametrize("name", ["edf", "bdf"])
def test_numbers_are_the_same_within_half_a_step(name, lossy, written):
    path, _told = written(lossy, name)
    file = READ[name](path)
    for got, (signal, at) in zip(file.signals, columns(lossy), strict=True):
        grid = Grid(signal, got.sampling_frequency)
        expected = grid.rows(0, len(got.data))[:, at]
        there = np.isfinite(expected)
        assert there.mean() > 0.5 or signal.kind == "angle"
        assert np.abs(got.data[there] - expected[there]).max() <= 0.501 * steps(name, signal, at)
        assert np.abs(got.data[~there]).max(initial=0.0) < 1e-6
        assert got.label == signal.channels[at].label
        assert got.physical_dimension == signal.channels[at].unit


def test_samples_lie_at_their_times(clean, written):
    """A raw sample is found at its session time, to half a sample."""
    path, _told = written(clean, "bdf")
    file = edfio.read_bdf(path)
    emg = next(signal for signal in clean.signals if signal.name == "EMG-GL_emg")
    data = file.get_signal("EMG GL").data
    assert file.get_signal("EMG GL").sampling_frequency == 1000
    for row in range(100, len(emg.samples), 977):
        slot = round(emg.time_s(row, row + 1)[0] * 1000)
        assert np.abs(data[slot - 1 : slot + 2] - emg.samples[row, 0]).min() < 1e-3


def test_marks_and_reps_are_annotations_at_their_times(lossy, written):
    path, _told = written(lossy, "edf")
    said = [(a.onset, a.duration or 0.0, a.text) for a in edfio.read_edf(path).annotations]
    for item in happenings(lossy):
        assert any(
            math.isclose(onset, item.onset_s, abs_tol=2e-6)
            and math.isclose(length, item.duration_s, abs_tol=2e-6)
            and text == item.text
            for onset, length, text in said
        )
    assert any(text == "set 1 rep 1 hold" for _onset, _length, text in said)


def test_gaps_are_0_and_annotated(lossy_raw, written):
    path, told = written(lossy_raw, "edf")
    file = edfio.read_edf(path)
    lost = [a for a in file.annotations if a.text == "lost EMG HL"]
    signal = next(signal for signal in lossy_raw.signals if signal.name == "EMG-HL_emg")
    ((start_s, length_s),) = signal.gaps()
    inside = [a for a in lost if a.onset == pytest.approx(start_s, abs=1e-5)]
    assert [a.duration for a in inside] == [pytest.approx(length_s, abs=1e-5)]
    data = file.get_signal("EMG HL").data
    assert not data[math.ceil(start_s * 1000) + 1 : int((start_s + length_s) * 1000) - 1].any()
    assert lost == inside
    before = next(a for a in file.annotations if a.text == "not recorded EMG HL")
    assert (before.onset, before.duration) == (0.0, pytest.approx(signal.start_s, abs=1e-5))
    assert told[0].startswith("lost samples are filled with 0: 2 gaps")


@pytest.mark.parametrize("name", ["edf", "bdf"])
def test_edflib_takes_the_file(name, lossy_raw, written):
    """EDFlib refuses any file whose header or time-keeping is not to the letter."""
    path, _told = written(lossy_raw, name)
    with pyedflib.EdfReader(str(path)) as file:
        assert file.filetype == (pyedflib.FILETYPE_EDFPLUS if name == "edf" else pyedflib.FILETYPE_BDFPLUS)
        assert file.getLabel(0) == "EMG GL"
        assert file.getStartdatetime().isoformat() == "2026-01-02T03:04:05"
        first = READ[name](path).signals[0]
        np.testing.assert_allclose(file.readSignal(0), first.data, atol=1e-6)
        assert "set 1 rep 1" in file.readAnnotations()[2].tolist()


def test_header_says_simulated_and_names_nobody(lossy_raw, written):
    path, _told = written(lossy_raw, "edf")
    file = edfio.read_edf(path)
    assert file.local_patient_identification == "X X X X"
    assert "SIMULATED" in file.local_recording_identification
    assert file.recording.equipment_code.startswith("emgmon")
    assert file.startdate == date(2026, 1, 2)


@pytest.mark.parametrize("peak", [1e-5, 0.000123456, 0.99999, 1.0, 9.99999, 123.4567, 32767.5, 999999.1, 5e6])
def test_range_holds_the_largest_value(peak, clean):
    from dataclasses import replace  # noqa: PLC0415

    (text,) = physical_range(replace(clean.signals[0], samples=np.array([[-peak], [math.nan], [0.0]])))
    assert float(text) >= peak
    assert float(text) <= peak * 1.01 + 1e-5
    assert len(text) <= 7
