"""Keeps sensors connected: one is connected and started at a time, patience without end, nothing said is lost.

A sensor counts as lost when its link breaks or when it falls silent. It is connected again, and asked to stream again,
until the session ends; what it said before and after is one device in the recording with a gap in between.

The next sensor's turn comes when one streams, not when it is connected: pairing goes on in between, and Linux 6.1 loses
a connection that is being made while another link becomes encrypted.

Time limits are `asyncio.timeout`: `asyncio.wait_for` of Python 3.11 can lose the cancellation that ends a session.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from dataclasses import replace
from typing import Any

from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError, BleakGATTProtocolError, BleakGATTProtocolErrorCode

from emgmon.devices import Driver
from emgmon.devices.base import StreamSettings
from emgmon.errors import DeviceError, DeviceLost, DeviceNotFound, EmgmonError
from emgmon.model import Entry, Mark, Packet
from emgmon.sources.agreeing import agreeing
from emgmon.sources.ble import Found, Radio, forgotten, in_words, named
from emgmon.sources.conversation import Conversation
from emgmon.sources.interval import ask_for_throughput
from emgmon.sources.latecomers import latecomers

log = logging.getLogger(__name__)

SILENT_S = 3.0
"""A connected sensor that says nothing for this long counts as lost; host time."""

RETRY_S = (0.4, 0.5, 1.0, 2.0, 4.0)
"""Pauses before the next attempts to connect; the last one repeats."""

CONNECT_S = 15.0
"""An attempt that takes longer is given up, so that the next sensor has its turn."""

AGAIN_S = 6.0
"""The same for one that has streamed: Linux may forget a connection that is asked for while the last is taken down."""

LOOK_AGAIN_AFTER = 2
"""Failed attempts until the sensor is scanned for, because the system may have forgotten it."""

LOOK_S = 4.0
BREAKS = 3
"""So many links that break before the sensor streams may mean that one side has forgotten their pairing."""

STOP_S = 0.05
FAREWELL_S = 2.0
DISCONNECT_S = 3.0
_Code = BleakGATTProtocolErrorCode
PAIR_FIRST = frozenset(
    {_Code.INSUFFICIENT_AUTHENTICATION, _Code.INSUFFICIENT_ENCRYPTION, _Code.INSUFFICIENT_ENCRYPTION_KEY_SIZE}
)
LinkErrors = (BleakError, TimeoutError, OSError, EOFError)


class _Sensor:
    """One sensor that is kept connected until the session ends."""

    def __init__(self, found: Found, driver: Driver, name: str, source: BleSource) -> None:
        self.found, self.driver, self.name, self.source = found, driver, name, source
        self.ready = asyncio.Event()
        self.failure: EmgmonError | None = None
        self._handle = found.handle
        self._gone = asyncio.Event()
        self._talk: Conversation | None = None
        self._heard_ns = 0
        self._told = ""
        self._breaks = 0

    async def keep(self) -> None:
        """Connect, stream, and begin again when the link breaks."""
        self._mark("device", driver=self.driver.name, address=self.found.address, title=self.driver.title)
        attempt = 0
        while True:
            if attempt <= LOOK_AGAIN_AFTER or await self._heard_again():
                try:
                    reason = await self._connection()
                except DeviceError as error:
                    self._trouble(error)
                except LinkErrors as error:
                    hint = forgotten(self.found.address) if self._breaks >= BREAKS else ""
                    self._trouble(DeviceLost(in_words(error) + hint))
                else:
                    attempt = self._breaks = 0
                    log.info("%s lost: %s", self.name, reason)
            await asyncio.sleep(RETRY_S[min(attempt, len(RETRY_S) - 1)])
            attempt += 1

    async def identify(self) -> None:
        """Let the sensor show which one it is; raises `DeviceError` where it does not."""
        if self.driver.identify is None:
            raise DeviceError(f"{self.name}: this kind of sensor cannot show itself; tap its electrode instead.")
        if self._talk is None:
            raise DeviceLost(f"{self.name} is not connected; it is being looked for.")
        try:
            await self._talk.hold(self.driver.identify())
        except LinkErrors as error:
            raise DeviceLost(f"{self.name}: {in_words(error)}") from error

    async def _connection(self) -> str:
        """One connection from its beginning to its end; returns why it ended once the sensor streamed."""
        self._gone.clear()
        patience_s = AGAIN_S if self.ready.is_set() else CONNECT_S
        client = BleakClient(
            self._handle,
            lambda _client: self._gone.set(),
            timeout=patience_s,
            pair=self.driver.pairing,
            **self.source.radio.client_kwargs,
        )
        wish, connected = None, False
        try:
            async with self.source.connecting:
                async with asyncio.timeout(patience_s + 1.0):
                    await client.connect()
                connected = True
                self._breaks += 1
                wish = ask_for_throughput(client)
                self._mark("connected")
                talk = Conversation(client, self.source.radio.clock_ns, self._packet)
                await self._start(client, talk)
            self._mark("started")
            self._talk = talk
            self.ready.set()
            self.failure, self._told = None, ""
            return await self._listen(talk)
        finally:
            del wish
            self._talk = None
            if connected:
                self._mark("lost")
            with contextlib.suppress(*LinkErrors):
                async with asyncio.timeout(DISCONNECT_S):
                    await client.disconnect()

    async def _start(self, client: BleakClient, talk: Conversation) -> None:
        """Hold the driver's handshake; pair first where the sensor turns out to want it."""
        characteristics = [c for service in client.services for c in service.characteristics]
        mtu = min((c.max_write_without_response_size for c in characteristics), default=20) + 3
        ports = {c.uuid: frozenset(c.properties) for c in characteristics}
        settings = replace(self.source.settings, mtu=mtu, ports=ports)
        try:
            await talk.hold(self.driver.handshake(settings))
        except BleakGATTProtocolError as error:
            if error.code not in PAIR_FIRST:
                raise
            log.info("%s wants to be paired", self.name)
            async with asyncio.timeout(CONNECT_S):
                await client.pair()
            await talk.hold(self.driver.handshake(settings))

    async def _listen(self, talk: Conversation) -> str:
        """Wait until the link breaks or falls silent; returns which. Says farewell when the session ends before."""
        self._heard_ns = self.source.radio.clock_ns()
        try:
            while not self._gone.is_set():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.5):
                        await self._gone.wait()
                if self.source.radio.clock_ns() - self._heard_ns > SILENT_S * 1e9:
                    return "silent"
        except asyncio.CancelledError:
            with contextlib.suppress(DeviceError, *LinkErrors):
                async with asyncio.timeout(FAREWELL_S):
                    await talk.hold(self.driver.farewell())
            raise
        return "disconnected"

    async def _heard_again(self) -> bool:
        """Scan for the sensor; True, with a fresh handle, when it advertises."""
        async with self.source.connecting:
            try:
                handle = await BleakScanner.find_device_by_address(
                    self.found.address, LOOK_S, **self.source.radio.scanner_kwargs
                )
            except LinkErrors as error:
                self._trouble(DeviceLost(in_words(error)))
                return False
        if handle is None:
            self._trouble(DeviceLost("not heard; is it switched on, charged, near, and free of other programs?"))
            return False
        self._handle = handle
        return True

    def _trouble(self, error: EmgmonError) -> None:
        """Tell once why the sensor does not stream."""
        self.failure = type(error)(f"{self.name}: {error}")
        log.info("%s: %s", self.name, error)
        if str(error) != self._told:
            self._told = str(error)
            self._mark("trouble", text=self._told)

    def _packet(self, port: str, host_ns: int, payload: bytes) -> None:
        self._heard_ns = host_ns
        self.source.emit(Packet(self.name, port, host_ns, payload))

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
        self._sensors: dict[str, _Sensor] = {}
        self._addresses: set[str] = set()

    async def identify(self, name: str) -> None:
        """Let one sensor show which one it is; raises `DeviceError` where it does not."""
        if name not in self._sensors:
            raise DeviceNotFound(f"No sensor is called {name!r} here; there are {', '.join(self._sensors)}.")
        await self._sensors[name].identify()

    def emit(self, entry: Entry) -> None:
        """Hand on what a sensor said or its link did, until the session closes."""
        if not self._closing:
            self._emit(entry)

    @contextlib.asynccontextmanager
    async def streaming(
        self,
        found: Iterable[Found],
        *,
        wait_s: float = 20.0,
        stop: threading.Event | None = None,
        awaited: Collection[str] = (),
    ) -> AsyncIterator[list[str]]:
        """Connect to sensors and keep them; yields the names of those that stream after `wait_s` at most.

        When `stop` is set nobody is waited for any more. Sensors whose names are `awaited` are kept too from when they
        are switched on: they are looked for now and then.

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
        self._sensors = {sensor.name: sensor for sensor in sensors}
        self._addresses = {sensor.found.address for sensor in sensors}
        async with contextlib.AsyncExitStack() as stack:
            if not self.radio.client_kwargs:
                await stack.enter_async_context(agreeing(self._addresses))
            yield await stack.enter_async_context(self._kept(sensors, wait_s, stop, awaited))

    @contextlib.asynccontextmanager
    async def _kept(
        self, sensors: list[_Sensor], wait_s: float, stop: threading.Event | None, awaited: Collection[str]
    ) -> AsyncIterator[list[str]]:
        """Keep sensors while the block runs; see `streaming`."""
        tasks = [asyncio.create_task(sensor.keep(), name=sensor.name) for sensor in sensors]
        if awaited:
            tasks.append(asyncio.create_task(self._await(set(awaited), tasks)))
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await _all_ready(sensors, stop)
            ready = [sensor.name for sensor in sensors if sensor.ready.is_set()]
            if not ready and not (stop and stop.is_set()):
                raise sensors[0].failure or DeviceLost(f"{sensors[0].name} could not be started within {wait_s:.0f} s.")
            yield ready
        finally:
            self._closing = True
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _await(self, awaited: set[str], tasks: list[asyncio.Task[None]]) -> None:
        """Keep sensors that are switched on later, each from when it is heard."""
        async for name, driver, item in latecomers(self.radio, self.connecting, awaited, self._addresses):
            self._sensors[name] = sensor = _Sensor(item, driver, name, self)
            self._addresses.add(item.address)
            tasks.append(asyncio.create_task(sensor.keep(), name=name))


async def _all_ready(sensors: Iterable[_Sensor], stop: threading.Event | None) -> None:
    """Wait until each sensor streams, or `stop` is set."""
    for sensor in sensors:
        while not sensor.ready.is_set() and not (stop and stop.is_set()):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_S):
                    await sensor.ready.wait()
