"""The table of published groups agrees with itself, and says what may not be used."""

import math

import pytest

from emgmon.errors import CatalogueError
from emgmon.exercise.reference_bands import Spread, bands_of, packaged_bands, parse_bands

BANDS = packaged_bands()
NAMES = [f"{band.id}-{band.phase}" for band in BANDS]
NOT_SCORED = {"lateral_band_walk", "clam", "side_plank", "plank", "dead_bug", "push_up", "single_leg_balance"}


@pytest.mark.parametrize("band", BANDS, ids=NAMES)
def test_indices_follow_from_the_muscles(band):
    """Log-normal and independent: mean ln m − s²/2 with s² = ln(1 + CV²), spreads of sums from variances."""
    variance = {name: math.log(1 + group.variation**2) for name, group in band.muscles.items()}
    mean = {name: math.log(group.mean_percent) - variance[name] / 2 for name, group in band.muscles.items()}
    expected = {
        "sdi": ((mean["H"] + mean["E"]) / 2 - mean["G"], variance["G"] + (variance["H"] + variance["E"]) / 4),
        "log_ratio_h": (mean["H"] - mean["G"], variance["H"] + variance["G"]),
        "log_ratio_e": (mean["E"] - mean["G"], variance["E"] + variance["G"]),
    }
    assert set(band.indices) == (set() if band.id in NOT_SCORED else set(expected))
    for name, found in band.indices.items():
        assert found.mean == pytest.approx(expected[name][0], abs=0.0061)
        assert found.spread == pytest.approx(math.sqrt(expected[name][1]), abs=0.0061)


def test_every_row_is_there_once_and_says_where_it_comes_from():
    assert len(set(NAMES)) == len(NAMES) == 25
    assert all(band.source and band.evidence and band.n >= 0 for band in BANDS)
    pairs = [(exercise, band.phase) for band in BANDS for exercise in band.exercises]
    assert len(set(pairs)) == len(pairs)


def test_no_row_is_better_known_than_it_says():
    assert {band.grade for band in BANDS} == {"B", "C"}
    assert not any(band.usable for band in BANDS if band.grade == "C" or band.id in NOT_SCORED)
    for band in BANDS:
        if "guessed" in band.evidence and band.id not in NOT_SCORED:
            assert band.grade == "C"


def test_variants_of_an_exercise_are_kept_apart():
    assert [band.phase for band in bands_of("deadlift_conv")] == ["con", "ecc"]
    (bent,) = bands_of("bridge_1leg_k135")
    assert bent.knee_deg == 135
    assert bent.one_leg
    assert bands_of("bridge_1leg") == ()


def test_a_band_as_factors():
    low, high = Spread(0.0, math.log(2)).range()
    assert (low, high) == pytest.approx((0.5, 2.0))
    assert Spread(0.0, math.log(2)).range(2.0) == pytest.approx((0.25, 4.0))


ROW = """[[band]]
id = "x"
exercises = ["x"]
phase = "act"
family = "bridge"
G = [25, 0.5]
D = [25, 0.5]
H = [25, 0.5]
E = [25, 0.5]
grade = "B"
n = 3
source = "s"
evidence = "e"
"""


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('grade = "B"', 'grade = "D"', "grade"),
        ('phase = "act"', 'phase = "up"', "phase"),
        ("G = [25, 0.5]", "G = [25]", "G"),
        ("G = [25, 0.5]", "G = [-25, 0.5]", "G"),
        ("G = [25, 0.5]", "", "'G' is missing"),
        ("n = 3", "n = 3\nm = 4", "unknown key 'm'"),
        ("n = 3", "n = ", "not valid TOML"),
        ("n = 3", "n = 3\nsdi = [0.1, 0.0]", "sdi"),
    ],
)
def test_a_table_that_does_not_fit_names_the_row_and_the_key(old, new, named):
    assert len(parse_bands(ROW, "own.toml")) == 1
    with pytest.raises(CatalogueError, match=r"own\.toml") as error:
        parse_bands(ROW.replace(old, new), "own.toml")
    assert named in str(error.value)
