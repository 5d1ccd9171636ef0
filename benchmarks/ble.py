"""Eight sensors at once in real time over the virtual radio: what arrives, how late it is understood, what it costs.

``python benchmarks/ble.py [SECONDS] [KIT]``. Host, air and sensors run in one process; with ``--apart`` the sensors and
the air have a process of their own, so that the host's share is seen alone. Delay is from the first line of the
notification's callback to the end of the pipeline's answer to it (in one process the rest of the air's work waits too).
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from multiprocessing import Process, Queue

import numpy as np

import firmware_sim
from emgmon.devices.base import StreamSettings
from emgmon.model import Entry, Mark, Packet
from emgmon.pipeline import Pipeline
from emgmon.sources.ble import Radio, scan
from emgmon.sources.supervisor import BleSource
from firmware_sim.kits import KITS, OWN_KIT, Unit
from firmware_sim.wire import remote_radio

EIGHT = (
    *KITS[OWN_KIT],
    Unit("EMG-SM", OWN_KIT, imu="sacrum/midline"),
    Unit("uMyo-8H", "umyo", (None,)),
)
"""Six of EMG and motion, one of motion, and a uMyo that nobody wears, which streams all the same."""

SETTLE_S = 2.0


class Heard:
    """Feeds a pipeline and remembers how long each packet took."""

    def __init__(self) -> None:
        self.pipeline = Pipeline()
        self.delays_s: list[float] = []
        self.by_device: Counter[str] = Counter()
        self.counting = False

    def take(self, entry: Entry, clock_ns: object) -> None:
        """Understand an entry."""
        self.pipeline.feed(entry)
        if self.counting and isinstance(entry, Packet):
            self.delays_s.append((clock_ns() - entry.host_ns) * 1e-9)
            self.by_device[entry.device] += 1


async def listen(radio: Radio, placements: list[dict[str, object]], n: int, seconds: float) -> Heard:
    """Connect to all sensors and count for `seconds`; returns with what it cost printed."""
    heard = Heard()
    heard.pipeline.feed(Mark(radio.clock_ns(), "session"))
    for placement in placements:
        heard.pipeline.feed(Mark(radio.clock_ns(), "placement", placement))
    found = await scan(radio, 15.0, enough=n)
    source = BleSource(radio, StreamSettings(), lambda entry: heard.take(entry, radio.clock_ns))
    async with source.streaming(found, wait_s=60.0) as ready:
        assert len(ready) == n, f"{len(ready)} of {n} sensors stream"
        await asyncio.sleep(SETTLE_S)
        heard.counting = True
        cpu_s, began_s = time.process_time(), time.monotonic()
        await asyncio.sleep(seconds)
        heard.counting = False
        report(heard, time.monotonic() - began_s, time.process_time() - cpu_s, n)
    return heard


def report(heard: Heard, wall_s: float, cpu_s: float, n: int) -> None:
    """Print what was measured."""
    channels = heard.pipeline.summary().channels
    lost = sum({(c.device, c.quantity): c.lost for c in channels}.values())
    samples = sum({(c.device, c.quantity): c.samples for c in channels}.values())
    bad = sum({c.device: c.bad_packets for c in channels}.values())
    delays_ms = 1e3 * np.array(heard.delays_s)
    rate_hz = len(delays_ms) / wall_s
    print(f"{n} sensors, {wall_s:.0f} s, {rate_hz:.0f} notifications/s from {len(heard.by_device)} sensors")
    print(f"samples {samples}, lost {lost}, unreadable packets {bad}")
    print(f"CPU of this process {100 * cpu_s / wall_s:.0f} % of a core")
    median, p95, p99 = np.percentile(delays_ms, (50, 95, 99))
    most = delays_ms.max()
    print(f"notification to event, ms: median {median:.2f}, p95 {p95:.2f}, p99 {p99:.2f}, most {most:.1f}")


async def together(kit: str, seconds: float) -> None:
    """Everything in this process."""
    async with firmware_sim.open_world(firmware_sim.bridges(20, seed=1), seed=1, kit=kit) as world:
        radio = Radio(world.clock_ns, world.client_kwargs, world.scanner_kwargs)
        world.begin()
        await listen(radio, world.placements, len(world.sensors), seconds)


def sensors_only(kit: str, ports: Queue, stop: Queue) -> None:
    """Sensors and air, in a process of their own; their share of a core goes back at the end."""
    KITS.setdefault("eight", EIGHT)  # type: ignore[attr-defined]

    async def run() -> None:
        script = firmware_sim.bridges(20, seed=1)
        async with firmware_sim.open_world(script, seed=1, kit=kit, listen=("127.0.0.1", 0)) as world:
            world.begin()
            ports.put((world.port, world.placements, len(world.sensors)))
            began_s, cpu_s = time.monotonic(), time.process_time()
            await asyncio.to_thread(stop.get)
            ports.put(100 * (time.process_time() - cpu_s) / (time.monotonic() - began_s))

    asyncio.run(run())


async def apart(kit: str, seconds: float) -> None:
    """Host alone in this process."""
    ports, stop = Queue(), Queue()
    sensors = Process(target=sensors_only, args=(kit, ports, stop))
    sensors.start()
    try:
        port, placements, n = await asyncio.to_thread(ports.get, timeout=60)
        async with remote_radio(port=port) as air:
            radio = Radio(time.monotonic_ns, {"backend": air.client_class}, {"backend": air.scanner_class})
            await listen(radio, placements, n, seconds)
    finally:
        stop.put(None)
        print(f"CPU of the sensors' and air's process {ports.get(timeout=60):.0f} % of a core")
        sensors.join()


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    length_s = float(words[0]) if words else 30.0
    wanted = words[1] if len(words) > 1 else "eight"
    KITS.setdefault("eight", EIGHT)  # type: ignore[attr-defined]
    asyncio.run((apart if "--apart" in sys.argv else together)(wanted, length_s))
