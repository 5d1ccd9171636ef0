"""Measures the recording format: crashes, damage, cost of writing, size, and reading against other formats.

All data are simulated: 8 sensors of 1 kHz in packets of 25 ms, noise with bursts.
Run ``python benchmarks/recording.py``; ``--quick`` takes a small part of each, ``--json`` prints numbers.
Peers that are not installed are left out and named: edfio, h5py, pyxdf, pyarrow.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import recording_peers as peers

from emgmon.devices import driver_named
from emgmon.devices.runs import decoded
from emgmon.errors import RecordingError
from emgmon.model import Entry, Mark, Packet, PacketRun
from emgmon.storage import container
from emgmon.storage.recorder import Recorder, write_recording
from emgmon.storage.recording import Recording, read_recording

SENSORS, FS_HZ, PACKET_S = 8, 1000, 0.025
FLUSH_S = 0.5
EMG = "c3310004-2714-438a-ab5f-5cbde8590098"
DESCRIPTION = "c3310002-2714-438a-ab5f-5cbde8590098"

CHILD = """
import sys, time
from pathlib import Path
from emgmon.model import Packet
from emgmon.storage.recorder import Recorder
recorder = Recorder(Path(sys.argv[1]))
print("ready", flush=True)
number = 0
due = time.monotonic()
while True:
    for sensor in range(8):
        payload = number.to_bytes(8, "little") + bytes((number * 7 + k) % 251 for k in range(56))
        recorder.append(Packet(f"S{sensor}", "emg", time.monotonic_ns(), payload))
        number += 1
    due += 0.025
    time.sleep(max(0.0, due - time.monotonic()))
"""


def signals(seconds: int, seed: int = 1) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Make simulated EMG counts, (n_samples, SENSORS): coloured noise of 10 counts with bursts of 200 every 8 s."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((seconds * FS_HZ + 4, SENSORS))
    noise = noise[4:] + 0.8 * noise[3:-1] - 0.5 * noise[1:-3]
    t_s = np.arange(seconds * FS_HZ) / FS_HZ
    level = 10.0 + 190.0 * np.clip(np.sin(2 * np.pi * t_s / 8.0), 0.0, 1.0)
    return np.round(noise * level[:, None]).astype("<i2")


def entries(counts: np.ndarray[Any, np.dtype[np.int16]]) -> Iterator[Entry]:
    """Wrap the counts in packets of the open profile, one sensor per column."""
    rows = round(PACKET_S * FS_HZ)
    begin_ns = 1_000_000_000
    yield Mark(begin_ns, "session", {"simulated": True, "program": "benchmark"})
    for sensor in range(SENSORS):
        yield Mark(begin_ns, "device", {"device": f"EMG-{sensor}", "driver": "emgmon_gatt"})
        yield Mark(begin_ns, "connected", {"device": f"EMG-{sensor}"})
        yield Packet(f"EMG-{sensor}", DESCRIPTION, begin_ns, peers.description())
    for first in range(0, len(counts), rows):
        for sensor in range(SENSORS):
            host_ns = begin_ns + round((first + rows) / FS_HZ * 1e9) + sensor * 1000
            yield Packet(f"EMG-{sensor}", EMG, host_ns, peers.packet(first, counts[first : first + rows, sensor]))


def kills(count: int, folder: Path, rng: random.Random) -> dict[str, float]:
    """End a recording process with SIGKILL at random moments; what is lost is counted up to the kill."""
    lost_s, errors = [], 0
    for number in range(count):
        path = folder / f"killed{number}.mcap"
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE)  # noqa: S603
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(rng.uniform(0.7, 2.5))
        child.kill()
        killed_ns = time.monotonic_ns()
        child.wait()
        child.stdout.close()
        found = list(read_recording(path.with_suffix(".part.mcap")))
        numbers = [int.from_bytes(e.payload[:8], "little") for e in found if isinstance(e, Packet)]
        errors += numbers != list(range(len(found)))
        lost_s.append((killed_ns - found[-1].host_ns) * 1e-9)
    return {"runs": count, "lost_s_max": max(lost_s), "lost_s_mean": sum(lost_s) / count, "errors": errors}


def cuts(count: int, whole: Path, folder: Path, rng: random.Random) -> dict[str, float]:
    """Truncate a whole file at random offsets; what is lost is counted up to the end of the torn chunk."""
    data, original = whole.read_bytes(), list(read_recording(whole))
    with whole.open("rb") as stream:
        places, _ = container.places(stream)
    torn, lost_s, errors = folder / "torn.mcap", [], 0
    for _ in range(count):
        cut = rng.randrange(len(container.header()), len(data))
        torn.write_bytes(data[:cut])
        recording = read_recording(torn)
        found = list(recording)
        errors += found != original[: len(found)] or not recording.damage
        begun_ns = max((place.end_ns for place in places if place.at < cut), default=original[0].host_ns)
        last_ns = found[-1].host_ns if found else original[0].host_ns
        lost_s.append(max(0.0, (begun_ns - last_ns) * 1e-9))
    return {"runs": count, "lost_s_max": max(lost_s), "errors": errors}


def flips(count: int, whole: Path, folder: Path, rng: random.Random) -> dict[str, float]:
    """Flip one random bit of a whole file; silent is any wrong or missing entry that `damage` does not tell."""
    data, original = whole.read_bytes(), list(read_recording(whole))
    flipped, counts, least = folder / "flipped.mcap", {"found": 0, "harmless": 0, "silent": 0, "refused": 0}, 1.0
    for _ in range(count):
        content = bytearray(data)
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        flipped.write_bytes(content)
        try:
            recording = read_recording(flipped)
        except RecordingError:
            counts["refused"] += 1
            continue
        found = list(recording)
        rest = iter(original)
        true = all(entry in rest for entry in found)
        least = min(least, len(found) / len(original))
        if not true or (len(found) < len(original) and not recording.damage):
            counts["silent"] += 1
        else:
            counts["found" if recording.damage else "harmless"] += 1
    return {"runs": count, **counts, "least_share_read": least}


def write_cost(seconds: int, folder: Path) -> dict[str, float]:
    """CPU of recording as a live session does, thread and fsync included, without waiting in between."""
    packets = list(entries(signals(seconds)))
    path = folder / "cost.mcap"
    began_s = time.process_time()
    with Recorder(path) as recorder:
        for entry in packets:
            recorder.append(entry)
    cpu_ms = (time.process_time() - began_s) * 1000 / seconds
    size = path.stat().st_size
    return {"cpu_ms_per_s": cpu_ms, "core_percent": cpu_ms / 10, "mb_per_hour": size / 1e6 / seconds * 3600}


def best_ms(work: Callable[[], object], runs: int = 3) -> float:
    """Least CPU time in ms."""
    times = []
    for _ in range(runs):
        began_s = time.process_time()
        work()
        times.append((time.process_time() - began_s) * 1000)
    return min(times)


def in_microvolts(recording: Recording) -> None:
    """Decode all packets of a recording."""
    driver = driver_named("emgmon_gatt")
    assert driver is not None
    decoders = {f"EMG-{sensor}": driver.decoder(f"EMG-{sensor}") for sensor in range(SENSORS)}
    for part in recording.runs():
        if not isinstance(part, Mark):
            run = part if isinstance(part, PacketRun) else PacketRun.of([part])
            for number, (device, port) in enumerate(run.sources):
                decoded(decoders[device], run, [(port, np.flatnonzero(run.source == number))])


def reading(seconds: int, folder: Path, others: Sequence[Any] = peers.PEERS) -> list[dict[str, Any]]:
    """Read everything, and 10 s from the middle, from each format that is installed."""
    counts = signals(seconds)
    path = folder / "whole.mcap"
    write_recording(path, entries(counts))
    middle_ns = 1_000_000_000 + seconds // 2 * 1_000_000_000
    recording = read_recording(path)

    rows: list[dict[str, Any]] = [
        {
            "format": "emgmon, packets in columns",
            "mb": path.stat().st_size / 1e6,
            "read_ms": best_ms(lambda: sum(1 for _ in recording.runs())),
            "window_ms": best_ms(lambda: list(recording.entries(middle_ns, middle_ns + 10_000_000_000))),
        },
        {
            "format": "emgmon, decoded to µV",
            "mb": path.stat().st_size / 1e6,
            "read_ms": best_ms(lambda: in_microvolts(recording), 1),
        },
    ]
    for name, needs, write, read, window in others:
        try:
            module = import_module(needs)
        except ImportError:
            rows.append({"format": f"{name}: {needs} is not installed, left out"})
            continue
        file = folder / f"peer.{needs}"
        write(file, counts, FS_HZ)
        row = {"format": f"{name} ({needs} {getattr(module, '__version__', '')})", "mb": file.stat().st_size / 1e6}
        row["read_ms"] = best_ms(lambda read=read, file=file: read(file))  # type: ignore[misc]
        if window is not None:
            row["window_ms"] = best_ms(lambda window=window, file=file: window(file, seconds // 2 * FS_HZ, 10 * FS_HZ))  # type: ignore[misc]
        rows.append(row)
    for row in rows:
        for key in ("read_ms", "window_ms"):
            if key in row:
                row[key.replace("_ms", "_ratio")] = row[key] / rows[0][key]
    return rows


def shown(found: dict[str, Any]) -> str:
    """Write the results as Markdown."""
    lines = ["| what | result |", "|---|---|"]
    kill, cut, flip, cost = (found[key] for key in ("kills", "cuts", "flips", "write"))
    results = {
        f"kill -9 at {kill['runs']} random moments": f"at most {kill['lost_s_max']:.2f} s lost "
        f"(mean {kill['lost_s_mean']:.2f} s), {kill['errors']} errors",
        f"truncation at {cut['runs']} random offsets": f"at most {cut['lost_s_max']:.2f} s lost, "
        f"{cut['errors']} errors",
        f"{flip['runs']} random bit flips": f"{flip['found']} found and said, {flip['harmless']} harmless, "
        f"{flip['refused']} refused, **{flip['silent']} silent**; at least "
        f"{100 * flip['least_share_read']:.1f} % of the entries read",
        f"writing {SENSORS} sensors of 1 kHz": f"{cost['cpu_ms_per_s']:.2f} ms of CPU per recorded second, "
        f"{cost['core_percent']:.2f} % of a core",
        "size": f"{cost['mb_per_hour']:.1f} MB per hour",
    }
    lines += [f"| {what} | {result} |" for what, result in results.items()]
    lines += [
        "",
        f"| {found['seconds']} s of 8 x 1 kHz | MB | read all, CPU ms | ratio | 10 s window, CPU ms | ratio |",
        "|---|---|---|---|---|---|",
    ]
    for row in found["reading"]:
        cells = [f"{row[key]:{form}}" if key in row else "-" for key, form in _COLUMNS]
        lines.append(f"| {row['format']} | {' | '.join(cells)} |")
    return "\n".join(lines)


_COLUMNS = (("mb", ".1f"), ("read_ms", ".0f"), ("read_ratio", ".2f"), ("window_ms", ".1f"), ("window_ratio", ".2f"))


def main() -> None:
    """Run all parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    part = 10 if options.quick else 1
    rng = random.Random(5)  # noqa: S311 - not for secrets
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = folder / "small.mcap"
        write_recording(small, entries(signals(12)))
        found = {
            "simulated": True,
            "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
            "seconds": 3600 // part,
            "kills": kills(50 // part, folder, rng),
            "cuts": cuts(500 // part, small, folder, rng),
            "flips": flips(2000 // part, small, folder, rng),
            "write": write_cost(600 // part, folder),
            "reading": reading(3600 // part, folder),
        }
    print(json.dumps(found, indent=1) if options.json else shown(found))


if __name__ == "__main__":
    main()
