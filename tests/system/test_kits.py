"""Every kit of simulated sensors through its drivers; simulators and drivers were written apart, from one document."""

import math
from dataclasses import replace

import pytest
from livekits import compared
from simulated import entries_of, events_of, script_of

from emgmon.model import Mark
from emgmon.report import session_json
from firmware_sim import KITS, Faults, Window

pytestmark = pytest.mark.slow
OTHER = ("umyo", "gforce", "npg", "shimmer", "ganglion", "mixed")
SHORT_OF_EVIDENCE = ("bitalino", "myo", "npg", "imu_metamotion", "imu_witmotion", "mixed")


@pytest.fixture(scope="module")
def script():
    return script_of(1, seed=4)


@pytest.mark.parametrize("kit", SHORT_OF_EVIDENCE)
def test_a_computer_that_stands_still_and_catches_up_slowly_changes_nothing(script, kit):
    """Three stalls of a second, one of them as the set begins, then at 80 % of its time until it has caught up."""
    entries = entries_of(script, seed=4, kit=kit)
    _, calm = events_of(entries)
    _, busy = events_of(_held_back(entries))
    assert [channel.lost for channel in busy.channels] == [channel.lost for channel in calm.channels]
    assert [channel.bad_packets for channel in busy.channels] == [channel.bad_packets for channel in calm.channels]
    assert compared(kit, session_json(busy), script).reps == 1
    wanted = compared(kit, session_json(calm), script).share_error
    assert compared(kit, session_json(busy), script).share_error == pytest.approx(wanted, abs=0.005, nan_ok=True)


def _held_back(entries, stalls=((8.0, 1.0), (17.3, 1.2), (22.1, 1.0)), share=0.8):
    """Packets as a computer takes them that does nothing in the stalls (start, length, s); marks keep their time."""
    begin_ns = entries[0].host_ns
    each_s = share * (entries[-1].host_ns - begin_ns) * 1e-9 / len(entries)
    free_s, taken = 0.0, []
    for entry in entries:
        if isinstance(entry, Mark):
            taken.append(entry)
            continue
        free_s = max(free_s + each_s, (entry.host_ns - begin_ns) * 1e-9)
        free_s = max([free_s, *(start_s + stall_s for start_s, stall_s in stalls if 0 <= free_s - start_s < stall_s)])
        taken.append(replace(entry, host_ns=begin_ns + round(free_s * 1e9)))
    return sorted(taken, key=lambda entry: entry.host_ns)


@pytest.mark.parametrize("kit", OTHER)
def test_losses_are_found_by_what_each_sensor_offers(script, kit):
    away = Window(KITS[kit][0].name, 18.0, 3.0)
    faults = Faults(loss_share=0.02, loss_burst=2.0, duplicate_share=0.003, corrupt_share=0.003, outages=(away,))
    _, summary = events_of(entries_of(script, seed=3, kit=kit, faults=faults))
    for channel in summary.channels:
        if channel.quantity != "emg" or channel.placement is None:
            continue
        share = channel.lost / (channel.samples + channel.lost)
        expected = 0.02 + 3.1 / (script.duration_s + 1.5) * (channel.device == away.device)
        assert share == pytest.approx(expected, abs=0.025), channel
        assert not math.isnan(channel.fs_measured_hz)
