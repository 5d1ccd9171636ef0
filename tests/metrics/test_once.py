"""What several metrics read is computed once, and a phase's part of it is what the phase alone would give."""

import numpy as np
import pytest

from emgmon.dsp.envelope import moving_rms
from emgmon.metrics.base import once
from emgmon.metrics.envelopes import HALF_HOPS, PEAK_HOPS, envelope, peak
from emgmon.model import Placement

GL = Placement("gluteus_maximus", "left")


def course(time_s):
    return 40.0 + 30.0 * np.sin(3.0 * time_s) + np.random.default_rng(4).random(len(time_s))


def test_once_for_each_rep_and_each_argument(make):
    asked = []

    @once
    def number(signals, place, phase):  # noqa: ARG001
        asked.append(phase)
        return len(asked)

    one, other = make({"GL": 50.0}), make({"GL": 50.0})
    found = [number(rep, GL, phase) for rep, phase in ((one, "con"), (one, "con"), (one, "ecc"), (other, "con"))]
    assert found == [1, 1, 2, 3]
    assert asked == ["con", "ecc", "con"]


@pytest.mark.parametrize("phase", ["con", "hold", "ecc", "act"])
def test_a_phase_alone_gives_the_same(make, phase):
    signals = make({"GL": course}, noise=3.0)
    rows, power = signals.channels[GL].part(phase).rows, signals.series[GL].power
    around = power[rows.start - HALF_HOPS : rows.stop + HALF_HOPS]
    assert np.array_equal(envelope(signals.channels[GL], phase), moving_rms(around, 2 * HALF_HOPS + 1, 3.0) / 100.0)
    assert peak(signals.channels[GL], phase).value == moving_rms(power[rows], PEAK_HOPS, 3.0).max() / 100.0


def test_a_hole_in_another_phase_changes_nothing(make):
    whole, holed = make({"GL": course}), make({"GL": course})
    rows = holed.channels[GL].rows()["hold"]
    holed.series[GL].power[rows.start + 50 : rows.start + 60] = np.nan
    assert np.array_equal(envelope(holed.channels[GL], "con"), envelope(whole.channels[GL], "con"))
    assert peak(holed.channels[GL], "ecc") == peak(whole.channels[GL], "ecc")
    assert not np.array_equal(envelope(holed.channels[GL], "hold"), envelope(whole.channels[GL], "hold"))
