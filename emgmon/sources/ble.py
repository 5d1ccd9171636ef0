"""Finds, opens and keeps sensors over Bluetooth; carries out what the drivers ask for.

Every byte that a sensor says becomes a packet before anything tries to understand it; its host time is taken in the
first line of the callback. A sensor that goes away is looked for until the session ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakError

from emgmon.devices import Advertisement, Driver, driver_for
from emgmon.devices.base import Read, Request, StreamSettings, Subscribe
from emgmon.errors import BluetoothUnavailable, DeviceError, DeviceLost, DeviceNotFound, EmgmonError
from emgmon.model import Entry, Mark, Packet

log = logging.getLogger(__name__)

ANSWER_S = 5.0
SILENT_S = 3.0
"""A connected sensor that says nothing for this long counts as lost; host time."""

RETRY_S = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Pauses before the next attempts to connect; the last one repeats."""

_Reason = BleakBluetoothNotAvailableReason
REASONS: Mapping[BleakBluetoothNotAvailableReason, str] = {
    _Reason.NO_BLUETOOTH: "this computer has no Bluetooth radio; plug in a Bluetooth LE adapter",
    _Reason.NO_BLE_CENTRAL_ROLE: "the Bluetooth radio cannot do Bluetooth LE; plug in a newer adapter",
    _Reason.POWERED_OFF: "Bluetooth is switched off; switch it on in the system's settings",
    _Reason.DENIED_BY_USER: "this program may not use Bluetooth; allow it in the system's privacy settings",
    _Reason.DENIED_BY_SYSTEM: "the system does not allow Bluetooth; ask whoever administers this computer",
    _Reason.DENIED_BY_UNKNOWN: "this program may not use Bluetooth; look into the system's privacy settings",
}


@dataclass(frozen=True, slots=True)
class Radio:
    """The radio that Bleak shall use, and the clock that stamps what it hears.

    Attributes
    ----------
    clock_ns : callable
        Monotonic host time.
    client_kwargs, scanner_kwargs : mapping
        For ``BleakClient`` and ``BleakScanner``; empty for the system's own Bluetooth.
    """

    clock_ns: Callable[[], int]
    client_kwargs: Mapping[str, Any] = field(default_factory=dict)
    scanner_kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """A sensor that was heard. `driver` is None when emgmon does not know its kind."""

    name: str
    address: str
    rssi_dbm: int
    driver: Driver | None
    handle: BLEDevice


@contextlib.contextmanager
def _plain_errors() -> Any:
    """Turn what Bleak raises when there is no Bluetooth into one sentence with a way out."""
    try:
        yield
    except BleakBluetoothNotAvailableError as error:
        raise BluetoothUnavailable(f"No Bluetooth: {REASONS.get(error.reason, str(error.args[0]))}.") from error
    except (BleakError, OSError, EOFError) as error:
        raise BluetoothUnavailable(
            f"No Bluetooth: the system's Bluetooth service does not answer ({error or type(error).__name__}); "
            "is it installed and running?"
        ) from error


async def scan(radio: Radio, length_s: float, *, enough: int | None = None) -> list[Found]:
    """Listen for sensors.

    Parameters
    ----------
    radio : Radio
    length_s : float
        How long at most.
    enough : int, optional
        Stop as soon as this many known sensors were heard.

    Returns
    -------
    list of Found
        Known sensors first, then by signal.

    Raises
    ------
    BluetoothUnavailable
    """
    heard: dict[str, Found] = {}
    done = asyncio.Event()

    def on_advertisement(device: BLEDevice, data: AdvertisementData) -> None:
        said = Advertisement(
            data.local_name or device.name or "", tuple(data.service_uuids), data.service_data, data.manufacturer_data
        )
        known = heard.get(device.address)
        driver = driver_for(said) or (known.driver if known else None)
        name = said.name or (known.name if known else "")
        heard[device.address] = Found(name, device.address, data.rssi, driver, device)
        if enough and sum(1 for found in heard.values() if found.driver and found.name) >= enough:
            done.set()

    with _plain_errors():
        async with BleakScanner(on_advertisement, **radio.scanner_kwargs):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), length_s)
    return sorted(heard.values(), key=lambda found: (found.driver is None, -found.rssi_dbm))


class _Sensor:
    """One sensor that is kept connected until the session ends."""

    def __init__(self, found: Found, driver: Driver, name: str, source: BleSource) -> None:
        self.found, self.driver, self.name, self.source = found, driver, name, source
        self.ready = asyncio.Event()
        self.failure: EmgmonError | None = None
        self._answers: dict[str, asyncio.Future[bytes]] = {}
        self._gone = asyncio.Event()
        self._heard_ns = 0

    async def keep(self) -> None:
        """Connect, stream, and begin again when the link breaks."""
        self._mark("device", driver=self.driver.name, address=self.found.address, title=self.driver.title)
        attempt = 0
        while True:
            self._gone.clear()
            client = BleakClient(
                self.found.handle, lambda _client: self._gone.set(), timeout=10.0, **self.source.radio.client_kwargs
            )
            try:
                async with self.source.connecting:
                    await client.connect()
                self._mark("connected")
                try:
                    await self._converse(client)
                    self.ready.set()
                    attempt, self.failure = 0, None
                    reason = await self._listen()
                finally:
                    self._mark("lost")
                log.info("%s lost: %s", self.name, reason)
            except (BleakError, TimeoutError, OSError) as error:
                self.failure = DeviceLost(f"{self.name}: {error or type(error).__name__}")
                log.info("%s: %r", self.name, error)
            except DeviceError as error:
                self.failure = error
                log.warning("%s: %s", self.name, error)
            finally:
                with contextlib.suppress(BleakError, OSError, TimeoutError):
                    await asyncio.wait_for(client.disconnect(), 3.0)
            await asyncio.sleep(RETRY_S[min(attempt, len(RETRY_S) - 1)])
            attempt += 1

    async def _converse(self, client: BleakClient) -> None:
        """Carry out the driver's handshake."""
        mtu = min((c.max_write_without_response_size for s in client.services for c in s.characteristics), default=20)
        steps = self.driver.handshake(replace(self.source.settings, mtu=mtu + 3))
        answer: bytes | None = None
        while True:
            try:
                step = steps.send(answer)  # type: ignore[arg-type]
            except StopIteration:
                return
            if isinstance(step, Read):
                answer = bytes(await client.read_gatt_char(step.port))
                self._packet(step.port, answer)
            elif isinstance(step, Subscribe):
                answer = b""
                await client.start_notify(step.port, self._listener(step.port))
            elif isinstance(step, Request):
                waiting = self._answers[step.port] = asyncio.get_running_loop().create_future()
                await client.write_gatt_char(step.port, step.payload, response=True)
                answer = await asyncio.wait_for(waiting, ANSWER_S)

    def _listener(self, port: str) -> Callable[[Any, bytearray], None]:
        def on_value(_characteristic: Any, value: bytearray) -> None:
            host_ns = self.source.radio.clock_ns()
            self._heard_ns = host_ns
            self.source.emit(Packet(self.name, port, host_ns, bytes(value)))
            waiting = self._answers.pop(port, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(bytes(value))

        return on_value

    async def _listen(self) -> str:
        """Wait until the link breaks or falls silent; returns which."""
        self._heard_ns = self.source.radio.clock_ns()
        while not self._gone.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._gone.wait(), 0.5)
            if self.source.radio.clock_ns() - self._heard_ns > SILENT_S * 1e9:
                return "silent"
        return "disconnected"

    def _packet(self, port: str, payload: bytes) -> None:
        self.source.emit(Packet(self.name, port, self.source.radio.clock_ns(), payload))

    def _mark(self, kind: str, **data: Any) -> None:
        self.source.emit(Mark(self.source.radio.clock_ns(), kind, {"device": self.name, **data}))


class BleSource:
    """Sensors that stay connected while the block of `streaming` runs.

    Parameters
    ----------
    radio : Radio
    settings : StreamSettings
    emit : callable
        Takes each entry in the order of its host time.
    """

    def __init__(self, radio: Radio, settings: StreamSettings, emit: Callable[[Entry], None]) -> None:
        self.radio, self.settings = radio, settings
        self.connecting = asyncio.Lock()
        self._emit = emit
        self._closing = False

    def emit(self, entry: Entry) -> None:
        """Hand on what a sensor said or its link did, until the session closes."""
        if not self._closing:
            self._emit(entry)

    @contextlib.asynccontextmanager
    async def streaming(self, found: Iterable[Found], *, wait_s: float = 20.0) -> AsyncIterator[list[str]]:
        """Connect to sensors and keep them; yields the names of those that stream after `wait_s` at most.

        Raises
        ------
        DeviceNotFound
            When there is nothing to connect to.
        DeviceError
            When not one sensor could be started; the first one's reason.
        """
        sensors = [
            _Sensor(item, item.driver, name, self) for name, item in named(found).items() if item.driver is not None
        ]
        if not sensors:
            raise DeviceNotFound(
                "No sensor that emgmon knows was heard; switch them on and hold them near the computer."
            )
        tasks = [asyncio.create_task(sensor.keep(), name=sensor.name) for sensor in sensors]
        try:
            waiting = [asyncio.create_task(sensor.ready.wait()) for sensor in sensors]
            await asyncio.wait(waiting, timeout=wait_s)
            for pending in waiting:
                pending.cancel()
            ready = [sensor.name for sensor in sensors if sensor.ready.is_set()]
            if not ready:
                raise sensors[0].failure or DeviceLost(f"{sensors[0].name} could not be started within {wait_s:.0f} s.")
            yield ready
        finally:
            self._closing = True
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def named(found: Iterable[Found]) -> dict[str, Found]:
    """Give each sensor the name that it advertises, told apart by the end of its address where two share one."""
    items = [item for item in found if item.driver is not None]
    names = [item.name or item.driver.name for item in items if item.driver is not None]
    return {
        (name if names.count(name) == 1 else f"{name} {item.address[-5:]}"): item
        for name, item in zip(names, items, strict=True)
    }
