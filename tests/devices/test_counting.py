"""Running indices: what wraps, what is lost, what is only late, what came twice."""

import numpy as np
import pytest

from emgmon.devices.counting import ArrivalCounter, BorrowedClock, RateByCount, TimeCounter, WrappingCounter, nearest
from emgmon.devices.shortcount import ShortCounter

PERIOD_S = 0.002
LENGTH = 10


def arrivals(counter, sent, *, modulus=256, delay_s=lambda _start: 0.02):
    """Feed packets of LENGTH counts that begin at the counts `sent`; returns the indices found."""
    queue = sorted((round((start * PERIOD_S + delay_s(start)) * 1e9), start) for start in sent)
    return {start: counter.take(start % modulus, LENGTH, host_ns) for host_ns, start in queue}


def test_nearest_goes_both_ways_over_the_wrap():
    assert nearest(2, 254, 256) == 258
    assert nearest(254, 258, 256) == 254
    assert nearest(0, 0xFFFFFFFF, 1 << 32) == 1 << 32


def test_counter_of_eight_bits_wraps_many_times():
    sent = range(0, 5000, LENGTH)
    assert arrivals(WrappingCounter(256, PERIOD_S), sent) == {start: start for start in sent}


@pytest.mark.parametrize("hole", [10, 130, 250, 260, 400, 520, 1290, 5000])
def test_a_hole_of_any_length_gets_its_length_once_it_is_clear_that_nothing_was_held_back(hole):
    sent = [*range(0, 2000, LENGTH), *range(2000 + hole, 4000 + hole, LENGTH)]
    found = arrivals(WrappingCounter(256, PERIOD_S), sent)
    wrong = [start for start in sent if found[start] != start]
    assert wrong == [start for start in sent if 2000 + hole <= start < 2000 + hole + 250 and hole > 256]
    assert all(found[start] == start - hole // 256 * 256 for start in wrong)


def test_whole_rounds_lost_without_trace_are_found_once_patience_is_over():
    sent = [*range(0, 2000, LENGTH), *range(2560 + 2000, 9000, LENGTH)]
    found = arrivals(WrappingCounter(256, PERIOD_S), sent)
    wrong = [start for start in sent if found[start] != start]
    assert wrong == [start for start in sent if 4560 <= start < 4560 + 1000]


@pytest.mark.parametrize("stall_s", [0.4, 1.0, 3.0, 8.0])
@pytest.mark.parametrize("modulus", [16, 256])
@pytest.mark.parametrize("each_s", [0.0002, 0.015, 0.018])
@pytest.mark.parametrize("lost", [(), (2100,), (2000,)])
def test_what_a_busy_computer_held_back_is_not_loss(stall_s, modulus, each_s, lost):
    """Packets of 20 ms wait for a computer that stands still and then takes `each_s` for one: up to 90 % of it."""
    counter = ShortCounter(16, PERIOD_S) if modulus == 16 else WrappingCounter(256, PERIOD_S)
    unnumbered, host_s, off = ArrivalCounter(500.0), 0.0, 0
    for start in range(0, 30_000, LENGTH):
        came_s = (start + LENGTH) * PERIOD_S
        host_s = max(host_s + each_s, 4.0 + stall_s if 4.0 <= came_s < 4.0 + stall_s else came_s)
        if start not in lost:
            assert counter.take(start % modulus, LENGTH, round(host_s * 1e9)) == start
            assert unnumbered.take(LENGTH, round(host_s * 1e9)) == start - off
        else:
            off += LENGTH


def test_a_backlog_that_arrives_at_once_is_not_loss():
    def delay_s(start):
        return 0.02 + (max(0.0, 1.2 - (start - 2000) * PERIOD_S) if start >= 2000 else 0.0)

    sent = range(0, 6000, LENGTH)
    assert arrivals(WrappingCounter(256, PERIOD_S), sent, delay_s=delay_s) == {start: start for start in sent}
    counter = ArrivalCounter(500.0)
    assert [counter.take(LENGTH, round((s * PERIOD_S + delay_s(s)) * 1e9)) for s in sent] == list(sent)


@pytest.mark.parametrize("each_s", [0.021, 0.025, 0.04])
def test_a_computer_that_falls_behind_for_twenty_seconds_loses_nothing(each_s):
    short, wide = ShortCounter(16, PERIOD_S), WrappingCounter(256, PERIOD_S)
    unnumbered, host_s = ArrivalCounter(500.0), 0.0
    for start in range(0, 60_000, LENGTH):
        host_s = max(host_s + (each_s if 4.0 < host_s < 24.0 else 0.002), (start + LENGTH) * PERIOD_S)
        host_ns = round(host_s * 1e9)
        found = {short.take(start % 16, LENGTH, host_ns), wide.take(start % 256, LENGTH, host_ns)}
        assert found | {unnumbered.take(LENGTH, host_ns)} == {start}


def test_what_came_twice_gets_its_old_index():
    counter = WrappingCounter(256, PERIOD_S)
    for start in range(0, 1000, LENGTH):
        host_ns = round((start * PERIOD_S + 0.02) * 1e9)
        assert counter.take(start % 256, LENGTH, host_ns) == start
        assert counter.take(start % 256, LENGTH, host_ns + 1000) == start


def test_two_packets_in_the_wrong_order_keep_their_indices():
    def delay_s(start):
        return 0.055 if start == 1000 else 0.02

    sent = range(0, 3000, LENGTH)
    assert arrivals(WrappingCounter(256, PERIOD_S), sent, delay_s=delay_s) == {start: start for start in sent}


@pytest.mark.parametrize("rate", [0.98, 1.02])
def test_a_rate_that_is_two_percent_off_is_no_loss(rate):
    counter, unnumbered = WrappingCounter(256, PERIOD_S), ArrivalCounter(500.0)
    rng = np.random.default_rng(1)
    for start in range(0, 60_000, LENGTH):
        host_ns = round(((start + LENGTH) * PERIOD_S / rate + rng.uniform(0.005, 0.06)) * 1e9)
        assert counter.take(start % 256, LENGTH, host_ns) == start
        assert unnumbered.take(LENGTH, host_ns) == start


def test_jitter_longer_than_the_wrap_of_a_short_counter_is_no_loss():
    counter, rng = WrappingCounter(16, 0.001), np.random.default_rng(2)
    host_s = 0.0
    for start in range(0, 20_000, 5):
        host_s = max(host_s, start * 0.001 + rng.uniform(0.005, 0.08))
        assert counter.take(start % 16, 5, round(host_s * 1e9)) == start


def test_without_evidence_a_long_silence_is_loss_and_a_short_one_is_not():
    counter = ArrivalCounter(200.0, silence_s=0.5)
    host_s, found = 0.0, []
    for k in range(800):
        host_s += 0.01 + (0.4 if k == 200 else 3.0 if k == 400 else 0.0)
        found.append(counter.take(2, round(host_s * 1e9)))
    steps = np.diff(found)
    assert (steps[:400] == 2).all()
    assert np.flatnonzero(steps != 2).size == 1
    assert steps.max() - 2 == pytest.approx(600, abs=2)


def test_time_counter_counts_what_time_passed_without():
    counter = TimeCounter(512.0)
    assert [counter.take(k / 512, 1) for k in (0, 1, 2, 10, 11)] == [0, 1, 2, 10, 11]


def test_time_counter_gives_repeated_times_their_old_index():
    counter = TimeCounter(100.0)
    assert [counter.take(s, 5) for s in (0.0, 0.05, 0.05, 0.0, 0.1)] == [0, 5, 5, 0, 10]


def test_time_counter_tolerates_jitter_and_drift_of_the_rate():
    counter = TimeCounter(100.0, jitter=2)
    times = np.arange(200) * 0.0412 + np.tile([0.0, 0.015], 100)
    assert [counter.take(s, 4) for s in times] == list(range(0, 800, 4))


def test_restart_forgets():
    for counter in (WrappingCounter(256, PERIOD_S), ArrivalCounter(500.0)):
        take = counter.take if isinstance(counter, ArrivalCounter) else lambda n, ns, c=counter: c.take(0, n, ns)
        take(10, 0)
        counter.restart()
        assert take(10, 10**12) == 0


def test_rate_by_count_is_the_one_that_fits_what_came():
    rate, rng = RateByCount((25, 40, 50, 100)), np.random.default_rng(5)
    found = [rate.take(1, round((k / 41 + rng.uniform(0, 0.03)) * 1e9)) for k in range(120)]
    assert found[0] == found[20] == 0
    assert set(found[90:]) == {40}


def test_borrowed_clock_runs_on_with_arrivals_and_never_backwards():
    clock = BorrowedClock(0.06)
    assert clock.at(0) is None
    clock.hear(10.0, 1_000_000_000)
    assert clock.at(1_020_000_000) == pytest.approx(10.02)
    assert clock.at(5_000_000_000) == pytest.approx(10.06)
    assert clock.at(1_010_000_000) == pytest.approx(10.06)
