"""Every file of the real recordings imports with a map kept in ``tests/maps``, or is refused for the right reason."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from emgmon.devices import imported
from emgmon.errors import ImportFailed
from emgmon.model import Mark, Packet
from emgmon.report import session_text
from emgmon.runner import analyse
from emgmon.storage.foreign import read_foreign
from emgmon.storage.importing import import_file, read_map

pytestmark = pytest.mark.slow  # many files

MAPS = Path(__file__).parents[2] / "maps"

IMPORTED = {
    "biosignalsplux/emg_*.npz": ("biosignalsplux", "muscle or side unknown"),
    "biosignalsplux/original/*.h5": ("biosignalsplux_h5", "unit unknown, kept as a.u."),
    "biosignalsplux/ecg_*.npz": ("ecg", ""),
    "biosppy/ecg.npz": ("ecg", ""),
    "biosppy/emg.npz": ("one_emg", "unit unknown"),
    "biosppy/original/emg.txt": ("one_emg", "unit unknown"),
    "c3d_samples/cometa*.npz": ("cometa", "acceleration without angular velocity"),
    "c3d_samples/original/EMG_Data_Cometa.c3d": ("cometa", "acceleration without angular velocity"),
    "c3d_samples/gait_m*.npz": ("motionmonitor", ""),
    "c3d_samples/original/gait_m*.c3d": ("motionmonitor", ""),
    "c3d_samples/shoulder*.npz": ("shoulder", ""),
    "c3d_samples/original/shoulder*.c3d": ("shoulder", ""),
    "c3d_samples/vicon_16emg.npz": ("vicon16", ""),
    "c3d_samples/original/vicon_16emg.c3d": ("vicon16", ""),
    "delsys_trigno_csv/*.npz": ("trigno", ""),
    "delsys_trigno_csv/original/*.csv": ("trigno", ""),
    "dorsiflexion_56_bursts/*.npz": ("dorsiflexion", "unit unknown"),
    "elderly_isometric/*.npz": ("elderly", "BF: muscle or side unknown"),
    "gait_envelopes/*.npz": ("gait_envelopes", "bifemlh_r: looks like an envelope"),
    "gait_santuz_walk/*.npz": ("santuz_walk", ""),
    "run_santuz/*.npz": ("santuz_walk", "unit unknown"),
    "imu_broad/*.npz": ("imu", ""),
    "imu_broad/original/*.hdf5": ("broad_hdf5", ""),
    "imu_no_reference/*.npz": ("imu", ""),
    "imu_exercise_mex/*.npz": ("mex", "acceleration without angular velocity"),
    "imu_exercise_mex/original/*.csv": ("mex_csv", "times are counted from the first row"),
    "imu_gait_foot/*.npz": ("foot", ""),
    "imu_gait_foot/original/*.csv": ("foot_csv", ""),
    "imu_gait_xsens/*.npz": ("xsens", ""),
    "imu_sit_to_stand/*.npz": ("sit_to_stand", "times are uneven"),
    "lifting_trunk_envelopes/*.npz": ("lifting", "rows are missing by the file's own times"),
    "myo_armband/*.npz": ("myo", ""),
    "myo_armband/original/*.txt": ("myo_txt", ""),
    "openbci_log/*.npz": ("openbci", ""),
    "openbci_log/original/*.txt": ("openbci_log", ""),
    "spikerbox_wav/*.npz": ("spikerbox", ""),
    "spikerbox_wav/original/*.wav": ("spikerbox_wav", ""),
    "trunk_ecg_pectoralis/*.npz": ("pectoralis", ""),
    "uci_gestures_myo/*.npz": ("gestures_myo", "the true rate is 200 Hz, not 1000 Hz"),
    "uci_lower_limb/*.npz": ("lower_limb", ""),
    "uci_lower_limb/original/*.csv": ("lower_limb_csv", ""),
    "uci_physical_action/*.npz": ("physical_action", ""),
}

REFUSED = {
    "elderly_isometric/original/*.xlsx": "a spreadsheet; save its sheet as CSV",
    "gait_santuz_walk/original/*.RData": "an R workspace; in R, write the table with write.csv()",
    "imu_gait_xsens/original/*.trc": "marker positions of a motion capture",
    "imu_gait_xsens/original/*Orientations.sto": "no row of numbers",
    "imu_gait_xsens/original/*.mot": "say with --map which column is which muscle",
    "lifting_trunk_envelopes/original/*.sto": "say with --map which column is which muscle",
}


def brought_in(path, map_name):
    """Decoded samples of each stream, marks and what was told."""
    where = MAPS / f"{map_name}.toml"
    entries, told = import_file(path, read_map(where.read_text(encoding="utf-8"), where.name))
    decoders, blocks, marks, newest_ns = {}, {}, [], 0
    for entry in entries:
        assert entry.host_ns >= newest_ns
        newest_ns = entry.host_ns
        if isinstance(entry, Mark):
            marks.append(entry)
        elif isinstance(entry, Packet):
            decoder = decoders.setdefault(entry.device, imported.DRIVER.decoder(entry.device))
            for block in decoder.decode(entry):
                blocks.setdefault((entry.device, entry.port), []).append(block)
    return blocks, marks, told


def test_every_file_is_in_one_of_the_tables(realdata):
    named = {path for pattern in (*IMPORTED, *REFUSED) for path in realdata.glob(pattern)}
    there = {path for path in realdata.glob("*/**/*") if path.is_file() and path.suffix != ".json"}
    assert there - named == set()


@pytest.mark.parametrize("pattern", IMPORTED)
def test_imports_with_its_map(realdata, pattern):
    map_name, words = IMPORTED[pattern]
    paths = sorted(realdata.glob(pattern))
    assert paths
    all_told = []
    for path in paths:
        blocks, marks, told = brought_in(path, map_name)
        all_told += told
        assert blocks
        assert [mark.kind for mark in marks if mark.kind.startswith("set")] == ["set_start", "set_stop"]
        for stream_blocks in blocks.values():
            assert all(a.first + len(a.samples) <= b.first for a, b in pairwise(stream_blocks))
        assert all("\n" not in line for line in told)
    assert words in "; ".join(all_told)


@pytest.mark.parametrize("pattern", REFUSED)
def test_is_refused_for_the_right_reason(realdata, pattern):
    for path in realdata.glob(pattern):
        with pytest.raises(ImportFailed) as raised:
            import_file(path, None)
        assert REFUSED[pattern] in str(raised.value)
        assert path.name in str(raised.value)


@pytest.mark.parametrize(
    ("original", "form", "stream", "names"),
    [
        ("c3d_samples/original/EMG_Data_Cometa.c3d", "c3d_samples/cometa_emg_acc.npz", "emg", None),
        ("c3d_samples/original/EMG_Data_Cometa.c3d", "c3d_samples/cometa_emg_acc.npz", "acc", None),
        ("c3d_samples/original/gait_motionmonitor.c3d", "c3d_samples/gait_motionmonitor.npz", "emg", None),
        ("c3d_samples/original/shoulder_vicon.c3d", "c3d_samples/shoulder_vicon.npz", "emg", None),
        ("c3d_samples/original/vicon_16emg.c3d", "c3d_samples/vicon_16emg.npz", "emg", None),
        ("delsys_trigno_csv/original/truncated_trigno_sample.csv", "delsys_trigno_csv/trigno_2s.npz", "emg", None),
        ("delsys_trigno_csv/original/truncated_trigno_sample.csv", "delsys_trigno_csv/trigno_2s.npz", "imu", None),
        ("biosppy/original/emg.txt", "biosppy/emg.npz", "emg", None),
        ("spikerbox_wav/original/pulse_1.wav", "spikerbox_wav/pulse_1.npz", "emg", ["channel1"]),
        (
            "openbci_log/original/OpenBCI_GUI-v6-blinks-jawClench-alpha.txt",
            "openbci_log/jaw_clench_v6.npz",
            "emg",
            [f"EXG Channel {k}" for k in range(8)],
        ),
    ],
)
def test_originals_hold_the_same_samples(realdata, original, form, stream, names):
    with np.load(realdata / form) as found:
        expected, wanted = found[f"{stream}_data"], names or [str(name) for name in found[f"{stream}_names"]]
        fs_hz = float(found[f"{stream}_fs"])
    ours = {name: (one, k) for one in read_foreign(realdata / original).streams for k, name in enumerate(one.names)}
    for column, name in enumerate(wanted):
        one, k = ours[name]
        assert one.fs_hz == pytest.approx(fs_hz, rel=2e-3)
        np.testing.assert_allclose(one.samples[:, k], expected[:, column], rtol=1e-5, atol=1e-9)


def test_events_of_a_c3d_file_are_marks(realdata):
    _blocks, marks, _told = brought_in(realdata / "c3d_samples/original/vicon_16emg.c3d", "vicon16")
    notes = [mark.data["text"] for mark in marks if mark.kind == "note"]
    assert len(notes) == 17
    assert {"Right foot strike", "Left foot off"} <= set(notes)


def test_saturated_channels_are_told(realdata):
    _blocks, _marks, told = brought_in(realdata / "uci_physical_action/sub01_bowing.npz", "physical_action")
    assert any(line.startswith("R-Thi: 2.") and line.endswith("clipped") for line in told)
    assert not any("L-Ham" in line and "clipped" in line for line in told)


def test_repeated_rows_are_reduced_to_the_true_rate(realdata):
    blocks, _marks, told = brought_in(realdata / "uci_gestures_myo/1_subject10.npz", "gestures_myo")
    ((_key, emg),) = blocks.items()
    assert emg[0].stream.fs_hz == 200
    assert sum(len(block.samples) for block in emg) == 7031
    assert any("89 % of the rows" in line for line in told)


def test_without_the_sensors_rate_uneven_repeats_are_asked_about(realdata):
    text = (MAPS / "gestures_myo.toml").read_text(encoding="utf-8").replace("rate_hz = 200", "")
    with pytest.raises(ImportFailed, match="say the sensor's own rate"):
        import_file(realdata / "uci_gestures_myo/1_subject10.npz", read_map(text, "m"))
    kept = text.replace("[file]", "[file]\nkeep_repeated = true")
    entries, told = import_file(realdata / "uci_gestures_myo/1_subject10.npz", read_map(kept, "m"))
    assert list(entries)
    assert any("kept as the map wants it" in line for line in told)


@pytest.mark.parametrize(
    "name",
    [
        "gait_envelopes/walk36.npz",
        "imu_exercise_mex/01_02_1.npz",
        "delsys_trigno_csv/trigno_2s.npz",
        "imu_sit_to_stand/s01_01.npz",
    ],
)
def test_what_is_not_analysed_yet_does_not_disturb_the_analysis(realdata, name):
    map_name = next(IMPORTED[pattern][0] for pattern in IMPORTED if (realdata / name) in realdata.glob(pattern))
    where = MAPS / f"{map_name}.toml"
    entries, _told = import_file(realdata / name, read_map(where.read_text(encoding="utf-8"), where.name))
    summary = analyse(entries)
    assert summary.channels
    assert session_text(summary)
