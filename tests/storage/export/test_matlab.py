"""MATLAB files as scipy reads them."""

import numpy as np
import pytest
from scipy.io import loadmat

from emgmon.storage.export.happenings import mark_rows, rep_rows

pytestmark = pytest.mark.slow  # whole sessions


def test_everything_is_there(lossy, written):
    path, _told = written(lossy, "mat")
    content = loadmat(path, simplify_cells=True)
    for signal in lossy.signals:
        got = content[signal.name.replace("-", "_")]
        np.testing.assert_array_equal(got["samples"], signal.samples.squeeze())
        assert got["start_s"] == signal.start_s
        assert got["fs_measured_hz"] == signal.fs_measured_hz
        channels = np.atleast_1d(got["channels"])
        assert [channel["unit"] for channel in channels] == [channel.unit for channel in signal.channels]
    assert [mark["time_s"] for mark in content["marks"]] == [row["time_s"] for row in mark_rows(lossy)]
    assert np.atleast_1d(content["reps"])[0]["top_s"] == pytest.approx(rep_rows(lossy)[0]["top_s"])
    assert content["about"]["simulated"] == 1
    assert all(len(name) <= 31 for name in content)
