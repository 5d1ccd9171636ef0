import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from emgmon.dsp import verdict_names as names
from emgmon.dsp.device_class import device_class, upper_edge_hz
from emgmon.dsp.quality import MASKING, RED, REMEDIES
from emgmon.dsp.quality_settings import QualitySettings
from emgmon.pipeline.chain import Chain

FS = 1000.0
RNG_SEED = 11


def rest_and_activity(seconds=20):
    """2 µV of noise, and an activity of 100 µV from 8 to 12 s."""
    rng = np.random.default_rng(RNG_SEED)
    samples = 2.0 * rng.standard_normal(seconds * 1000)
    spectrum = np.fft.rfft(rng.standard_normal(4000))
    frequency = np.fft.rfftfreq(4000, 1 / FS)
    muscle = np.fft.irfft(spectrum * frequency**2 / (frequency**2 + 30.0**2) / (1 + (frequency / 120) ** 2), 4000)
    samples[8000:12000] += 100.0 * muscle / muscle.std()
    return samples


def seen(samples, noise=math.nan, unit="uv", fs_hz=FS):
    chain = Chain(fs_hz, unit)
    chain.quality.noise = noise
    return [item.verdict for item in chain(samples)[1]]


def clipped():
    return np.clip(rest_and_activity(), -120.0, 120.0)


def flat():
    samples = rest_and_activity()
    samples[5000:7000] = 3.0
    return samples


def loose():
    samples = rest_and_activity()
    samples[5000:7000] = 400 * np.sin(2 * np.pi * 50 * np.arange(2000) / FS)
    return samples


def moved():
    samples = rest_and_activity()
    samples[8000:12000] += 400 * np.sin(2 * np.pi * 4 * np.arange(4000) / FS)
    return samples


def dropped():
    samples = rest_and_activity()
    samples[5000:5100] = np.nan
    return samples


def humming():
    return rest_and_activity() + 30 * np.sin(2 * np.pi * 50 * np.arange(20_000) / FS)


def thrown():
    samples = rest_and_activity()
    samples[5000:] += 3000.0
    return samples


def crackling():
    samples = rest_and_activity()
    samples[8000:12000:37] += 900.0
    return samples


@pytest.mark.parametrize(
    ("make", "code", "state"),
    [
        (clipped, "CLIP", 2),
        (flat, "FLAT", 2),
        (loose, "LEAD", 2),
        (moved, "MAR", 2),
        (dropped, "DROP", 2),
        (humming, "PLI", 1),
        (thrown, "LEAD", 2),
        (crackling, "NORM", 2),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_each_fault_is_named(make, code, state):
    found = {(verdict.code, verdict.level) for verdict in seen(make())}
    assert (code, state) in found
    assert any(verdict.mask for verdict in seen(make())) == (code in MASKING)


def test_a_good_channel_has_no_flag():
    assert {verdict.code for verdict in seen(rest_and_activity(), noise=2.0)} == {""}


@pytest.mark.parametrize(("noise", "level"), [(4.0, 0), (7.0, 1), (12.0, 2)])
def test_noise_is_judged_in_microvolt(noise, level):
    assert seen(rest_and_activity(), noise=noise)[-1].level == level


def test_a_state_lasts_a_second_after_its_cause():
    verdicts = seen(flat())
    red = [k for k, verdict in enumerate(verdicts) if verdict.level == RED]
    masked = [k for k, verdict in enumerate(verdicts) if verdict.mask]
    assert red[-1] - masked[-1] == 3
    assert red == list(range(red[0], red[-1] + 1))


@pytest.mark.parametrize(("reference", "level"), [(100.0, 0), (10.0, 1), (3.5, 2)])
def test_a_reference_must_stand_out_of_the_noise(reference, level):
    chain = Chain(FS, "a.u.")
    chain.quality.noise, chain.quality.reference = 2.0, reference
    chain.quality.settings = QualitySettings(noise_ref=(9.0, 9.0))
    judged = chain(rest_and_activity())[1]
    assert (judged[-1].verdict.code, judged[-1].verdict.level) == ("SNR" if level else "", level)


@pytest.mark.parametrize(
    ("code", "what", "value", "level"),
    [
        ("XTALK", "crosstalk", 0.2, 0),
        ("XTALK", "crosstalk", 0.4, 1),
        ("XTALK", "crosstalk", 0.7, 2),
        ("SITE", "misplaced", 1, 1),
        ("SITE", "misplaced", 2, 2),
        ("SITE", "misplaced", 5, 2),
    ],
)
def test_what_is_told_from_outside_is_judged(code, what, value, level):
    chain = Chain(FS, "uv")
    setattr(chain.quality, what, value)
    verdict = chain(rest_and_activity())[1][-1].verdict
    assert (verdict.code, verdict.level, verdict.mask) == (code if level else "", level, False)


@pytest.mark.parametrize(("reference", "level"), [(2000.0, 0), (500.0, 1), (100.0, 1)])
def test_hum_of_an_unknown_scale_is_judged_against_the_reference(reference, level):
    """21 units of hum at rest: 1, 4 and 21 % of the reference; what the canceller takes out is amber at most."""
    chain = Chain(FS, "a.u.")
    chain.quality.reference = reference
    last = chain(humming())[1][-1].verdict
    assert (last.code, last.level) == ("PLI" if level else "", level)


def test_a_slow_drift_is_no_lost_contact():
    drift = 20_000.0 * np.sin(2 * np.pi * 0.1 * np.arange(20_000) / FS)
    assert {verdict.code for verdict in seen(rest_and_activity() + drift)} <= {"", "MAR"}


def test_full_scale_tells_what_is_cut_off_where_it_is_known():
    samples = rest_and_activity()
    quiet = Chain(FS, "uv")
    quiet.quality.full_scale = 1.02 * float(np.abs(samples).max())
    samples[9000:9100:20] = quiet.quality.full_scale  # too few for a pile
    assert "CLIP" in {item.verdict.code for item in quiet(samples)[1]}
    assert "CLIP" not in {verdict.code for verdict in seen(samples)}


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_at_200_hz_what_is_cut_off_is_found_and_what_is_not_is_not(bits):
    """Runs hardly occur at this rate: each sample is nearly independent of the one before."""
    for seed in range(5):
        samples = np.random.default_rng(seed).normal(0.0, 100.0, 12_000)
        step = 500.0 / 2 ** (bits - 1)
        whole = [item.verdict.code for item in Chain(200.0, "uv")(np.round(samples / step) * step)[1]]
        cut = [item.verdict.code for item in Chain(200.0, "uv")(np.round(np.clip(samples, -120, 120) / step) * step)[1]]
        assert "CLIP" not in whole
        assert cut[20:].count("CLIP") == len(cut[20:])


def test_an_envelope_is_not_cut_off_where_its_values_are_held():
    held = np.repeat(np.abs(np.random.default_rng(0).normal(300.0, 100.0, 2000)).round(), 4)
    assert "CLIP" not in {item.verdict.code for item in Chain(100.0, "a.u.", raw=False)(held)[1]}


def test_what_is_always_below_20_hz_is_no_motion_at_the_edges_of_a_burst():
    """As a heart is, in a sensor of little band: at the edges of the window's taper a burst hardly counts."""
    for first in range(2000, 2050, 5):
        samples = np.random.default_rng(first).normal(0.0, 2.0, 4000)
        samples += 16.0 * np.sqrt(2.0) * np.sin(2 * np.pi * 6.0 * np.arange(4000) / 200.0)
        samples[first : first + 600] += np.random.default_rng(first + 1).normal(0.0, 50.0, 600)
        chain = Chain(200.0, "uv")
        chain.quality.noise = 2.0
        assert ("MAR", 2) not in {(item.verdict.code, item.verdict.level) for item in chain(samples)[1]}


def test_an_unknown_scale_has_no_limit_in_microvolt():
    assert {verdict.code for verdict in seen(0.01 * rest_and_activity(), noise=12.0, unit="a.u.")} == {""}


@settings(max_examples=40, deadline=None)
@given(arrays(np.float64, st.integers(0, 3000), elements=st.floats(allow_nan=True, allow_infinity=True)), st.booleans())
def test_totality(samples, calibrated):
    filtered, judged = Chain(FS, "uv" if calibrated else "a.u.")(samples)
    assert len(filtered) == len(samples)
    assert all(item.verdict.code in {"", *REMEDIES} for item in judged)


@pytest.mark.parametrize("value", [0.0, 1e300, -5.0, math.nan, math.inf])
def test_totality_of_a_constant(value):
    assert all(verdict.level == RED for verdict in seen(np.full(5000, value)))


def test_every_remedy_is_one_sentence():
    assert all(text.endswith(".") and ": " in text and text.count(".") == 1 for text in REMEDIES.values())


@pytest.mark.parametrize(
    ("fs_hz", "unit", "raw", "letter", "edge_hz"),
    [
        (2000, "uv", True, "A", 450),
        (1000, "uv", True, "A", 450),
        (1000, "a.u.", True, "B", 450),
        (500, "uv", True, "B", 225),
        (250, "uv", True, "C", 110),
        (200, "a.u.", True, "C", 90),
        (1000, "uv", False, "D", 450),
        (100, "a.u.", True, "D", 40),
    ],
)
def test_device_classes_and_corners(fs_hz, unit, raw, letter, edge_hz):
    row = device_class(fs_hz, unit, raw=raw)
    assert row.letter == letter
    assert upper_edge_hz(fs_hz) == edge_hz
    assert ("spectrum" in row.offers) == (letter in "AB")


@pytest.mark.parametrize("task", ["sub01_bowing", "sub01_frontkicking", "sub01_jumping"])
def test_saturated_real_recordings_are_flagged(realdata, task):
    with np.load(realdata / "uci_physical_action" / f"{task}.npz") as file:
        emg = file["emg_data"].astype(np.float64)
    for channel in emg.T:
        runs = np.abs(channel) >= 4000
        if runs.mean() > 0.03:
            assert any(verdict.mask for verdict in seen(channel, unit="a.u."))


@pytest.mark.parametrize("name", ["gait_santuz_walk/ID0012_TW_01", "biosppy/emg", "run_santuz/P0001_01"])
def test_good_real_recordings_are_not(realdata, name):
    with np.load(realdata / f"{name}.npz") as file:
        emg = file["emg_data"].astype(np.float64)
        unit = "uv" if file["emg_units"][0] == "uV" else "a.u."
    for channel in emg.T:
        assert not any(verdict.mask for verdict in seen(channel, unit=unit))


def test_codes_are_numbered_by_their_worth_and_those_that_mask_are_worth_most():
    numbers = {code: getattr(names, code) for code in REMEDIES}
    assert list(numbers.values()) == list(range(names.CODES))
    assert {code for code, number in numbers.items() if 2 * names.CODES - number >= names.LEAST_MASKED} == MASKING
    assert names.CODES < names.LEAST_MASKED  # amber
