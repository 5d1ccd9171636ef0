"""``emgmon batch`` at work: ``python benchmarks/batch.py --sessions 500``.

Makes so many simulated sessions (one bridge after rest and reference contractions, no two alike), one that was cut off
and one file of rubbish. Then, each as a program of its own: one worker on a fifth of them, two workers on all, two
workers of which one is killed when a tenth is done, and the first of these once more. The two data sets have to be the
same byte for byte, and the repeated run has to leave every file as it is; anything else fails. Wall times: a busy
computer makes them longer. Not on Windows.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import longer
import psutil

from emgmon.storage.recorder import write_recording

SENSORS = ("EMG-GL", "EMG-HL", "EMG-EL")
DONE, INCOMPLETE = 0, 3
PATIENCE_S = 1800
DAMAGED = 2
"""The recording that was cut off, and the rubbish."""


def make(number: int, folder: Path, sensors: int) -> float:
    """Make one session; returns its length, s."""
    script = longer.script_of(1, seed=number)
    entries = longer.entries_of(script, seed=number, sensors=SENSORS[:sensors])
    write_recording(folder / f"{number:05d}.mcap", entries)
    return (entries[-1].host_ns - entries[0].host_ns) * 1e-9


def make_all(sessions: int, folder: Path, sensors: int) -> float:
    """Make all sessions on all cores, and damage two more; returns recorded seconds."""
    with ProcessPoolExecutor() as pool:
        total_s = sum(pool.map(partial(make, folder=folder, sensors=sensors), range(sessions), chunksize=8))
    whole = (folder / "00000.mcap").read_bytes()
    (folder / "torn.mcap").write_bytes(whole[: len(whole) * 3 // 4])
    (folder / "rubbish.mcap").write_bytes(b"no recording at all")
    return total_s


def start(places: list[Path], out: Path, workers: int) -> subprocess.Popen[str]:
    """Start the batch as its user does."""
    command = [sys.executable, "-m", "emgmon", "batch", *map(str, places), "--out", str(out), "--workers", str(workers)]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env)  # noqa: S603


def ended(running: subprocess.Popen[str], code: int) -> dict[str, int]:
    """Wait for a batch; returns how many recordings became what."""
    said, _ = running.communicate(timeout=PATIENCE_S)
    if running.returncode != code:
        raise RuntimeError(f"the batch ended with {running.returncode}, not {code}: {said}")
    return {word: int(count) for count, word in re.findall(r"(\d+) (done|kept|damaged|failed)", said)}


def timed(places: list[Path], out: Path, workers: int, code: int = INCOMPLETE) -> tuple[float, dict[str, int]]:
    """Run a batch to its end; returns wall seconds and what became of the recordings."""
    began_s = time.perf_counter()
    counts = ended(start(places, out, workers), code)
    return time.perf_counter() - began_s, counts


def killed(places: list[Path], out: Path, sessions: int) -> dict[str, int]:
    """Run with two workers and kill one, by its own id, when a tenth is done."""
    running = start(places, out, 2)
    while len(list(out.glob("sessions/*/*.parquet"))) < max(1, sessions // 10):
        if running.poll() is not None:
            raise RuntimeError("the batch ended before a tenth was done")
        time.sleep(0.05)
    workers = [
        child
        for child in psutil.Process(running.pid).children(recursive=True)
        if any("spawn_main" in word for word in child.cmdline())
    ]
    workers[0].kill()
    return ended(running, INCOMPLETE)


def files_of(out: Path) -> dict[str, str]:
    """Name and content of every file of a data set, the content as SHA-256."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*.parquet"))
    }


def measure(sessions: int, folder: Path, sensors: int = 2) -> dict[str, Any]:
    """Run everything; raises where the data sets differ or work was done twice."""
    recordings = folder / "recordings"
    recordings.mkdir()
    began_s = time.perf_counter()
    recorded_s = make_all(sessions, recordings, sensors)
    found: dict[str, Any] = {"sessions": sessions, "sensors": sensors, "made_s": time.perf_counter() - began_s}
    fifth = [recordings / f"{k:05d}.mcap" for k in range(max(1, sessions // 5))]
    found["one_worker_s"], counts = timed(fifth, folder / "one", 1, DONE)
    _expect(counts == {"done": len(fifth)}, f"one worker: {counts}")
    clean = folder / "clean"
    found["two_workers_s"], counts = timed([recordings], clean, 2)
    _expect(counts == {"done": sessions, "damaged": 1, "failed": 1}, f"two workers: {counts}")
    counts = killed([recordings], folder / "killed", sessions)
    kept = counts.pop("kept", 0)  # done by the worker that died before it could say so
    _expect(counts == {"done": sessions - kept, "damaged": 1, "failed": 1}, f"one worker killed: {counts}")
    same = files_of(clean)
    _expect(same == files_of(folder / "killed"), "the data set of the run with a killed worker is another one")
    before = {path: path.stat().st_mtime_ns for path in clean.rglob("*.parquet") if path.stat().st_size}
    found["again_s"], counts = timed([recordings], clean, 2)
    _expect(counts == {"kept": sessions + 1, "failed": 1}, f"again: {counts}")
    changed = [path for path, at_ns in before.items() if path.stat().st_mtime_ns != at_ns]
    _expect(len(changed) <= 1, f"again: {len(changed)} files were written anew")  # the rubbish is tried again
    sizes = sum(path.stat().st_size for path in recordings.glob("*.mcap"))
    found |= {
        "recorded_h": recorded_s / 3600.0,
        "one_worker_per_s": len(fifth) / found["one_worker_s"],
        "two_workers_per_s": (sessions + DAMAGED) / found["two_workers_s"],
        "times_real_time": recorded_s / found["two_workers_s"],
        "files": len(same),
        "recording_mb_per_h_and_sensor": sizes / 1e6 / (recorded_s / 3600.0) / sensors,
        "dataset_kb_per_session": sum(path.stat().st_size for path in clean.rglob("*.parquet")) / 1e3 / sessions,
        "load": os.getloadavg()[0],
    }
    return found


def _expect(true: bool, said: str) -> None:
    if not true:
        raise RuntimeError(said)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--sensors", type=int, choices=range(1, len(SENSORS) + 1), default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(options.sessions, Path(folder), options.sensors)
    if options.json:
        print(json.dumps(found, indent=1))
        return
    print(f"{found['sessions']} sessions, {found['recorded_h']:.1f} h of {found['sensors']} sensors,", end=" ")
    print(f"made in {found['made_s']:.0f} s; load {found['load']:.1f}")
    print(f"1 worker:  {found['one_worker_per_s']:.2f} sessions/s ({found['one_worker_s']:.0f} s for a fifth)")
    print(f"2 workers: {found['two_workers_per_s']:.2f} sessions/s ({found['two_workers_s']:.0f} s),", end=" ")
    print(f"{found['times_real_time']:.0f} x real time; 1 damaged and 1 failed are rows")
    print(f"one of two workers killed: the same {found['files']} files, byte for byte")
    print(f"again: {found['sessions'] + 1} kept, nothing written but the row that failed, {found['again_s']:.0f} s")
    print(f"recording {found['recording_mb_per_h_and_sensor']:.1f} MB per hour and sensor,", end=" ")
    print(f"data set {found['dataset_kb_per_session']:.0f} kB per session")


if __name__ == "__main__":
    main()
