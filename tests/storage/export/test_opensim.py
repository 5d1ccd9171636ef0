"""OpenSim tables: header, degrees, a number in every cell."""

from dataclasses import replace

import numpy as np
import pytest

from emgmon.errors import ExportFailed

pytestmark = pytest.mark.slow  # whole sessions


@pytest.mark.parametrize("name", ["sto", "mot"])
def test_the_angle_is_there_in_degrees(name, clean, written):
    path, told = written(clean, name)
    head, _, rest = path.read_text("ascii").partition("endheader\n")
    assert "inDegrees=yes" in head
    assert "simulated" in head.splitlines()[0]
    names, *lines = rest.splitlines()
    assert names == "time\tsegment_excursion"
    table = np.array([[float(cell) for cell in line.split("\t")] for line in lines])
    angle = next(signal for signal in clean.signals if signal.kind == "angle")
    there = np.isfinite(angle.samples[:, 0])
    np.testing.assert_allclose(table[:, 1], angle.samples[there, 0], atol=6e-7)
    np.testing.assert_allclose(table[:, 0], angle.time_s(0, len(there))[there], atol=6e-7)
    assert (np.diff(table[:, 0]) > 0).all()
    assert "left out" in told[0]
    if name == "mot":
        assert f"nRows={len(table)}" in head


def test_without_an_angle_it_says_so(clean, written):
    with pytest.raises(ExportFailed, match="no motion sensor"):
        written(replace(clean, signals=clean.signals[:1]), "sto")
