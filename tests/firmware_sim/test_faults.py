import numpy as np
import pytest

from firmware_sim import Faults, Window
from firmware_sim.faults import Damage, Timing

N = 20_000


def fate(faults, device="EMG-GL", n=N):
    damage = Damage(faults, device, np.random.default_rng(1))
    payload = bytes(20)
    return [list(damage.copies(payload)) for _ in range(n)], damage


@pytest.mark.parametrize("burst", [1.0, 4.0, 10.0])
def test_loss_has_its_share_and_its_burst_length(burst):
    copies, damage = fate(Faults(loss_share=0.05, loss_burst=burst))
    lost = np.array([not copy for copy in copies])
    assert damage.lost == lost.sum()
    assert lost.mean() == pytest.approx(0.05, abs=0.012)
    bursts = np.diff(np.flatnonzero(np.diff(np.concatenate([[0], lost.astype(int), [0]]))))[::2]
    assert bursts.mean() == pytest.approx(max(burst, 1.05), rel=0.15)


def test_duplicates_and_single_wrong_bits_have_their_shares():
    copies, _ = fate(Faults(duplicate_share=0.1, corrupt_share=0.2))
    assert np.mean([len(copy) == 2 for copy in copies]) == pytest.approx(0.1, abs=0.01)
    wrong = [copy[0] for copy in copies if any(copy[0])]
    assert len(wrong) / N == pytest.approx(0.2, abs=0.012)
    assert all(sum(byte.bit_count() for byte in value) == 1 for value in wrong)


def test_devices_that_are_not_named_are_spared():
    copies, damage = fate(Faults(loss_share=0.5, devices=frozenset({"EMG-HR"})), n=200)
    assert damage.lost == 0
    assert all(copy == [bytes(20)] for copy in copies)


def test_a_healthy_link_quantises_sometimes_repeats_and_keeps_order():
    timing = Timing(Faults(), np.random.default_rng(2))
    sent_s = np.arange(N) * 0.025
    arrived_s = np.array([timing.arrival_s(t) for t in sent_s])
    delay_s = arrived_s - sent_s
    assert (np.diff(arrived_s) > 0.0).all()
    assert delay_s.min() >= 0.0
    assert 0.005 < np.median(delay_s) < 0.012
    assert np.mean(delay_s > 0.0165) == pytest.approx(0.02, abs=0.012)
    assert delay_s.max() < 0.2


def test_without_an_interval_values_arrive_when_sent():
    timing = Timing(Faults(interval_s=0.0), np.random.default_rng(2))
    assert [timing.arrival_s(t) for t in (0.5, 0.75)] == [0.5, 0.75]


def test_windows_belong_to_their_device():
    faults = Faults(stalls=(Window("EMG-GL", 2.0, 1.0),), outages=(Window("EMG-GL", 9.0), Window("EMG-GL", 5.0, 1.0)))
    assert [faults.stalled("EMG-GL", t) for t in (1.9, 2.0, 2.9, 3.0)] == [False, True, True, False]
    assert not faults.stalled("EMG-GR", 2.5)
    assert [outage.t_s for outage in faults.outages_of("EMG-GL")] == [5.0, 9.0]
    assert faults.outages_of("EMG-GR") == []


@pytest.mark.parametrize("wrong", [{"loss_share": 1.0}, {"corrupt_share": -0.1}, {"loss_burst": 0.5}])
def test_impossible_faults_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Faults(**wrong)
