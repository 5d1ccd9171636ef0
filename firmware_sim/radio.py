"""A Bluetooth adapter that exists only in memory, and Bleak's client and scanner on it.

`BleakClient` and `BleakScanner` run unchanged: they are given the two backend classes of a `Radio`. Errors
come out as those of Bleak's own backends do. Not covered: air time, signal strength, pairing with a code.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Self
from uuid import UUID

from bleak.args import SizedBuffer
from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakError,
    BleakGATTProtocolError,
)
from bumble import att, core, hci
from bumble.core import AdvertisingData
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.gatt_client import Client

from firmware_sim.link import plain

CENTRAL_ADDRESS = "C0:00:00:00:00:01"
LARGEST_MTU = 517
SMALLEST_MTU = 23
_ATT_HEADER_BYTES = 3
_SERVICE_LISTS = (
    AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
)


class Radio:
    """The host's adapter.

    Parameters
    ----------
    device : Device
        Bumble's host, with a controller on a virtual link, here or in another process.

    Attributes
    ----------
    client_class, scanner_class : type
        Backends bound to this radio, for ``BleakClient(..., backend=...)`` and ``BleakScanner``.
    """

    def __init__(self, device: Device) -> None:
        self.device = device
        self.is_open = False
        self.connecting = asyncio.Lock()  # a controller makes one connection at a time
        self.scanners: set[BumbleScanner] = set()
        self.client_class: type[BumbleClient] = type("BumbleClient", (BumbleClient,), {"radio": self})
        self.scanner_class: type[BumbleScanner] = type("BumbleScanner", (BumbleScanner,), {"radio": self})
        self.device.on("advertisement", self._heard)

    async def open(self) -> Self:
        """Switch the adapter on."""
        await self.device.power_on()
        self.is_open = True
        return self

    async def close(self) -> None:
        """End scans and connections, then switch the adapter off."""
        self.is_open = False
        self.scanners.clear()
        with contextlib.suppress(core.BaseBumbleError, hci.HCI_Error):
            if self.device.is_scanning:
                await self.device.stop_scanning()
        for connection in list(self.device.connections.values()):
            with contextlib.suppress(core.BaseBumbleError, hci.HCI_Error):
                await connection.disconnect()
        await self.device.power_off()

    def require(self) -> None:
        """Raise what Bleak raises when Bluetooth is off, unless the adapter is on."""
        if not self.is_open:
            raise BleakBluetoothNotAvailableError(
                "The virtual radio is closed", BleakBluetoothNotAvailableReason.POWERED_OFF
            )

    def _heard(self, advertisement: Advertisement) -> None:
        for scanner in list(self.scanners):
            scanner.heard(advertisement)


class BumbleScanner(BaseBleakScanner):
    """Bleak scanner backend on a `Radio`; use the subclass that the radio offers."""

    radio: ClassVar[Radio]

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: str,
        **_unused: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._active = scanning_mode == "active"

    async def start(self) -> None:
        """Start hearing advertisements."""
        self.radio.require()
        self.seen_devices = {}
        self.radio.scanners.add(self)
        if not self.radio.device.is_scanning:
            await self.radio.device.start_scanning(active=self._active)

    async def stop(self) -> None:
        """Stop, and the radio with the last scanner."""
        self.radio.scanners.discard(self)
        if self.radio.is_open and not self.radio.scanners and self.radio.device.is_scanning:
            await self.radio.device.stop_scanning()

    def heard(self, advertisement: Advertisement) -> None:
        """Pass on one advertisement, if its services are wanted."""
        fields: Any = advertisement.data
        services = [_uuid(uuid) for kind in _SERVICE_LISTS for found in fields.get_all(kind) for uuid in found]
        services = list(dict.fromkeys(services))
        if not self.is_allowed_uuid(services):
            return
        makers = fields.get_all(AdvertisingData.MANUFACTURER_SPECIFIC_DATA)
        service_data = [
            *fields.get_all(AdvertisingData.SERVICE_DATA_16_BIT_UUID),
            *fields.get_all(AdvertisingData.SERVICE_DATA_128_BIT_UUID),
        ]
        data = AdvertisementData(
            local_name=fields.get(AdvertisingData.COMPLETE_LOCAL_NAME)
            or fields.get(AdvertisingData.SHORTENED_LOCAL_NAME),
            manufacturer_data={company: bytes(value) for company, value in makers},
            service_data={_uuid(uuid): bytes(value) for uuid, value in service_data},
            service_uuids=services,
            tx_power=fields.get(AdvertisingData.TX_POWER_LEVEL),
            rssi=advertisement.rssi,
            platform_data=(advertisement,),
        )
        address = plain(advertisement.address)
        device = self.create_or_update_device(address, address, data.local_name, advertisement.address, data)
        self.call_detection_callbacks(device, data)


class BumbleClient(BaseBleakClient):
    """Bleak client backend on a `Radio`; use the subclass that the radio offers."""

    radio: ClassVar[Radio]

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        services: set[str] | None = None,
        *,
        disconnected_callback: Callable[[], None] | None,
        timeout: float,
        **_unused: Any,
    ) -> None:
        super().__init__(address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout)
        found = address_or_ble_device if isinstance(address_or_ble_device, BLEDevice) else None
        self._target = found.details if found else None
        self._name = found.name if found else None
        self._wanted = services
        self._connection: Connection | None = None
        self._listeners: dict[int, Callable[[bytes], None]] = {}

    @property
    def name(self) -> str:
        """Advertised name, or the address where it is unknown."""
        return self._name or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        """MTU of the connection, bytes."""
        return self._connection.att_mtu if self._connection else SMALLEST_MTU

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection."""
        return self._connection is not None

    async def connect(self, pair: bool = False, **_unused: Any) -> None:
        """Connect, exchange the MTU, pair where asked, discover the services."""
        if self._connection:
            raise BleakError("Client is already connected")
        self.radio.require()
        with _bleak_errors():
            connection = await self._reach(self._target or hci.Address(self.address))
            try:
                async with asyncio.timeout(self._timeout):
                    if pair:
                        await connection.pair()
                    peer = Peer(connection)
                    await peer.request_mtu(LARGEST_MTU)
                    await peer.discover_all()  # type: ignore[no-untyped-call]
                self.services = self._collection(peer)
            except BaseException:
                with contextlib.suppress(core.BaseBumbleError, hci.HCI_Error):
                    await connection.disconnect()
                raise

    async def _reach(self, address: hci.Address) -> Connection:
        """Connect the link, one device at a time."""
        device = self.radio.device
        async with self.radio.connecting:
            try:
                connection = await device.connect(address, timeout=self._timeout)
            except asyncio.CancelledError:
                with contextlib.suppress(core.BaseBumbleError, hci.HCI_Error):
                    await device.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())
                raise
        _answer_the_cancelled(connection.gatt_client)
        self._connection = connection
        connection.on("disconnection", self._gone)
        return connection

    def _collection(self, peer: Peer) -> BleakGATTServiceCollection:
        collection = BleakGATTServiceCollection()
        for service in peer.services:
            uuid = _uuid(service.uuid)
            if self._wanted and uuid not in self._wanted:
                continue
            bleak_service = BleakGATTService(service, service.handle, uuid)
            collection.add_service(bleak_service)
            for characteristic in service.characteristics:
                bleak_characteristic = BleakGATTCharacteristic(
                    characteristic,
                    characteristic.handle,
                    _uuid(characteristic.uuid),
                    sorted(gatt_char_props_to_strs(int(characteristic.properties))),
                    lambda: self.mtu_size - _ATT_HEADER_BYTES,
                    bleak_service,
                )
                collection.add_characteristic(bleak_characteristic)
                for descriptor in characteristic.descriptors:
                    collection.add_descriptor(
                        BleakGATTDescriptor(descriptor, descriptor.handle, _uuid(descriptor.type), bleak_characteristic)
                    )
        return collection

    def _gone(self, _reason: int) -> None:
        self._connection = None
        self.services = None
        self._listeners.clear()
        if self._disconnected_callback:
            self._disconnected_callback()

    def _gatt(self) -> Client:
        if not self._connection:
            raise BleakError("Not connected")
        return self._connection.gatt_client

    async def disconnect(self) -> None:
        """Disconnect, if connected."""
        if self._connection:
            with contextlib.suppress(core.BaseBumbleError, hci.HCI_Error):
                await self._connection.disconnect()

    async def pair(self, *_unused: Any, **_named: Any) -> None:
        """Pair without a code."""
        self._gatt()
        with _bleak_errors():
            if self._connection:
                await self._connection.pair()

    async def unpair(self) -> None:
        """Forget the bond and disconnect."""
        store = self.radio.device.keystore
        if store:
            with contextlib.suppress(KeyError):
                await store.delete(str(self._target or self.address))
        await self.disconnect()

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **_unused: Any
    ) -> bytearray:
        """Read a characteristic; `use_cached` has no effect."""
        del use_cached
        with _bleak_errors():
            return bytearray(await self._gatt().read_value(characteristic.obj))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_unused: Any
    ) -> bytearray:
        """Read a descriptor; `use_cached` has no effect."""
        del use_cached
        with _bleak_errors():
            return bytearray(await self._gatt().read_value(descriptor.obj))

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool) -> None:
        """Write a characteristic."""
        with _bleak_errors():
            await self._gatt().write_value(characteristic.obj, bytes(data), with_response=response)

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """Write a descriptor."""
        with _bleak_errors():
            await self._gatt().write_value(descriptor.obj, bytes(data), with_response=True)

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_unused: Any
    ) -> None:
        """Subscribe to notifications, or to indications where there are no notifications."""

        def listener(value: bytes) -> None:
            callback(bytearray(value))

        with _bleak_errors():
            await self._gatt().subscribe(characteristic.obj, listener)
        self._listeners[characteristic.handle] = listener

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Unsubscribe."""
        listener = self._listeners.pop(characteristic.handle, None)
        with _bleak_errors():
            await self._gatt().unsubscribe(characteristic.obj, listener)


def _answer_the_cancelled(client: Client) -> None:
    """Let a request be answered when whoever sent it was cancelled; Bumble would raise for the answer."""
    send = client.send_request

    async def send_request(request: att.ATT_PDU) -> Any:
        return await asyncio.shield(send(request))

    client.send_request = send_request  # type: ignore[method-assign]


def _uuid(uuid: core.UUID) -> str:
    """Full 128-bit UUID in lower case."""
    return str(UUID(bytes=uuid.to_bytes(force_128=True)[::-1]))


@contextlib.contextmanager
def _bleak_errors() -> Iterator[None]:
    """Turn Bumble's errors into those that Bleak's own backends raise."""
    try:
        yield
    except att.ATT_Error as error:
        raise BleakGATTProtocolError(int(error.error_code)) from error
    except asyncio.CancelledError as error:  # Bumble cancels what is pending when the link goes
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise BleakError("disconnected") from error
    except core.TimeoutError as error:
        raise TimeoutError(str(error)) from error
    except (core.BaseBumbleError, hci.HCI_Error) as error:
        raise BleakError(str(error)) from error
