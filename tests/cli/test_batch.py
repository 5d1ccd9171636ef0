"""The batch as its user runs it: processes of its own, one of which dies."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from emgmon.cli import DONE, FAILED, INCOMPLETE, main

pytest.importorskip("distributed", reason="the extra 'batch' is not installed")
psutil = pytest.importorskip("psutil")
pq = pytest.importorskip("pyarrow.parquet")

RECORDING = Path(__file__).parents[2] / "recordings" / "bridges-clean.mcap"
PIECES = 4


@pytest.fixture(scope="module")
def pieces(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pieces")
    for k in range(PIECES):
        cut = [
            "trim",
            str(RECORDING),
            "-o",
            str(folder / f"{k}.mcap"),
            "--from",
            f"{20 + 3 * k}",
            "--to",
            f"{26 + 3 * k}",
        ]
        assert main(cut) == DONE
    return folder


def batch(place, out, *options):
    """Start it as a program of its own: Dask leaves sockets and processes to the end of the one that it is in."""
    command = [sys.executable, "-m", "emgmon", "batch", str(place), "--out", str(out), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603


def rows(out, table):
    found = pq.read_table(out / table).to_pylist()
    return sorted(found, key=str)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="processes are not killed like this there")
def test_a_worker_that_is_killed_loses_nothing_and_a_second_run_does_nothing_twice(pieces, tmp_path):
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    first = batch(pieces, calm, "--workers", "1")
    second = batch(pieces, killed, "--workers", "2")
    while not list(killed.rglob("*.parquet")):
        assert second.poll() is None
        time.sleep(0.05)
    victim = next(
        child
        for child in psutil.Process(second.pid).children(recursive=True)
        if any("spawn_main" in word for word in child.cmdline())
    )
    victim.kill()
    said, errors = second.communicate(timeout=300)
    assert second.returncode == DONE, errors
    _said, errors = first.communicate(timeout=300)
    assert first.returncode == DONE, errors
    assert "done" in said
    for table in ("sessions", "sets", "estimates", "reps"):
        assert repr(rows(calm, table)) == repr(rows(killed, table))
    before = {path: path.stat().st_mtime_ns for path in killed.rglob("*.parquet")}
    again = batch(pieces, killed, "--workers", "1")
    said, _errors = again.communicate(timeout=200)
    assert f"{PIECES} kept" in said
    assert before == {path: path.stat().st_mtime_ns for path in killed.rglob("*.parquet")}


@pytest.mark.slow
def test_one_bad_recording_fails_alone(tmp_path):
    (tmp_path / "bad.mcap").write_bytes(b"rubbish")
    running = batch(tmp_path, tmp_path / "out", "--workers", "1")
    said, errors = running.communicate(timeout=200)
    assert running.returncode == INCOMPLETE
    assert "1 failed" in said
    assert "bad.mcap" in errors.splitlines()[-1]


def test_nothing_to_do_is_one_line(tmp_path, capsys):
    assert main(["batch", str(tmp_path), "--out", str(tmp_path / "out")]) == FAILED
    assert "no recording" in capsys.readouterr().err


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_one_line(pieces, tmp_path):
    running = batch(pieces, tmp_path / "out", "--scheduler", "tcp://127.0.0.1:9")
    _said, errors = running.communicate(timeout=200)
    assert running.returncode == FAILED
    assert "no scheduler answers there" in errors.splitlines()[-1]
