"""Levels, peaks, areas and rectified means of known courses."""

import math

import numpy as np
import pytest

from emgmon.metrics.amplitude import arv, ecc_con, integral, ln_ratio, peak
from emgmon.metrics.base import Level

GL = "gluteus_maximus/left"


def one(values, phase, where=GL):
    (found,) = [value for value in values if (value.phase, value.where) == (phase, where)]
    return found


def test_a_steady_level_has_its_own_peak_and_its_area(make):
    signals = make({"GL": 40, "HL": 20, "EL": 10})
    assert one(peak(signals), "hold").value == pytest.approx(0.4)
    area = one(integral(signals), "hold")
    assert area.value == pytest.approx(0.8)
    assert area.unit == "ref·s"
    assert one(integral(signals), "act").value == pytest.approx(1.6)
    without = make({"GL": 40}, references=None)
    assert one(integral(without), "hold").value == pytest.approx(80.0)
    assert one(integral(without), "hold").unit == "uv·s"


def test_a_peak_is_that_of_half_a_second_inside_the_phase(make):
    signals = make({"GL": lambda t: np.where((t > 2.5) & (t < 3.0), 80.0, 20.0)})
    assert one(peak(signals), "hold").value == pytest.approx(0.8)
    assert one(peak(signals), "con").value == pytest.approx(0.2)
    short = make({"GL": lambda t: np.where((t > 2.5) & (t < 2.75), 80.0, 0.0)})
    assert one(peak(short), "hold").value == pytest.approx(0.8 * math.sqrt(0.5), rel=1e-3)


def test_the_area_of_a_ramp(make):
    found = one(integral(make({"GL": lambda t: 50.0 * np.clip(t - 1.0, 0, 4)})), "act")
    assert found.value == pytest.approx(4.0, rel=0.01)


def test_below_the_limit_of_detection_an_area_is_a_bound(make):
    found = one(integral(make({"GL": 1.0, "HL": 50, "EL": 50}, noise=4.0)), "hold")
    assert found.flag == "<="
    assert found.value == pytest.approx(2.0 * 0.06 / math.sqrt(2))


def test_the_rectified_mean_of_gaussian_noise_is_its_level_and_forgives_a_spike(make, noise_of):
    stretch = noise_of(40.0)
    found = one(arv(make({"GL": 40}, filtered={"GL": stretch})), "act")
    assert found.value == pytest.approx(0.4, rel=0.02)
    spiked = stretch._replace(samples=stretch.samples + 3000.0 * (np.arange(6000) == 3000))
    assert one(arv(make({"GL": 40}, filtered={"GL": spiked})), "act").value == pytest.approx(0.41, rel=0.03)


def test_the_rectified_mean_subtracts_noise_and_refuses_lost_signal(make, noise_of):
    stretch = noise_of(math.hypot(40.0, 20.0))
    found = one(arv(make({"GL": 40}, noise=20.0, filtered={"GL": stretch})), "act")
    assert found.value == pytest.approx(0.4, rel=0.04)
    holed = stretch._replace(samples=np.where(stretch.time_s % 1 < 0.2, np.nan, stretch.samples))
    assert one(arv(make({"GL": 40}, filtered={"GL": holed})), "act").flag == "signal lost"
    assert arv(make({"GL": 40})) == []


def test_lowering_against_lift_needs_no_reference(make):
    course = {"GL": lambda t: np.where(t < 2.0, 60.0, 30.0)}
    with_reference, without = (ecc_con(make(course, references=level)) for level in (100.0, None))
    assert one(with_reference, "act").value == pytest.approx(-math.log(2))
    assert one(without, "act").value == pytest.approx(-math.log(2))
    assert ecc_con(make(course, phases=("act",))) == []


@pytest.mark.parametrize(
    ("above", "below", "value", "flag"),
    [
        (Level(2.0), Level(1.0), math.log(2), ""),
        (Level(2.0, "<="), Level(1.0), math.log(2), "<="),
        (Level(2.0), Level(1.0, "<="), math.log(2), ">="),
        (Level(2.0, "<="), Level(1.0, ">="), math.log(2), "<="),
        (Level(2.0, "<="), Level(1.0, "<="), math.log(2), "~"),
        (Level(math.nan, "signal lost"), Level(1.0), math.nan, "signal lost"),
        (Level(1.0), Level(math.inf), math.nan, "signal lost"),
        (Level(1.0), Level(0.0), math.nan, "no activity above the noise"),
    ],
)
def test_a_ratio_carries_bounds_and_reasons(above, below, value, flag):
    found = ln_ratio(above, below)
    assert found.flag == flag
    assert found.value == pytest.approx(value, nan_ok=True)
