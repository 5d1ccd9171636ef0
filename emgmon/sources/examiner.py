"""Puts a sensor on a Bluetooth wire for `emgmon.sources.conformance`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError, BleakGATTProtocolError

from emgmon.devices import Advertisement
from emgmon.errors import DeviceLost, DeviceNotFound
from emgmon.sources.ble import Radio, plain_errors
from emgmon.sources.conformance import Heard

CONNECT_S = 20.0
REQUEST_S = 10.0
REFUSED = 0x100
"""Stands for a refusal whose ATT code the system did not tell."""


class BluetoothWire:
    """A `emgmon.sources.conformance.Wire` over Bluetooth; made by `wire_to`."""

    def __init__(self, radio: Radio, handle: BLEDevice, advertisement: Advertisement) -> None:
        self.advertisement = advertisement
        self.ports: Mapping[str, frozenset[str]] = {}
        self.mtu = 23
        self.heard: list[Heard] = []
        self._radio, self._handle = radio, handle
        self._client: BleakClient | None = None

    async def open(self) -> None:
        """Connect."""
        client = BleakClient(self._handle, timeout=CONNECT_S, **self._radio.client_kwargs)
        try:
            await client.connect()
        except (BleakError, TimeoutError, OSError) as error:
            raise DeviceLost(f"{self._handle.name}: {error or 'no answer'}; hold it near and try again.") from error
        found = [c for service in client.services for c in service.characteristics]
        self.ports = {c.uuid: frozenset(c.properties) for c in found}
        self.mtu = min((c.max_write_without_response_size for c in found), default=20) + 3
        self._client = client

    async def close(self) -> None:
        """Disconnect; safe in any state."""
        if self._client is not None:
            with contextlib.suppress(BleakError, TimeoutError, OSError):
                await self._client.disconnect()

    @property
    def _gatt(self) -> BleakClient:
        if self._client is None or not self._client.is_connected:
            raise DeviceLost(f"{self._handle.name} went away while it was examined.")
        return self._client

    async def read(self, port: str) -> bytes:
        """See `emgmon.sources.conformance.Wire`."""
        try:
            async with asyncio.timeout(REQUEST_S):
                return bytes(await self._gatt.read_gatt_char(port))
        except (BleakError, TimeoutError):
            return b""

    async def write(self, port: str, payload: bytes) -> int:
        """See `emgmon.sources.conformance.Wire`."""
        try:
            async with asyncio.timeout(REQUEST_S):
                await self._gatt.write_gatt_char(port, payload, response=True)
        except BleakGATTProtocolError as error:
            return int(error.code)
        except (BleakError, TimeoutError):
            return REFUSED
        return 0

    async def subscribe(self, port: str) -> None:
        """See `emgmon.sources.conformance.Wire`."""

        def on_value(_characteristic: Any, value: bytearray) -> None:
            self.heard.append(Heard(port, self._radio.clock_ns() * 1e-9, bytes(value)))

        with contextlib.suppress(BleakError, TimeoutError):
            async with asyncio.timeout(REQUEST_S):
                await self._gatt.start_notify(port, on_value)

    async def wait(self, length_s: float) -> None:
        """See `emgmon.sources.conformance.Wire`."""
        await asyncio.sleep(length_s)

    async def reconnect(self) -> None:
        """See `emgmon.sources.conformance.Wire`."""
        await self.close()
        await asyncio.sleep(1.0)
        await self.open()


@contextlib.asynccontextmanager
async def wire_to(radio: Radio, wanted: str, scan_s: float = 10.0) -> AsyncIterator[BluetoothWire]:
    """Look for a sensor by address or name, and connect to it while the block runs.

    Raises
    ------
    BluetoothUnavailable, DeviceNotFound, DeviceLost
    """
    with plain_errors():
        heard = await BleakScanner.discover(scan_s, return_adv=True, **radio.scanner_kwargs)
    for device, said in heard.values():
        name = said.local_name or device.name or ""
        if wanted.lower() in {device.address.lower(), name.lower()}:
            break
    else:
        raise DeviceNotFound(f"No sensor with the address or name {wanted!r} was heard; 'emgmon scan --all' lists all.")
    advertisement = Advertisement(name, tuple(said.service_uuids), said.service_data, said.manufacturer_data)
    wire = BluetoothWire(radio, device, advertisement)
    await wire.open()
    try:
        yield wire
    finally:
        await wire.close()
