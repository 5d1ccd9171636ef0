import struct
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from firmware_sim import Faults, Window, bridges, profile, stream
from firmware_sim.body import Body
from firmware_sim.stream import HOST_EPOCH_NS, LEAD_S

DATA = (profile.EMG_DATA, profile.IMU_DATA)


@pytest.fixture(scope="module")
def script():
    return bridges(1, seed=2)


@pytest.fixture(scope="module")
def records(script):
    return list(stream(script, seed=2))


def packets(records, device, port=profile.EMG_DATA):
    return [r for r in records if r.tag == "packet" and r.device == device and r.port == port]


def headers(records, device, port=profile.EMG_DATA):
    return [struct.unpack_from("<BBHIIBB", record.payload) for record in packets(records, device, port)]


def marks(records, kind):
    return [record for record in records if record.tag == "mark" and record.kind == kind]


def test_records_come_by_host_time(records):
    times = [record.host_ns for record in records]
    assert times == sorted(times)
    assert times[0] >= HOST_EPOCH_NS


def test_each_device_is_introduced_before_its_data(records):
    for name in ("EMG-GL", "EMG-GR", "EMG-HL", "EMG-HR", "EMG-EL", "EMG-ER"):
        own = [
            record.port if record.tag == "packet" else record.kind
            for record in records
            if (record.device if record.tag == "packet" else record.data.get("device")) == name
        ]
        assert own[:5] == ["device", profile.DESCRIPTION, profile.BATTERY_LEVEL, profile.CONTROL, "connected"]
        assert own[5] in DATA
        start = packets(records, name, profile.CONTROL)[0].payload
        assert start[:3] == bytes.fromhex("80 03 01")
        assert struct.unpack("<I", start[3:])[0] == headers(records, name)[0][4]
    assert marks(records, "device")[0].data == {"device": "EMG-GL", "driver": "emgmon_gatt"}


def test_all_sensors_stream_half_a_second_before_the_script(records):
    latest = max(packets(records, mark.data["device"])[0].host_ns for mark in marks(records, "connected"))
    assert latest < HOST_EPOCH_NS + (LEAD_S - 0.5) * 1e9


def test_cues_stand_at_their_script_time(script, records):
    for cue in script.cues:
        found = [mark for mark in marks(records, cue.kind) if mark.data == cue.data]
        assert [mark.host_ns for mark in found] == [HOST_EPOCH_NS + round((LEAD_S + cue.t_s) * 1e9)]


def test_healthy_links_lose_nothing(script, records):
    for port, rate_hz, size in ((profile.EMG_DATA, 1000, 25), (profile.IMU_DATA, 100, 5)):
        found = headers(records, "EMG-ER", port)
        assert [h[2] for h in found] == list(range(len(found)))
        assert [h[3] for h in found] == list(range(0, len(found) * size, size))
        assert len(found) * size == pytest.approx((LEAD_S + script.duration_s - 0.7) * rate_hz, rel=0.01)


def test_bytes_follow_the_wearer(script, records):
    """The bridge can be seen in what the sensors sent: activity at the truth's time, quiet before."""
    data = packets(records, "EMG-GL")
    emg_uv = np.concatenate([np.frombuffer(record.payload[14:], "<i2") for record in data]) * 0.25
    first_s = (data[0].host_ns - HOST_EPOCH_NS) * 1e-9 - LEAD_S - 0.025
    script_s = first_s + np.arange(emg_uv.size) / 1000.0
    rep = script.reps[0]
    held = emg_uv[(script_s > rep.top_s + 0.1) & (script_s < rep.release_s - 0.1)]
    quiet = emg_uv[(script_s > 1.0) & (script_s < 4.0)]
    assert held.std() > 5 * quiet.std()


def test_one_seed_gives_the_same_bytes(script, records):
    assert list(stream(script, seed=2)) == records
    other = list(stream(script, seed=3, sensors=["EMG-GL"]))
    assert packets(other, "EMG-GL")[5].payload != packets(records, "EMG-GL")[5].payload


def test_another_body_gives_other_bytes(script, records):
    other = list(stream(script, seed=2, sensors=["EMG-GL"], body=Body(generator="motor_units")))
    ours, theirs = packets(records, "EMG-GL"), packets(other, "EMG-GL")
    assert len(theirs) == len(ours)
    assert theirs[50].payload[14:] != ours[50].payload[14:]


def test_a_sensor_sends_the_same_alone_or_among_six(script, records):
    alone = list(stream(script, seed=2, sensors=["EMG-GL"]))
    assert [record.payload for record in packets(alone, "EMG-GL")] == [
        record.payload for record in packets(records, "EMG-GL")
    ]


def test_labels_can_be_chosen(script):
    found = list(stream(script, sensors=["EMG-HL"], labels={"EMG-HL": "semitendinosus/left"}))
    assert b"semitendinosus/left" in packets(found, "EMG-HL", profile.DESCRIPTION)[0].payload


def test_loss_shows_as_gaps_in_sequence_and_index(script):
    found = headers(list(stream(script, faults=Faults(loss_share=0.1), sensors=["EMG-GL"])), "EMG-GL")
    sequence, index = np.array([h[2] for h in found]), np.array([h[3] for h in found])
    assert (np.diff(sequence) * 25 == np.diff(index)).all()
    share = 1.0 - sequence.size / (sequence[-1] + 1)
    assert share == pytest.approx(0.1, abs=0.04)


def test_a_stall_shows_as_a_gap_in_the_index_only(script):
    faults = Faults(stalls=(Window("EMG-GL", 5.0, 2.0),))
    found = headers(list(stream(script, faults=faults, sensors=["EMG-GL"])), "EMG-GL")
    assert [h[2] for h in found] == list(range(len(found)))
    gaps = [(b[3] - a[3] - 25, b[1]) for a, b in pairwise(found) if b[3] - a[3] != 25]
    assert len(gaps) == 1
    assert gaps[0][0] == pytest.approx(1500, abs=130)
    assert gaps[0][1] == 1


def test_an_outage_is_lost_connected_and_a_new_start(script):
    faults = Faults(outages=(Window("EMG-GL", 6.0, 3.0),))
    found = list(stream(script, faults=faults, sensors=["EMG-GL", "EMG-GR"]))
    assert Counter(mark.data["device"] for mark in marks(found, "connected")) == {"EMG-GL": 2, "EMG-GR": 1}
    lost = marks(found, "lost")
    assert [mark.data for mark in lost] == [{"device": "EMG-GL"}]
    lost_s = (lost[0].host_ns - HOST_EPOCH_NS) * 1e-9 - LEAD_S
    again_s = (marks(found, "connected")[-1].host_ns - HOST_EPOCH_NS) * 1e-9 - LEAD_S
    assert lost_s == pytest.approx(6.5)
    assert again_s == pytest.approx(9.12, abs=0.1)
    data_s = [(r.host_ns - HOST_EPOCH_NS) * 1e-9 - LEAD_S for r in packets(found, "EMG-GL")]
    assert not [t for t in data_s if 6.0 < t < again_s]
    starts = [h for h in headers(found, "EMG-GL") if h[3] == 0]
    assert [h[2] for h in starts] == [0, 0]


def test_a_sensor_can_vanish_for_good(script):
    faults = Faults(outages=(Window("EMG-GL", 6.0),))
    found = list(stream(script, faults=faults, sensors=["EMG-GL"]))
    assert len(marks(found, "lost")) == len(marks(found, "connected")) == 1
    assert (packets(found, "EMG-GL")[-1].host_ns - HOST_EPOCH_NS) * 1e-9 <= LEAD_S + 6.0


def test_the_package_loads_without_radio_or_program():
    code = "import sys, firmware_sim; print({'bumble', 'bleak', 'emgmon'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert out.stdout.strip() == "set()"
