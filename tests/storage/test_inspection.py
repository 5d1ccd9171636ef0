"""What info and verify say: nothing of a good recording, each known fault of a bad one."""

import json
from pathlib import Path

import numpy as np
import pytest

from emgmon.cli import main
from emgmon.devices import imported
from emgmon.model import Mark, Packet
from emgmon.storage.inspection import inspect, verify
from emgmon.storage.recorder import write_recording
from emgmon.storage.recording import read_recording

RECORDINGS = Path(__file__).parents[2] / "recordings"
RNG = np.random.default_rng(5)


def noise(seconds=12, channels=2, fs_hz=1000):
    return np.round(RNG.standard_normal((seconds * fs_hz, channels)) * 50)


def entries_of(samples, fs_hz=1000.0, index=None, host_rate=1.0, quantity="emg"):
    """One imported stream, in blocks of at most 0.1 s without holes."""
    index = np.arange(len(samples)) if index is None else index
    places = [None] * (1 if quantity == "imu" else samples.shape[1])
    stream = {"quantity": quantity, "unit": "uv", "fs_hz": fs_hz, "placements": places}
    yield Mark(10**9, "session", {"program": "emgmon test", "source": "made up", "simulated": True})
    yield Mark(10**9, "device", {"device": "file", "driver": "imported"})
    yield Mark(10**9, "connected", {"device": "file"})
    yield Packet("file", "description", 10**9, imported.description_payload([stream]))
    holes = (np.flatnonzero(np.diff(index) != 1) + 1).tolist()
    for start, stop in zip([0, *holes], [*holes, len(samples)], strict=True):
        for at in range(start, stop, int(fs_hz / 10)):
            end = min(at + int(fs_hz / 10), stop)
            host_ns = 10**9 + round((index[end - 1] + 1) / fs_hz / host_rate * 1e9)
            payload = imported.data_payload(int(index[at]), index[at] / fs_hz, samples[at:end])
            yield Packet("file", "0", host_ns, payload)


@pytest.fixture
def found(tmp_path):
    def found(entries):
        path = tmp_path / "x.mcap"
        write_recording(path, entries)
        return verify(read_recording(path))

    return found


def codes(verification):
    return [finding.code for finding in verification.findings]


def test_info_of_a_reference_recording():
    info = inspect(read_recording(RECORDINGS / "bridges-faults.mcap"))
    assert info.simulated
    assert [sensor.placements for sensor in info.sensors][2] == ("biceps_femoris/left",)
    assert info.sensors[0].streams == ("emg, 1000 Hz, uv", "imu, 100 Hz, g,dps")
    assert [(done.exercise, round(done.start_s)) for done in info.sets] == [("Glute bridge", 18)]
    assert info.references == 3
    assert info.duration_s == pytest.approx(64.58, abs=0.01)
    assert info.damage == ()


def test_a_good_recording_has_no_findings(found):
    good = verify(read_recording(RECORDINGS / "bridges-clean.mcap"))
    assert good.findings == ()
    assert all(stream.coverage > 0.999 and stream.loss_evidence == "index" for stream in good.streams)
    assert all(stream.clock_unsure_s < 0.003 for stream in good.streams)
    assert codes(found(entries_of(noise()))) == []


def test_loss_and_bad_packets_are_found_where_they_are():
    faults = verify(read_recording(RECORDINGS / "bridges-faults.mcap"))
    assert {"lost", "coverage", "twice", "bad_packets"} <= set(codes(faults))
    away = max(faults.streams, key=lambda stream: stream.longest_gap_s)
    assert away.device == "EMG-HL"
    assert away.longest_gap_s == pytest.approx(4.2, abs=0.3)
    assert away.longest_gap_at_s == pytest.approx(33.4, abs=0.3)


def test_missing_samples_are_counted_to_the_sample(found):
    keep = np.ones(12_000, bool)
    keep[3000:3300] = keep[7000:7040] = False
    verification = found(entries_of(noise()[keep], index=np.flatnonzero(keep)))
    (stream,) = verification.streams
    assert (stream.samples, stream.lost, stream.gaps) == (11_660, 340, 2)
    assert stream.longest_gap_s == pytest.approx(0.3)
    assert stream.longest_gap_at_s == pytest.approx(3.0, abs=0.11)
    assert codes(verification) == ["lost", "coverage"]


def test_a_wrong_rate_is_measured(found):
    verification = found(entries_of(noise(), host_rate=0.97))
    assert codes(verification) == ["rate"]
    assert verification.streams[0].fs_measured_hz == pytest.approx(970, abs=0.5)


def test_a_clock_that_drifts_is_measured(found):
    verification = found(entries_of(noise(90, 1, 200), fs_hz=200.0, host_rate=1 - 400e-6))
    assert codes(verification) == ["drift"]
    assert verification.streams[0].drift_ppm == pytest.approx(400, abs=5)


def spoilt(spoil):
    samples = noise()
    spoil(samples)
    return samples


@pytest.mark.parametrize(
    ("samples", "code", "channel"),
    [
        (np.clip(noise(), -60, 60), "clipped", 0),
        (spoilt(lambda x: x.__setitem__((slice(None), 1), 7.0)), "dead", 1),
        (spoilt(lambda x: x.__setitem__((slice(None), 1), np.nan)), "dead", 1),
        (spoilt(lambda x: x.__setitem__((slice(4000, 4600), 0), 3.0)), "constant", 0),
        (spoilt(lambda x: x.__setitem__((slice(4000, 4600), 0), np.nan)), "not_a_number", 0),
        (noise() + np.array([0.0, 5000.0]), "offset", 1),
        (noise() + 60 * np.sin(2 * np.pi * 50.2 * np.arange(12_000) / 1000)[:, None], "mains", 0),
    ],
)
def test_what_is_no_signal_is_found(found, samples, code, channel):
    verification = found(entries_of(samples))
    assert code in codes(verification)
    assert any(f.where == f"file, emg, channel {channel}" for f in verification.findings if f.code == code)


def test_repeated_rows_are_found(found):
    verification = found(entries_of(np.repeat(noise(3), 5, axis=0)[:12_000]))
    assert codes(verification) == ["repeated"]
    assert "80 % of the rows repeat" in verification.findings[0].text


def test_a_session_without_its_marks_is_found(found):
    packets = [e for e in entries_of(noise(2)) if isinstance(e, Packet)]
    assert codes(found(packets)) == ["no_session", "stranger"]
    assert codes(found([])) == ["empty"]
    marks = [Mark(5, "session", {}), Mark(5, "device", {"device": "x", "driver": "none such"})]
    more = [Mark(5, "device", {"device": "y", "driver": "imported"}), Mark(4, "set_start", {"exercise": "z"})]
    assert codes(found(marks + more)) == ["order", "open_set", "driver", "silent"]


REAL = {
    "uci_physical_action/sub01_frontkicking.npz": {"clipped"},
    "uci_physical_action/sub01_standing.npz": set(),
    "uci_gestures_myo/1_subject10.npz": {"repeated", "clipped", "lost", "coverage"},
    "lifting_trunk_envelopes/squat5kg.npz": {"lost", "coverage"},
    "openbci_log/jaw_clench_v6.npz": {"mains", "offset"},
    "delsys_trigno_csv/trigno_2s.npz": {"mains"},
    "gait_santuz_walk/ID0012_TW_01.npz": set(),
}


@pytest.mark.parametrize("name", REAL)
def test_known_faults_of_real_recordings_are_found_and_no_others(found, realdata, name):
    with np.load(realdata / name) as file:
        samples, fs_hz = file["emg_data"].astype(float), float(file["emg_fs"])
        index = np.arange(len(samples))
        if "emg_t" in file:
            index = np.round((file["emg_t"] - file["emg_t"][0]) * fs_hz).astype(int)
    rows = np.unique(index, return_index=True)[1]
    verification = found(entries_of(samples[rows], fs_hz, index[rows]))
    assert set(codes(verification)) == REAL[name]


def test_the_commands_print_and_answer_with_an_exit_code(tmp_path, capsys):
    clean, faults = (str(RECORDINGS / f"bridges-{name}.mcap") for name in ("clean", "faults"))
    assert main(["info", clean]) == 0
    assert "simulated   YES: no person wore the sensors" in capsys.readouterr().out
    assert main(["info", clean, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sets"][0]["exercise"] == "Glute bridge"
    assert main(["verify", clean]) == 0
    assert capsys.readouterr().out.endswith("bridges-clean.mcap: good\n")
    assert main(["verify", faults, "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["streams"][0]["device"] == "EMG-GL"
    torn = tmp_path / "torn.mcap"
    torn.write_bytes(Path(clean).read_bytes()[:300_000])
    assert main(["verify", str(torn)]) == 3
    assert "FINDING  file: the file is torn at byte" in capsys.readouterr().out
    assert main(["info", str(torn)]) == 3
    torn.write_bytes(b"")
    assert main(["verify", str(torn)]) == 1
