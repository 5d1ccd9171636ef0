"""CSV and Parquet folders as pandas reads them."""

import json

import numpy as np
import pytest

from emgmon.storage.export.happenings import mark_rows, rep_rows

pandas = pytest.importorskip("pandas")

pytestmark = pytest.mark.slow  # whole sessions


@pytest.fixture(params=["csv", "parquet"])
def read(request, lossy, written):
    if request.param == "parquet":
        pytest.importorskip("pyarrow")
    folder, _told = written(lossy, request.param)
    reader = pandas.read_csv if request.param == "csv" else pandas.read_parquet
    return lambda name: reader(folder / f"{name}.{request.param}"), folder


def test_every_signal_is_a_table_with_the_same_numbers(read, lossy):
    table_of, _folder = read
    for signal in lossy.signals:
        table = table_of(signal.name)
        np.testing.assert_allclose(table.to_numpy()[:, 1:], signal.samples, rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(table["time_s"], signal.time_s(0, len(table)), atol=6e-7)
    emg = table_of("EMG-HL_emg")
    assert list(emg.columns) == ["time_s", "biceps_femoris_left_uv"]
    assert 2000 < emg["biceps_femoris_left_uv"].isna().sum() < 4000
    assert list(table_of("EMG-HL_imu").columns)[-1] == "angular_velocity_z_dps"


def test_marks_reps_and_values(read, lossy):
    table_of, _folder = read
    marks = table_of("marks")
    assert marks["mark"].tolist() == [row["mark"] for row in mark_rows(lossy)]
    assert marks["time_s"].tolist() == [row["time_s"] for row in mark_rows(lossy)]
    assert "lost" in marks["mark"].tolist()
    reps = table_of("reps")
    assert reps["top_s"].tolist() == [row["top_s"] for row in rep_rows(lossy)]
    assert "share_glute" in set(table_of("values")["metric"])


def test_session_says_simulated(read):
    said = json.loads((read[1] / "session.json").read_text("utf-8"))
    assert said["simulated"] is True
    assert said["program"].startswith("emgmon")
    assert {"fs_measured_hz", "start_s", "time_error_s"} <= set(said["signals"][0])


def test_lost_samples_are_empty_cells(lossy, written):
    folder, _told = written(lossy, "csv")
    assert "nan" not in (folder / "EMG-HL_emg.csv").read_text()
    assert "nan" not in (folder / "values.csv").read_text().replace("dominance", "")


def test_parquet_without_pyarrow_says_what_to_install(lossy, written, monkeypatch):
    from emgmon.errors import ExportFailed  # noqa: PLC0415

    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(ExportFailed, match="pip install"):
        written(lossy, "parquet")
