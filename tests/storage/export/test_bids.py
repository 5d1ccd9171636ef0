"""The BIDS data set: what the official validator says, and the numbers as others read them."""

import json
import shutil
import subprocess

import numpy as np
import pytest

from emgmon.storage.export.edf import Grid

edfio = pytest.importorskip("edfio")
pandas = pytest.importorskip("pandas")

pytestmark = pytest.mark.slow  # whole sessions

STEM = "sub-01_task-bridge2leg"


@pytest.fixture
def folder(lossy_raw, written):
    return written(lossy_raw, "bids")[0]


def test_the_official_validator_finds_no_error(folder):
    validator = shutil.which("bids-validator-deno")
    if validator is None:
        pytest.skip("bids-validator-deno is not installed")
    done = subprocess.run([validator, str(folder), "--format", "json"], capture_output=True, text=True, check=False)  # noqa: S603
    issues = json.loads(done.stdout)["issues"]["issues"]
    assert [issue for issue in issues if issue["severity"] == "error"] == []
    assert {issue["code"] for issue in issues} <= {
        "SIDECAR_KEY_RECOMMENDED",
        "JSON_KEY_RECOMMENDED",
        "NO_AUTHORS",
        "TOO_FEW_AUTHORS",
    }


def test_emg_is_one_bdf_with_its_channels(folder, lossy_raw):
    file = edfio.read_bdf(folder / "sub-01" / "emg" / f"{STEM}_emg.bdf")
    channels = pandas.read_csv(folder / "sub-01" / "emg" / f"{STEM}_channels.tsv", sep="\t")
    assert channels["name"].tolist() == list(file.labels) == ["EMG GL", "EMG HL", "EMG EL"]
    assert set(channels["units"]) == {"uV"}
    assert channels["target_muscle"][1] == "Biceps femoris, left"
    emg = [signal for signal in lossy_raw.signals if signal.kind == "emg"]
    for got, signal in zip(file.signals, emg, strict=True):
        expected = Grid(signal, 1000.0).rows(0, len(got.data))[:, 0]
        there = np.isfinite(expected)
        assert np.abs(got.data[there] - expected[there]).max() < 2e-4


def test_motion_is_a_table_in_si_units(folder, lossy_raw):
    table = pandas.read_csv(
        folder / "sub-01" / "motion" / f"{STEM}_tracksys-imu_motion.tsv", sep="\t", header=None, na_values="n/a"
    )
    channels = pandas.read_csv(folder / "sub-01" / "motion" / f"{STEM}_tracksys-imu_channels.tsv", sep="\t")
    assert table.shape[1] == len(channels) == 18
    assert set(channels["units"]) == {"m/s^2", "deg/s"}
    imu = next(signal for signal in lossy_raw.signals if signal.name == "EMG-GL_imu")
    expected = Grid(imu, 100.0).rows(0, len(table)) * 9.80665
    np.testing.assert_allclose(table.to_numpy()[:, :3], expected[:, :3], rtol=1e-8)
    assert 200 < table[6].isna().sum() < 500  # the lost thigh sensor


def test_events_tell_marks_reps_and_gaps(folder, lossy_raw):
    events = pandas.read_csv(folder / "sub-01" / "emg" / f"{STEM}_events.tsv", sep="\t", keep_default_na=False)
    assert events["onset"].is_monotonic_increasing
    rep = lossy_raw.summary.sets[0].reps[0].rep
    row = events[events["trial_type"] == "rep"].iloc[0]
    assert row["onset"] == pytest.approx(rep.start_s, abs=1e-6)
    assert row["duration"] == pytest.approx(rep.end_s - rep.start_s, abs=1e-6)
    lost = events[(events["trial_type"] == "lost") & (events["source"] == "EMG HL")]
    assert 2.0 < lost["duration"].max() < 4.0
    assert "set_start" in set(events["trial_type"])


def test_it_says_simulated_and_names_nobody(folder):
    assert "simulated" in json.loads((folder / "dataset_description.json").read_text("utf-8"))["Name"]
    assert (
        "Simulated"
        in json.loads((folder / "sub-01" / "emg" / f"{STEM}_emg.json").read_text("utf-8"))["TaskDescription"]
    )
    assert (folder / "participants.tsv").read_text("utf-8") == "participant_id\nsub-01\n"
