"""One simulated room: a scripted person, the sensors they wear, and a virtual radio that hears them."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from firmware_sim.body import Body
from firmware_sim.faults import SUPERVISION_S, Damage, Faults, Timing, Window
from firmware_sim.kits import OWN_KIT, Unit, Wardrobe, make, number_of, units_of
from firmware_sim.sensors.base import SimulatedSensor
from firmware_sim.wearer import Cue, Script

if TYPE_CHECKING:
    from bumble.device import Device

    from firmware_sim.link import FaultyLink
    from firmware_sim.peripheral import Peripheral, WorldClock
    from firmware_sim.radio import Radio


class World:
    """What `open_world` gives; see there.

    Attributes
    ----------
    script : Script
        What the person does, with its truth.
    sensors : dict of str to SimulatedSensor
        By advertised name: their true clocks and conditions.
    placements : list of dict
        Data of a ``placement`` mark for each sensor that does not say itself where it sits.
    client_kwargs, scanner_kwargs : dict
        Keyword arguments for ``BleakClient`` and ``BleakScanner``.
    port : int or None
        TCP port where other processes can plug in; None where nothing listens.
    """

    def __init__(
        self, script: Script, radio: "Radio", link: "FaultyLink", clock: "WorldClock", *, real: bool = False
    ) -> None:
        self.script = script
        self.sensors: dict[str, SimulatedSensor] = {}
        self.placements: list[dict[str, Any]] = []
        self.client_kwargs: dict[str, Any] = {"backend": radio.client_class}
        self.scanner_kwargs: dict[str, Any] = {"backend": radio.scanner_class}
        self.port: int | None = None
        self._radio = radio
        self._link = link
        self._clock = clock
        self._real = real
        self._peripherals: list[Peripheral] = []
        self._outages: list[Window] = []
        self._begun = asyncio.Event()
        self._begin_s = math.nan
        self._tasks: list[asyncio.Task[None]] = []

    def clock_ns(self) -> int:
        """Host time, ns: monotonic, starts at the computer's, runs at the world's speed."""
        return self._clock.host_ns()

    def ignores_connections(self, name: str) -> None:
        """Let a sensor advertise on, and never answer who connects."""
        self._link.deafen(self._address(name))

    def limits_mtu(self, name: str, mtu: int) -> None:
        """Let a sensor's link carry no more than so many bytes at once, from its next connection on."""
        self._peripheral(name).limit_mtu(mtu)

    def updates_firmware(self, name: str) -> None:
        """Let a sensor that nobody is connected to wear new firmware, whose attributes have other handles."""
        self._peripheral(name).update()

    def mtu(self, name: str) -> int | None:
        """Give what a sensor's connection carries at once, bytes; None while it has none."""
        connection = self._peripheral(name).connection
        return connection.att_mtu if connection else None

    def encrypted(self, name: str) -> bool:
        """Whether a sensor is connected over an encrypted link."""
        connection = self._peripheral(name).connection
        return connection is not None and bool(connection.is_encrypted)

    def dropped(self, name: str) -> int:
        """How many notifications of a sensor the air has lost."""
        return self._link.damage[self._address(name)].lost

    def _peripheral(self, name: str) -> "Peripheral":
        return next(p for p in self._peripherals if p.sensor.name == name)

    def _address(self, name: str) -> str:
        return self._peripheral(name).address

    def begin(self) -> None:
        """Let the person start the script now."""
        if self._begun.is_set():
            raise RuntimeError("the script has begun already")
        self._start_script()
        self._tasks += [asyncio.create_task(self._outage(outage)) for outage in self._outages]
        self._begun.set()

    def begin_again(self) -> None:
        """Let the person start the script once more, now; faults do not come again."""
        if not self._begun.is_set():
            raise RuntimeError("the script has not begun")
        self._start_script()

    def _start_script(self) -> None:
        self._begin_s = self._clock.now_s()
        for sensor in self.sensors.values():
            sensor.conditions.begin_s = self._begin_s

    def host_ns_of(self, t_s: float) -> int:
        """Host time of a script time, ns; only after `begin`."""
        if not self._begun.is_set():
            raise RuntimeError("the script has not begun")
        return self._clock.host_ns(self._begin_s + t_s)

    async def cues(self) -> AsyncIterator[Cue]:
        """Yield each cue when its time has come; ends when the script does."""
        await self._begun.wait()
        for cue in self.script.cues:
            await self._clock.sleep_until(self._begin_s + cue.t_s)
            yield cue
        await self._clock.sleep_until(self._begin_s + self.script.duration_s)

    def wear(self, unit: Unit, sensor: SimulatedSensor, device: "Device", faults: Faults, seeds: list[int]) -> None:
        """Put one more sensor into the world, on a Bumble host of its own, before it is opened."""
        from firmware_sim.peripheral import Peripheral  # noqa: PLC0415

        rng = np.random.default_rng(seeds)
        timing = Timing(faults, rng, sensor.interval_s)
        peripheral = Peripheral(sensor, device, self._clock, faults, timing, split=self._real)
        self._link.damage[peripheral.address] = Damage(faults, unit.name, rng)
        sensor.conditions.lifted_s = faults.lifted_of(unit.name)
        self.sensors[unit.name] = sensor
        self._peripherals.append(peripheral)
        self._outages += faults.outages_of(unit.name)
        if not unit.labelled:
            self.placements.append(unit.placement())

    async def open(self) -> None:
        """Switch on the radio and all sensors."""
        await self._radio.open()
        for peripheral in self._peripherals:
            await peripheral.open()

    async def close(self) -> None:
        """Stop everything; safe in any state."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._radio.close()
        for peripheral in self._peripherals:
            await peripheral.close()

    async def _outage(self, outage: Window) -> None:
        """Silence a sensor, report the loss after the supervision time, and let it come back."""
        address = self._address(outage.device)
        start_s = self._begin_s + outage.t_s
        await self._clock.sleep_until(start_s)
        self._link.silence(address)
        await self._clock.sleep_until(start_s + min(SUPERVISION_S, outage.duration_s / 2))
        self._link.expire(address)
        if math.isfinite(outage.duration_s):
            await self._clock.sleep_until(start_s + outage.duration_s)
            self._link.restore(address)


@contextlib.asynccontextmanager
async def open_world(
    script: Script,
    *,
    seed: int = 0,
    kit: str = OWN_KIT,
    speed: float = 1.0,
    faults: Faults | None = None,
    sensors: Iterable[str] | None = None,
    body: Body | None = None,
    listen: tuple[str, int] | None = None,
    adapter: str | None = None,
) -> AsyncIterator[World]:
    """Open a room with a person, sensors and a virtual radio; closed again however the block is left.

    Parameters
    ----------
    script : Script
        What the person does once `World.begin` is called; until then they lie still and relaxed.
    seed : int
        Person, sensors and links.
    kit : str
        Key of `firmware_sim.kits.KITS`: which sensors the person wears, and where.
    speed : float
        World seconds per second.
    faults : Faults, optional
        A healthy link when absent.
    sensors : iterable of str, optional
        Names such as ``EMG-GL``; the whole kit when absent.
    body : Body, optional
        Another person, day, source of EMG, or artefacts.
    listen : tuple of str and int, optional
        Host and TCP port at which other processes can plug an adapter of their own into the virtual air
        (`firmware_sim.wire.remote_radio`); nothing listens when absent.
    adapter : str, optional
        A real adapter, in Bumble's words, that advertises the only sensor instead of the virtual air.

    Raises
    ------
    OSError, ValueError
        When the port or the adapter is not to be had, or the arguments make no sense.
    """
    from firmware_sim.link import FaultyLink, virtual_device  # noqa: PLC0415  (Bumble and Bleak load only when needed)
    from firmware_sim.peripheral import WorldClock  # noqa: PLC0415
    from firmware_sim.quiet import hush  # noqa: PLC0415
    from firmware_sim.radio import CENTRAL_ADDRESS, Radio  # noqa: PLC0415
    from firmware_sim.wire import open_adapters, real_device  # noqa: PLC0415

    if not speed > 0.0:
        raise ValueError(f"speed must be above 0, not {speed}")
    units = units_of(kit, sensors)
    if adapter and len(units) > 1:
        raise ValueError(f"a real adapter can be one sensor, not {len(units)}")
    hush()
    faults = faults or Faults()
    link = FaultyLink()
    clock = WorldClock(speed)
    wardrobe = Wardrobe(script, seed, body)
    world = World(script, Radio(virtual_device(link, "host", CENTRAL_ADDRESS)), link, clock, real=bool(adapter))
    async with contextlib.AsyncExitStack() as stack:
        for unit in units:
            sensor, number = make(unit, wardrobe, seed), number_of(kit, unit)
            address = sensor.address or f"D0:00:00:00:00:{number + 1:02X}"
            if adapter:
                device = await stack.enter_async_context(real_device(adapter, unit.name, address))
            else:
                device = virtual_device(link, unit.name, address)
            world.wear(unit, sensor, device, faults, [seed, 7, number])
        try:
            await world.open()
            if listen:
                world.port = await stack.enter_async_context(open_adapters(link, *listen))
            yield world
        finally:
            await world.close()
