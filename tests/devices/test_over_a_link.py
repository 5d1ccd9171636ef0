"""Each sensor over a link with connection events of 30 ms and stalls: nothing is lost, the rate is measured."""

import random
from dataclasses import replace

import numpy as np
import pytest
from devices.conversations import CONVERSATIONS
from devices.conversing import packets_of, started

from emgmon.pipeline.intake import DeviceIntake

INTERVAL_S = 0.03
LENGTH_S = 20.0
STALL_S = 0.2


def over_link(groups, *, slow):
    """Packets as they arrive: at the next event after they were made, one event in a hundred `STALL_S` late."""
    rng, ready_s, out = random.Random(20261122), 0.0, []  # noqa: S311
    for group in groups:
        for packet in group:
            made_s = packet.host_ns * 1e-9 * slow
            event_s = np.ceil(made_s / INTERVAL_S) * INTERVAL_S + (STALL_S if rng.random() < 0.01 else 0.0)
            ready_s = max(ready_s, event_s)
            out.append(replace(packet, host_ns=round(ready_s * 1e9)))
    return out


@pytest.mark.parametrize("talk", CONVERSATIONS.values(), ids=CONVERSATIONS)
@pytest.mark.parametrize("off", [-0.01, 0.01])
def test_nothing_is_lost_and_the_rate_is_measured(talk, off):
    decoder = started(talk)
    slow = 1.0 + (off if decoder.clock_ppm > 1000 else 5e-5)
    intake, taken = DeviceIntake("S", decoder), []
    for packet in over_link(packets_of(talk, range(int(LENGTH_S / talk.period_s))), slow=slow):
        taken += [(packet.host_ns, block) for block in intake.take(packet, 0) if block.stream.quantity == talk.quantity]
    main = next(item for stream, item in intake.streams.items() if stream.quantity == talk.quantity)
    fs_hz = next(iter({block.stream.fs_hz for _host_ns, block in taken}))
    rounds = int(LENGTH_S / talk.period_s) // talk.round_packets if talk.round_packets else 0
    assert main.counter.lost <= rounds * talk.missing_each_round
    assert main.counter.repeated == 0
    assert main.fs_measured_hz() == pytest.approx(fs_hz / slow, rel=0.004)
    late_s = [host_ns * 1e-9 - block.start_s - len(block.samples) * block.period_s for host_ns, block in taken]
    after = int(len(late_s) / 4)
    assert min(late_s[after:]) > -INTERVAL_S
    assert max(late_s[after:]) < STALL_S + 4 * INTERVAL_S + talk.framing_needs * talk.period_s
