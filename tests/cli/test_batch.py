"""The batch as its user runs it: processes of its own, one of which dies, and a scheduler that runs already."""

import io
import json
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest
from simulated import entries_of, script_of

from emgmon.cli import DONE, FAILED, INCOMPLETE, main
from emgmon.cli import batch as batch_command
from emgmon.storage.recorder import write_recording

pytest.importorskip("distributed", reason="the extra 'batch' is not installed")
psutil = pytest.importorskip("psutil")
pq = pytest.importorskip("pyarrow.parquet")

PIECES = 4
SENSORS = ("EMG-GL", "EMG-HL")
TABLES = ("sessions", "sets", "estimates", "reps")


@pytest.fixture(scope="module")
def pieces(tmp_path_factory):
    """Sessions of one repetition with two sensors, each another one."""
    folder = tmp_path_factory.mktemp("pieces")
    for seed in range(PIECES):
        entries = entries_of(script_of(1, seed=seed, takeover=False), seed=seed, sensors=SENSORS)
        write_recording(folder / f"{seed}.mcap", entries)
    return folder


def python(*words):
    """Start a program of its own: Dask leaves sockets and processes to the end of the one that it is in."""
    command = [sys.executable, *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603


def batch(place, out, *options):
    return python("-m", "emgmon", "batch", place, "--out", out, *options)


def rows(out, table):
    found = pq.read_table(out / table).to_pylist()
    return sorted(found, key=str)


def finished(out):
    return len(list((out / "sessions").rglob("*.parquet")))


def kill_a_worker(running, out):
    """Kill one of the processes that analyse, when the first table is there and most of the work is not done."""
    while not list(out.rglob("*.parquet")):
        assert running.poll() is None, running.communicate()
        time.sleep(0.01)
    workers = [
        child
        for child in psutil.Process(running.pid).children(recursive=True)
        if any("spawn_main" in word for word in child.cmdline())
    ]
    workers[0].kill()
    assert finished(out) < PIECES


@pytest.fixture
def scheduler(tmp_path):
    """A scheduler with one worker, as a cluster has them, and its address."""
    told = tmp_path / "scheduler.json"
    settings = ["--no-dashboard", "--scheduler-file", told]
    with ExitStack() as ending:
        for program, more in (
            ("scheduler", ["--host", "127.0.0.1", "--port", "0"]),
            ("worker", ["--no-nanny", "--nthreads", "1", "--local-directory", tmp_path]),
        ):
            running = python("-m", f"distributed.cli.dask_{program}", *settings, *more)
            ending.callback(running.communicate)
            ending.callback(running.kill)
        while not told.exists():
            assert running.poll() is None
            time.sleep(0.02)
        yield told


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="processes are not killed like this there")
def test_a_worker_that_is_killed_loses_nothing_and_a_second_run_does_nothing_twice(pieces, tmp_path, scheduler):
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    running = batch(pieces.as_uri(), killed, "--workers", "2")
    kill_a_worker(running, killed)
    said, errors = running.communicate(timeout=300)
    assert running.returncode == DONE, errors
    assert "done" in said
    assert "failed" not in said  # some may be "kept": done by the one that died before it could say so
    for piece in sorted(pieces.glob("*.mcap")):
        assert batch_command.one(piece.as_uri(), str(calm)).word == "done"
    for table in TABLES:
        assert len(rows(calm, table)) >= PIECES
        assert repr(rows(calm, table)) == repr(rows(killed, table))
    before = {path: path.stat().st_mtime_ns for path in killed.rglob("*.parquet")}
    bad = tmp_path / "bad.mcap"
    bad.write_bytes(b"rubbish")
    address = json.loads(scheduler.read_text())["address"]
    again = python("-m", "emgmon", "batch", pieces, bad, "--out", killed, "--scheduler", address)
    said, errors = again.communicate(timeout=200)
    assert again.returncode == INCOMPLETE, errors
    assert f"1 failed, {PIECES} kept" in said
    assert "bad.mcap" in errors.splitlines()[-1]
    assert before.items() <= {path: path.stat().st_mtime_ns for path in killed.rglob("*.parquet")}.items()
    assert finished(killed) == PIECES + 1


def test_nothing_to_do_is_one_line(tmp_path, capsys):
    assert main(["batch", str(tmp_path), "--out", str(tmp_path / "out")]) == FAILED
    assert "no recording" in capsys.readouterr().err


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_one_line(pieces, tmp_path):
    running = batch(pieces, tmp_path / "out", "--scheduler", "tcp://127.0.0.1:9")
    _said, errors = running.communicate(timeout=200)
    assert running.returncode == FAILED
    assert "no scheduler answers there" in errors.splitlines()[-1]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_has_a_bar_and_a_file_a_line_for_each_tenth(monkeypatch):
    for stream, lines in ((Terminal(), 1), (io.StringIO(), 10)):
        monkeypatch.setattr(sys, "stderr", stream)
        for done in range(1, 51):
            batch_command._progress(done, 50, time.monotonic() - 1.0)
        text = stream.getvalue()
        assert text.count("\n") == lines
        assert "50 of 50, 100 %, 0 s left" in text
        assert text.count("\r[") == (50 if lines == 1 else 0)
