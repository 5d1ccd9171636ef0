"""Gaps, offsets and envelopes through the whole chain of one channel."""

import numpy as np
import pytest

from emgmon.pipeline.chain import Chain

FS = 1000.0


def noise(n, seed=0):
    return 5.0 * np.random.default_rng(seed).standard_normal(n)


@pytest.mark.parametrize("offset", [300.0, -180_000.0, 1e9])
def test_an_offset_of_any_size_leaves_no_transient(offset):
    plain, lifted = Chain(FS, "uv")(noise(4000))[0], Chain(FS, "uv")(noise(4000) + offset)[0]
    assert np.abs(plain - lifted)[150:].max() < 1e-6 * max(1.0, abs(offset) * 1e-6)


@pytest.mark.parametrize(("lost", "masked"), [(1, 0), (10, 0), (11, 150), (200, 150)])
def test_a_gap_up_to_10_ms_is_bridged_and_a_longer_one_starts_anew(lost, masked):
    samples = noise(4000)
    samples[2000 : 2000 + lost] = np.nan
    filtered = Chain(FS, "uv")(samples)[0]
    missing = np.flatnonzero(np.isnan(filtered[150:])) + 150
    assert missing.tolist() == list(range(2000, 2000 + lost + masked))


def test_a_gap_is_said():
    samples = noise(6000)
    samples[2000:2100] = np.nan
    assert "DROP" in {item.verdict.code for item in Chain(FS, "uv")(samples)[1]}


def test_an_envelope_is_judged_by_contact_and_loss_alone():
    level = 10.0 + 0.1 * np.random.default_rng(1).standard_normal(8000)
    level[3000:3500] = np.nan
    level[5000:7000] = 4.0
    chain = Chain(FS, "a.u.", raw=False)
    filtered, judged = chain(level)
    np.testing.assert_array_equal(filtered, level)
    assert {item.verdict.code for item in judged} == {"", "DROP", "FLAT"}
    assert chain.delay_s == 0.0
    assert chain.heart is None


def test_what_is_known_holds_from_its_sample_on():
    chain = Chain(FS, "uv")
    chain.know(4000, "noise", 12.0)
    codes = {item.stop: item.verdict.code for item in chain(noise(8000))[1]}
    assert {code for stop, code in codes.items() if stop < 4000} == {""}
    assert {code for stop, code in codes.items() if stop >= 4000} == {"NOISE"}
    chain.know(99_000, "noise", 3.0)
    chain.restart()
    assert chain.quality.noise == 3.0
