"""XDF as pyxdf reads it."""

import numpy as np
import pytest

from emgmon.storage.export.happenings import happenings

pyxdf = pytest.importorskip("pyxdf")

pytestmark = pytest.mark.slow  # whole sessions


@pytest.fixture
def loaded(lossy, written):
    path, _told = written(lossy, "xdf")
    return pyxdf.load_xdf(path)


def test_numbers_and_times_are_the_same(loaded, lossy):
    streams, _header = loaded
    assert [stream["info"]["name"][0] for stream in streams] == [*(s.name for s in lossy.signals), "marks"]
    for stream, signal in zip(streams[:-1], lossy.signals, strict=True):
        np.testing.assert_array_equal(stream["time_series"], signal.samples)
        np.testing.assert_allclose(stream["time_stamps"], signal.time_s(0, len(signal.samples)), atol=1e-6)
        assert float(stream["info"]["nominal_srate"][0]) == pytest.approx(signal.fs_hz)
        assert int(stream["footer"]["info"]["sample_count"][0]) == len(signal.samples)


def test_channels_have_labels_and_units(loaded):
    stream = next(s for s in loaded[0] if s["info"]["name"][0] == "EMG-GL_emg")
    (channel,) = stream["info"]["desc"][0]["channels"][0]["channel"]
    assert channel["label"] == ["gluteus_maximus_left"]
    assert channel["unit"] == ["microvolts"]
    assert stream["info"]["type"] == ["EMG"]


def test_marks_and_reps_at_their_times(loaded, lossy):
    marks = loaded[0][-1]
    expected = happenings(lossy)
    np.testing.assert_allclose(marks["time_stamps"], [item.onset_s for item in expected], atol=1e-9)
    assert [row[0].partition(" (")[0] for row in marks["time_series"]] == [item.text for item in expected]


def test_header_says_simulated(loaded):
    streams, header = loaded
    assert header["info"]["simulated"] == ["True"]
    assert streams[0]["info"]["desc"][0]["acquisition"][0]["simulated"] == ["True"]
