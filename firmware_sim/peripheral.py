"""A simulated sensor on the air: a Bumble peripheral around any `SimulatedSensor`."""

import asyncio
import contextlib
from functools import partial
from typing import Any

from bumble import att, core, hci
from bumble.core import AdvertisingData
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Service

from firmware_sim.faults import Faults, Timing
from firmware_sim.link import plain
from firmware_sim.sensors.base import Advertisement, AttError, SimulatedSensor

CCCD_NOT_ENABLED = 0xFD
APPLICATION_ERROR = 0x80  # the first of the codes that are left to each sensor
_STALL_CHECK_S = 0.02
_RENEW_S = 0.5  # of the computer's time: how often what is advertised is looked at again
_SHORT_BYTES = 31  # of an advertisement or a scan response of a real radio
_ADDED = core.UUID("5f3d1a70-2c0e-4c5e-9a51-6a1d0f2b7c11")  # a service that means nothing
_SIG_TAIL = "-0000-1000-8000-00805f9b34fb"
_SHORT_LIST = AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS
_LONG_LIST = AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS
_PROPERTIES = {
    "read": Characteristic.Properties.READ,
    "write": Characteristic.Properties.WRITE,
    "write-without-response": Characteristic.Properties.WRITE_WITHOUT_RESPONSE,
    "notify": Characteristic.Properties.NOTIFY,
    "indicate": Characteristic.Properties.INDICATE,
}


class WorldClock:
    """World time: seconds since the clock was made, `speed` times as fast as the running event loop's.

    The loop's time is the computer's monotonic clock, or virtual (`firmware_sim.virtualtime`).
    """

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._loop = asyncio.get_running_loop()
        self._base_s = self._loop.time()

    def host_ns(self, world_s: float | None = None) -> int:
        """Host time of a world time (now when absent), ns; begins at the loop's time."""
        return round((self._base_s + (self.now_s() if world_s is None else world_s)) * 1e9)

    def now_s(self) -> float:
        """World time now."""
        return (self._loop.time() - self._base_s) * self.speed

    async def sleep_until(self, world_s: float) -> None:
        """Wait until a world time has come."""
        await asyncio.sleep(max(0.0, (world_s - self.now_s()) / self.speed))


class Peripheral:
    """Puts one sensor on the air: advertises, answers, and sends when the link's next event comes.

    Parameters
    ----------
    sensor : SimulatedSensor
    device : Device
        Bumble's host, with a controller that is virtual or real.
    clock : WorldClock
    faults : Faults
        Stalls, refusals and the largest MTU are looked up here.
    timing : Timing
        When what is ready leaves.
    split : bool
        Advertise in an advertisement and a scan response, as a real radio must; the virtual one carries all in one.
    """

    def __init__(
        self,
        sensor: SimulatedSensor,
        device: Device,
        clock: WorldClock,
        faults: Faults,
        timing: Timing,
        *,
        split: bool = False,
    ) -> None:
        self.sensor = sensor
        self.address = plain(device.random_address)
        self._clock = clock
        self._faults = faults
        self._timing = timing
        self._connection: Connection | None = None
        self._subscribed: set[str] = set()
        self._started = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._answering: set[asyncio.Task[None]] = set()
        self._device = device
        self._device.gatt_server.max_mtu = min(sensor.largest_mtu, faults.largest_mtu)
        self._split = split
        self._advertise(sensor.advertisement())
        self._entries = {entry.uuid: entry for entry in sensor.gatt_table}
        self._characteristics: dict[str, Characteristic[bytes]] = {}
        self._add_services()
        self._device.on("connection", self._connected)

    async def open(self) -> None:
        """Switch on and advertise."""
        await self._device.power_on()
        await self._device.start_advertising(auto_restart=True)
        self._tasks = [asyncio.create_task(self._send()), asyncio.create_task(self._renew())]

    async def close(self) -> None:
        """Stop sending and advertising."""
        tasks = [*self._answering, *self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(core.BaseBumbleError, hci.HCI_Error):
            await self._device.stop_advertising()
        await self._device.power_off()

    def _add_services(self) -> None:
        services: dict[str, list[Characteristic[bytes]]] = {}
        for entry in self._entries.values():
            properties = Characteristic.Properties(0)
            for name in entry.properties:
                properties |= _PROPERTIES[name]
            permissions = Characteristic.Permissions(0)
            if "read" in entry.properties:
                permissions |= Characteristic.Permissions.READABLE
            if {"write", "write-without-response"} & set(entry.properties):
                permissions |= Characteristic.Permissions.WRITEABLE
                if self._faults.demands_pairing:
                    permissions |= Characteristic.Permissions.WRITE_REQUIRES_ENCRYPTION
            value = CharacteristicValue[bytes](
                read=partial(self._read, entry.uuid), write=partial(self._write, entry.uuid)
            )
            characteristic = Characteristic[bytes](_short(entry.uuid), properties, permissions, value)
            characteristic.on(characteristic.EVENT_SUBSCRIPTION, partial(self._subscription, entry.uuid))
            self._characteristics[entry.uuid] = characteristic
            services.setdefault(entry.service, []).append(characteristic)
        self._device.add_services([Service(_short(uuid), found) for uuid, found in services.items()])

    @property
    def connection(self) -> Connection | None:
        """Link to the host; None without one."""
        return self._connection

    def limit_mtu(self, mtu: int) -> None:
        """Answer hosts that ask for more with so many bytes, from the next connection on."""
        self._device.gatt_server.max_mtu = mtu

    def update(self) -> None:
        """Take another firmware with one more service in front: all attributes of the others get new handles."""
        server = self._device.gatt_server
        server.attributes, server.services = [], []
        server.attributes_by_handle.clear()
        self._device.add_service(Service(_ADDED, []))
        self._device.add_default_services()
        self._add_services()

    def _connected(self, connection: Connection) -> None:
        self._connection = connection
        connection.on("disconnection", self._disconnected)
        now_s = self._clock.now_s()
        self.sensor.advance(now_s)
        self.sensor.connected(now_s, self._faults.interval_of(self.sensor.interval_s))

    def _disconnected(self, _reason: int) -> None:
        self._connection = None
        self._subscribed.clear()
        self._started.clear()
        for task in self._answering:
            task.cancel()  # Bumble would wait half a minute for the confirmation of an indication
        self.sensor.disconnected()

    def _subscription(self, uuid: str, _bearer: Any, notify: bool, indicate: bool) -> None:
        on = notify or indicate
        if on:
            self._subscribed.add(uuid)
        else:
            self._subscribed.discard(uuid)
        if self._connection:
            self.sensor.subscribed(uuid, on, self._connection.att_mtu, self._clock.now_s())
        self._wake()

    def _wake(self) -> None:
        """Begin to send, if there is anything to send."""
        if self.sensor.next_due_s() is not None:
            self._started.set()

    def _read(self, uuid: str, _connection: Connection) -> bytes:
        try:
            return self.sensor.read(uuid)
        except AttError as error:
            raise att.ATT_Error(att.ErrorCode(error.code)) from error

    def _write(self, uuid: str, connection: Connection, value: bytes) -> None:
        if self._faults.refuses_writes:
            raise att.ATT_Error(att.ErrorCode(APPLICATION_ERROR))
        if self._entries[uuid].needs_listener and uuid not in self._subscribed:
            raise att.ATT_Error(att.ErrorCode(CCCD_NOT_ENABLED))
        try:
            answers = self.sensor.write(uuid, bytes(value), connection.att_mtu, self._clock.now_s())
        except AttError as error:
            raise att.ATT_Error(att.ErrorCode(error.code)) from error
        task = asyncio.create_task(self._answer(connection, answers))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        self._wake()

    async def _answer(self, connection: Connection, answers: list[tuple[str, bytes]]) -> None:
        """Send what a write brought forth, after the write's own response."""
        for uuid, value in answers:
            await self._say(connection, uuid, value)
        await self._leave_when_off()

    async def _leave_when_off(self) -> None:
        """Fall silent, if the sensor has switched itself off."""
        if self.sensor.powered:
            return
        with contextlib.suppress(core.BaseBumbleError, hci.HCI_Error):
            await self._device.stop_advertising()
            if self._connection:
                await self._connection.disconnect()

    async def _send(self) -> None:
        """Send whatever is ready, at the link's own times, as long as the sensor is on."""
        while True:
            due_s = self.sensor.next_due_s()
            if due_s is None:
                self._started.clear()
                await self._started.wait()
                continue
            await self._clock.sleep_until(self._timing.arrival_s(max(due_s, self._clock.now_s())))
            now_s = self._clock.now_s()
            script_s = now_s - self.sensor.conditions.begin_s
            air = not self._faults.stalled(self.sensor.name, script_s)
            for _sent_s, uuid, value in self.sensor.advance(now_s, air=air):
                if self._connection:
                    await self._say(self._connection, uuid, value)
            await self._leave_when_off()
            if not air:
                await self._clock.sleep_until(now_s + _STALL_CHECK_S)

    def _advertise(self, said: Advertisement) -> bool:
        """Set what is to be advertised; whether it changed."""
        first, second = _advertising_data(said, split=self._split)
        changed = (first, second) != (self._device.advertising_data, self._device.scan_response_data)
        self._device.advertising_data, self._device.scan_response_data = first, second
        return changed

    async def _renew(self) -> None:
        """Keep the advertisement true while nobody is connected: battery, muscle level, state."""
        while self.sensor.powered:
            await asyncio.sleep(_RENEW_S)
            if self._connection is not None or not self._device.is_advertising:
                continue
            self.sensor.advance(self._clock.now_s())
            if self._advertise(self.sensor.advertisement()):
                data = self._device.advertising_data
                command = hci.HCI_LE_Set_Advertising_Data_Command(advertising_data=data)
                with contextlib.suppress(core.BaseBumbleError, hci.HCI_Error):
                    if self._device.legacy_advertising_set is not None:
                        await self._device.legacy_advertising_set.set_advertising_data(data)
                    else:
                        await self._device.send_sync_command(command)
        await self._leave_when_off()

    async def _say(self, connection: Connection, uuid: str, value: bytes) -> None:
        """Notify, or indicate where the characteristic knows nothing else; nothing without a listener."""
        characteristic = self._characteristics[uuid]
        if "notify" not in self._entries[uuid].properties:
            await self._device.indicate_subscriber(connection, characteristic, value)
        elif uuid in self._subscribed:
            await self._device.notify_subscriber(connection, characteristic, value, force=True)


def _short(uuid: str) -> core.UUID:
    """Bumble's UUID; those of the Bluetooth SIG in their 16-bit form."""
    if uuid.endswith(_SIG_TAIL):
        return core.UUID.from_16_bits(int(uuid[4:8], 16))
    return core.UUID(uuid)


def _advertising_data(said: Advertisement, *, split: bool) -> tuple[bytes, bytes]:
    """Advertisement and scan response; with `split` the fields that find no room in the first go into the second."""
    fields = [(AdvertisingData.FLAGS, b"\x06")]
    lists = {_SHORT_LIST: b"", _LONG_LIST: b""}
    for uuid in said.service_uuids:
        lists[_SHORT_LIST if uuid.endswith(_SIG_TAIL) else _LONG_LIST] += _short(uuid).to_bytes()
    fields += [(kind, uuids) for kind, uuids in lists.items() if uuids]
    if said.name:
        name = AdvertisingData.SHORTENED_LOCAL_NAME if said.shortened else AdvertisingData.COMPLETE_LOCAL_NAME
        fields.append((name, said.name.encode()))
    for uuid, data in said.service_data.items():
        sig = uuid.endswith(_SIG_TAIL)
        kind = AdvertisingData.SERVICE_DATA_16_BIT_UUID if sig else AdvertisingData.SERVICE_DATA_128_BIT_UUID
        fields.append((kind, _short(uuid).to_bytes() + data))
    if said.manufacturer:
        fields.append((AdvertisingData.MANUFACTURER_SPECIFIC_DATA, said.manufacturer))
    if not split:
        return bytes(AdvertisingData(fields)), b""
    parts: tuple[list[Any], list[Any]] = ([], [])
    for field in fields:
        first = len(bytes(AdvertisingData([*parts[0], field]))) <= _SHORT_BYTES
        parts[0 if first else 1].append(field)
    return bytes(AdvertisingData(parts[0])), bytes(AdvertisingData(parts[1]))[:_SHORT_BYTES]
