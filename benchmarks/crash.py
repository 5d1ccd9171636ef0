"""Ends recording processes by SIGKILL at random moments, and tells what is left; cuts a small recording at every byte.

``python benchmarks/crash.py --kills 200 --truncate``. A process of its own records what eight simulated sensors sent,
``--load`` times as many packets a second as they send (stamped when they are handed over, as in a live session), and
tells through a pipe what it handed over and what it had synced. After the kill four files are read: as it was left; cut
to what was synced, as after a power cut; the same with zeros, and with garbage, where the rest had been. What is lost
is the time from the last entry that can be read to the last that was handed over. Fails (exit 1) where more than 1 s is
lost (after a power cut: and what the disk took to sync, told as "longest sync"), an entry is not what was sent, or
reading does not say that the file was not closed. Linux and macOS.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import firmware_sim
from emgmon.errors import EmgmonError, RecordingError
from emgmon.model import Entry, Packet
from emgmon.storage.container import header
from emgmon.storage.recorder import Recorder, write_recording
from emgmon.storage.recording import PART_SUFFIX, read_recording

PROMISED_S = 1.0
HANDED, SYNCING, SYNCED = 0, 1, 2
TOLD = struct.Struct("<BQQ")
"""What the recording process tells: kind, then number and host time of an entry, or size of the file and host time."""
SESSION_ENTRIES = 6000
SMALL_ENTRIES = 150


def session(path: Path, count: int) -> None:
    """Write the first `count` entries of a simulated session of eight sensors."""
    from paced import EXERCISE, entries_of  # noqa: F401, PLC0415 - brings Qt, which the recording process does not need

    write_recording(path, itertools.islice(entries_of(firmware_sim.bridges(1, seed=1), 1000, seed=1), count))


def record(sent: Path, path: Path, load: float) -> None:
    """Record the packets of a session again and again until killed; for a process of its own."""
    packets = [entry for entry in read_recording(sent) if isinstance(entry, Packet)]
    gap_s = (packets[-1].host_ns - packets[0].host_ns) * 1e-9 / len(packets) / load
    sync = os.fsync

    def told(descriptor: int) -> None:
        size = os.fstat(descriptor).st_size
        os.write(1, TOLD.pack(SYNCING, size, time.monotonic_ns()))
        sync(descriptor)
        os.write(1, TOLD.pack(SYNCED, size, time.monotonic_ns()))

    os.fsync = told
    recorder, due_s = Recorder(path), time.monotonic()
    for number, packet in enumerate(itertools.cycle(packets)):
        entry = replace(packet, host_ns=time.monotonic_ns())
        recorder.append(entry)
        os.write(1, TOLD.pack(HANDED, number, entry.host_ns))
        due_s += gap_s
        time.sleep(max(0.0, due_s - time.monotonic()))


@dataclass(slots=True)
class Child:
    """A recording process, and what it told: host times of the entries it handed over, size that was synced.

    `since_ns` is when the sync began that was not over, `sync_s` the length of the longest.
    """

    process: subprocess.Popen[bytes]
    handed_ns: list[int] = field(default_factory=list)
    synced: int = 0
    since_ns: int = 0
    sync_s: float = 0.0

    def listen(self) -> None:
        """Take what it tells until its pipe ends."""
        assert self.process.stdout is not None
        while len(raw := self.process.stdout.read(TOLD.size)) == TOLD.size:
            kind, number, host_ns = TOLD.unpack(raw)
            if kind == HANDED:
                self.handed_ns.append(host_ns)
            elif kind == SYNCING:
                self.since_ns = host_ns
            else:
                self.synced, self.sync_s = number, max(self.sync_s, (host_ns - self.since_ns) * 1e-9)
                self.since_ns = 0
        if self.since_ns and self.handed_ns:
            self.sync_s = max(self.sync_s, (self.handed_ns[-1] - self.since_ns) * 1e-9)


def killed(
    sent: Path, path: Path, load: float, after_s: float, meanwhile: Callable[[Child], None] | None = None
) -> Child:
    """Let a process record, and kill it so long after its first entry; `meanwhile` is called when that came."""
    command = [sys.executable, __file__, "--record", str(sent), str(path), "--load", str(load)]
    child = Child(subprocess.Popen(command, stdout=subprocess.PIPE))  # noqa: S603 - this very script
    listener = threading.Thread(target=child.listen)
    listener.start()
    while not child.handed_ns and child.process.poll() is None:
        time.sleep(0.01)
    if meanwhile is not None:
        meanwhile(child)
    time.sleep(after_s)
    child.process.kill()
    child.process.wait()
    listener.join()
    assert child.process.stdout is not None
    child.process.stdout.close()
    return child


def losses(path: Path, child: Child, packets: list[Packet], rng: random.Random) -> dict[str, tuple[float, list[str]]]:
    """Read what a killed process left, in four states; returns seconds lost and what is wrong, for each."""
    left = path.read_bytes()
    synced = left[: child.synced]
    rest = len(left) - len(synced)
    states = {
        "kill -9, as it was left": left,
        "power cut: what was synced": synced,
        "power cut: zeros after it": synced + bytes(rest),
        "power cut: garbage after it": synced + rng.randbytes(rest),
    }
    return {
        name: _lost(path, content, child, packets, PROMISED_S + (child.sync_s if name.startswith("power") else 0.0))
        for name, content in states.items()
    }


def _lost(
    path: Path, content: bytes, child: Child, packets: list[Packet], promised_s: float = PROMISED_S
) -> tuple[float, list[str]]:
    path.write_bytes(content)
    try:
        recording = read_recording(path)
        found = list(recording)
    except RecordingError as error:
        found, said = [], str(error)
    else:
        said = " ".join(recording.damage)
    wrong = []
    for number, entry in enumerate(found):
        sent = packets[number % len(packets)]
        ours = child.handed_ns[number] if number < len(child.handed_ns) else entry.host_ns
        if entry != replace(sent, host_ns=ours):
            wrong.append(f"entry {number} is not what was sent")
            break
    if not any(word in said for word in ("not closed", "torn", "zeros", "nothing was recorded")):
        wrong.append(f"not said to be incomplete: {said!r}")
    first_ns = child.handed_ns[0]
    last_ns = found[-1].host_ns if found else first_ns
    lost_s = max(0.0, (child.handed_ns[-1] - last_ns) * 1e-9)
    if lost_s > promised_s:
        wrong.append(f"{lost_s:.2f} s lost, longest sync {child.sync_s:.2f} s")
    return lost_s, wrong


def kills(
    count: int, load: float, beside: int, folder: Path, seed: int = 1
) -> dict[str, list[tuple[float, list[str]]]]:
    """Kill `count` processes, `beside` at a time, each 0.2 to 4 s after its first entry."""
    sent, rng = folder / "sent.mcap", random.Random(seed)  # noqa: S311 - not for secrets
    session(sent, SESSION_ENTRIES)
    packets = [entry for entry in read_recording(sent) if isinstance(entry, Packet)]
    moments, syncs_s = [rng.uniform(0.2, 4.0) for _ in range(count)], [0.0]

    def one(number: int) -> dict[str, tuple[float, list[str]]]:
        path = folder / f"killed{number}.mcap"
        child = killed(sent, path, load, moments[number])
        part = path.with_suffix(PART_SUFFIX)
        syncs_s.append(child.sync_s)
        try:
            return losses(part, child, packets, random.Random(f"{seed} {number}"))  # noqa: S311
        finally:
            part.unlink()

    with ThreadPoolExecutor(beside) as pool:
        done = list(pool.map(one, range(count)))
    print(f"longest sync of the disk: {max(syncs_s):.2f} s", file=sys.stderr)
    return {name: [each[name] for each in done] for name in done[0]} if done else {}


def cut(folder: Path, count: int = SMALL_ENTRIES) -> tuple[int, int, list[str]]:
    """Cut a small recording at every byte; returns its size, most entries that one more byte gives, what is wrong."""
    whole, torn = folder / "small.mcap", folder / "torn.mcap"
    session(whole, count)
    original: list[Entry] = list(read_recording(whole))
    content, before, most, wrong = whole.read_bytes(), 0, 0, []
    for size in range(len(content)):
        torn.write_bytes(content[:size])
        try:
            recording = read_recording(torn)
            found = list(recording)
        except EmgmonError as error:
            if size >= len(header()):
                wrong.append(f"{size} bytes: {error}")
            continue
        if found != original[: len(found)] or len(found) < before or not recording.damage:
            wrong.append(f"{size} bytes: {len(found)} entries after {before}; {recording.damage}")
        before, most = len(found), max(most, len(found) - before)
    if before != len(original):
        wrong.append("the last byte but one does not give all entries")
    return len(content), most, wrong


def main() -> int:
    """Print the table; returns 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--load", type=float, default=4.0, help="times the packets of eight sensors (default 4)")
    parser.add_argument("--beside", type=int, default=4, help="processes that record at once (default 4)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--truncate", action="store_true", help="cut a small recording at every byte too")
    parser.add_argument("--record", type=Path, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.record:
        record(*options.record, options.load)
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("| what | times | most lost, s | mean, s | wrong |\n|---|---|---|---|---|")
        for what, runs in kills(options.kills, options.load, options.beside, folder, options.seed).items():
            lost_s = [lost for lost, _wrong in runs]
            bad = [f"{what}: {each}" for _lost, found in runs for each in found]
            wrong += bad
            print(f"| {what} | {len(runs)} | {max(lost_s):.2f} | {sum(lost_s) / len(runs):.2f} | {len(bad)} |")
        if options.truncate:
            size, most, bad = cut(folder)
            wrong += bad
            print(
                f"\n{size} bytes cut at every byte: {len(bad)} wrong; one more byte gives at most {most} entries more"
            )
    print("\n".join(wrong[:20]) or "well")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
