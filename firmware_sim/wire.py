"""The virtual air over TCP: another process plugs in an adapter of its own, and hears what is worn here.

What goes over the connection are HCI packets as on a serial line ("H4"): here stands the controller, there the host.
Whoever may connect may use the simulated sensors and nothing else. Nothing listens unless `open_adapters` is called.
Only `world` and its neighbours import this module, because Bumble takes half a second to load.
"""

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, cast

from bumble import core, hci, ll
from bumble.core import PhysicalTransport
from bumble.device import Device, DeviceConfiguration
from bumble.transport import open_transport
from bumble.transport.common import PacketParser, StreamPacketSink
from bumble.transport.tcp_client import open_tcp_client_transport

from firmware_sim.link import FaultyLink, SimController, host_device, plain, virtual_controller
from firmware_sim.radio import Radio

LOOPBACK = "127.0.0.1"
PORT = 7300
_LEGACY_BYTES = 31
_RSSI_DBM = -50
_EVENT_S = 0.0075  # the shortest connection interval
_BEYOND = hci.LeFeatureMask.LL_PRIVACY | hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
"""With these, Linux waits for the enhanced event of a new connection, which Bumble's controller does not send."""


class _Dongle(SimController):
    """An adapter of another host: what sensors say reaches it no sooner than a connection event allows.

    A link without any delay answers faster than Linux can take pairing. There is no extended advertising: what a sensor
    says comes in two parts of 31 bytes at most; Linux takes longer ones for damaged. Whole structures go into the first
    part until it is full, as a sensor's maker fills the advertisement and then the answer to a scan.
    """

    def __init__(self, name: str, **how: Any) -> None:
        super().__init__(name, **how)
        self._under_way: deque[Callable[[], None]] = deque()

    def on_link_acl_data(self, sender_address: hci.Address, transport: PhysicalTransport, data: bytes) -> None:
        """Take data from the air, later."""
        self._later(partial(super().on_link_acl_data, sender_address, transport, data))

    def on_ll_control_pdu(self, sender_address: hci.Address, packet: ll.ControlPdu) -> None:
        """Take what the sensor's controller says of the link, later."""
        if sender_address in self.le_connections:
            self._later(partial(super().on_ll_control_pdu, sender_address, packet))

    def _later(self, take: Callable[[], None]) -> None:
        self._under_way.append(take)
        asyncio.get_running_loop().call_later(_EVENT_S, self._arrive)

    def _arrive(self) -> None:
        self._under_way.popleft()()

    def on_advertising_pdu(self, pdu: ll.AdvInd | ll.AdvExtInd) -> None:
        """Hand what was heard to the host, and make the connection that waits for this sensor."""
        kind = hci.HCI_LE_Advertising_Report_Event.EventType
        if self.le_scan_enable:
            for event_type, data in zip((kind.ADV_IND, kind.SCAN_RSP), in_two(pdu.data), strict=True):
                report = hci.HCI_LE_Advertising_Report_Event.Report(
                    event_type=event_type,
                    address_type=pdu.advertiser_address.address_type,
                    address=pdu.advertiser_address,
                    data=data,
                    rssi=_RSSI_DBM,
                )
                self.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([report]))
        pending = self.pending_le_connection
        if pending and pending.peer_address == pdu.advertiser_address:
            self.create_le_connection(pdu.advertiser_address)


def in_two(data: bytes) -> tuple[bytes, bytes]:
    """Cut advertising data before the first structure that does not fit into 31 bytes."""
    end = 0
    while end < len(data) and end + 1 + data[end] <= _LEGACY_BYTES:
        end += 1 + data[end]
    return data[:end], data[end:]


class _Adapter(asyncio.Protocol):
    """The controller's end of one TCP connection; gone with it, and its links with it."""

    def __init__(self, link: FaultyLink) -> None:
        self._link = link
        self._controller: SimController | None = None
        self._parser = PacketParser()
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Plug a controller into the air."""
        self._transport = transport
        self._controller = virtual_controller(self._link, "adapter", _Dongle)
        self._controller.le_features &= ~_BEYOND
        self._controller.host = StreamPacketSink(cast("asyncio.WriteTransport", transport))
        self._parser.set_packet_sink(self._controller)

    def data_received(self, data: bytes) -> None:
        """Take bytes from the host; what is no HCI packet ends the connection."""
        try:
            self._parser.feed_data(data)
        except core.InvalidPacketError:
            if self._transport is not None:
                self._transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        """Unplug the controller; sensors that were connected to it notice."""
        if self._controller is not None:
            self._controller.host = None
            self._link.expire(plain(self._controller.random_address))
            self._link.remove_controller(self._controller)
            self._controller = None


@contextlib.asynccontextmanager
async def open_adapters(link: FaultyLink, host: str, port: int) -> AsyncIterator[int]:
    """Let other processes plug in while the block runs; yields the port, which matters where 0 was asked for."""
    connections: set[asyncio.BaseTransport] = set()

    class Adapter(_Adapter):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            connections.add(transport)
            super().connection_made(transport)

    server = await asyncio.get_running_loop().create_server(lambda: Adapter(link), host, port)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for transport in connections:
            transport.close()
        await server.wait_closed()


@contextlib.asynccontextmanager
async def remote_radio(host: str = LOOPBACK, port: int = PORT) -> AsyncIterator[Radio]:
    """Plug into the air of another process; closed again however the block is left.

    Raises
    ------
    OSError
        When nobody listens there.
    """
    transport = await open_tcp_client_transport(f"{host}:{port}")
    tail = ":".join(f"{byte:02X}" for byte in secrets.token_bytes(5))  # two hosts must not share an address
    configuration = DeviceConfiguration(name="host", address=hci.Address(f"C0:{tail}"))
    radio = Radio(host_device(configuration, transport.source, transport.sink))
    try:
        await radio.open()
        yield radio
    finally:
        with contextlib.suppress(core.BaseBumbleError, hci.HCI_Error, asyncio.CancelledError):
            await radio.close()
        await transport.close()


@contextlib.asynccontextmanager
async def real_device(transport: str, name: str, address: str) -> AsyncIterator[Device]:
    """Bumble host on a real adapter.

    Parameters
    ----------
    transport : str
        As Bumble names it: ``usb:0``, ``serial:/dev/ttyUSB0,1000000``, ``hci-socket:0``.
    name, address : str
        Of the device that the adapter will pretend to be.

    Raises
    ------
    OSError
        When there is no such adapter.
    """
    try:
        opened = await open_transport(transport)
    except Exception as error:  # each way to an adapter (libusb, serial, socket) raises what it likes
        raise OSError(f"no adapter {transport!r}: {error}") from error
    configuration = DeviceConfiguration(
        name=name, address=hci.Address(address), advertising_interval_min=100, advertising_interval_max=100
    )
    try:
        yield host_device(configuration, opened.source, opened.sink)
    finally:
        await opened.close()
