"""What the phone view costs, and how soon it shows: python benchmarks/phone.py [seconds].

Four viewers read at once and one never reads, on loopback, while a made-up session changes 60 times a second. Printed
are the time from `Phone.show` to the last byte at a viewer, the processor's time of this whole process, and what memory
grew by.
"""

import json
import resource
import socket
import sys
import threading
import time
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from live.scenes import frame, opened, reps_done, streaming

from emgmon.live.phone import Phone
from emgmon.live.state import TrainState

SESSION_HZ, SEEN = 60.0, 4


def watch(address, shown, delays, end):
    """Read the stream, and note how long ago each picture was shown."""
    with _asked(address) as link:
        link.settimeout(0.5)
        text = b""
        while not end.is_set():
            try:
                text += link.recv(65536)
            except TimeoutError:
                continue
            now_s = time.perf_counter()
            *whole, text = text.split(b"\n\n")
            for event in whole:
                if b"data: {" in event:
                    hold = json.loads(event.partition(b"data: ")[2].split(b"\r\n")[0])["ring"]["last"]
                    delays.append(now_s - shown.get(hold, now_s))


def _asked(address):
    host, port, token = address.removeprefix("http://").replace("/", ":").split(":")[:3]
    link = socket.create_connection((host, int(port)))
    link.sendall(f"GET /{token}/events HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    return link


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    state, phone, end = TrainState(), Phone("benchmark"), threading.Event()
    for event in [*streaming(), opened(), *reps_done()]:
        state.apply(event)
    phone.start()
    shown, delays, numbers = {}, [], iter(range(1, 10_000_000))
    readers = [threading.Thread(target=watch, args=(phone.address, shown, delays, end)) for _ in range(SEEN)]
    for reader in readers:
        reader.start()
    idle = _asked(phone.address)
    while phone.viewers < SEEN + 1:
        time.sleep(0.01)
    began_s, cpu_s, memory = time.perf_counter(), time.process_time(), _resident_mb()
    while time.perf_counter() - began_s < seconds:
        place = next(numbers) % 10_000 / 10_000.0
        state.apply(frame(t_s=252.0, share={"G": place, "H": 0.0, "E": 1.0 - place}))
        state.reps[-1] = type(state.reps[-1])(6, {"G": place, "H": 0.0, "E": 0.0}, "met", {})
        shown[round(place, 4)] = time.perf_counter()
        phone.show(state)
        time.sleep(1.0 / SESSION_HZ)
    wall_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_s
    end.set()
    for reader in readers:
        reader.join()
    idle.close()
    phone.stop()
    low, middle, high = np.percentile(np.array(delays) * 1e3, [50, 95, 99])
    print(f"{len(delays) / SEEN / wall_s:.1f} pictures a second for each of {SEEN} viewers, one more does not read")
    print(f"shown to received, median / 95 % / 99 %: {low:.2f} / {middle:.2f} / {high:.2f} ms")
    print(f"processor: {100.0 * cpu_s / wall_s:.1f} % of a core, viewers' reading included")
    print(f"memory: {_resident_mb() - memory:+.1f} MB over {wall_s:.0f} s")


def _resident_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
