"""The virtual air between Bumble controllers: repairs to the virtual controller, and faults of the link.

Only `radio` and its neighbours import this module, because Bumble takes half a second to load.
"""

import asyncio
from typing import TYPE_CHECKING, Any

from bumble import hci, ll
from bumble.controller import Connection, Controller
from bumble.core import PhysicalTransport
from bumble.device import Device, DeviceConfiguration
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink, TransportSink, TransportSource

if TYPE_CHECKING:
    from firmware_sim.faults import Damage

_ACL_BYTES = 251  # with data length extension; Bumble's 27 would cut a notification of 244 bytes in ten
_ATT_CHANNEL = b"\x04\x00"
_NOTIFICATION = 0x1B
_NOTIFICATION_HEADER_BYTES = 7  # L2CAP length and channel, ATT opcode and handle


class SimController(Controller):
    """Bumble's virtual controller with what it lacks: cancelling a connection, and choosing a PHY.

    Without the first, one connection attempt that timed out would block all later ones. Packets that were on
    their way when a connection ended are dropped without a warning, as a real controller does.
    """

    def on_hci_acl_data_packet(self, packet: hci.HCI_AclDataPacket) -> None:
        """Take data from the host."""
        if self.find_connection_by_handle(packet.connection_handle) is not None:
            super().on_hci_acl_data_packet(packet)

    def on_link_acl_data(self, sender_address: hci.Address, transport: PhysicalTransport, data: bytes) -> None:
        """Take data from the air."""
        if sender_address in self.le_connections:
            super().on_link_acl_data(sender_address, transport, data)

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Give up the pending connection, as in the core specification, volume 4, part E, 7.8.13."""
        pending = self.pending_le_connection
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self.pending_le_connection = None
        event = hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            connection_handle=0,
            role=hci.Role.CENTRAL,
            peer_address_type=pending.peer_address_type,
            peer_address=pending.peer_address,
            connection_interval=0,
            peripheral_latency=0,
            supervision_timeout=0,
            central_clock_accuracy=0,
        )
        asyncio.get_running_loop().call_soon(self.send_hci_packet, event)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_hci_le_set_phy_command(self, command: hci.HCI_LE_Set_PHY_Command) -> None:
        """Accept the 2M PHY where asked for, else 1M."""
        self._send_hci_command_status(hci.HCI_COMMAND_STATUS_PENDING, command.op_code)
        phy = 2 if command.tx_phys & 2 else 1
        self.send_hci_packet(
            hci.HCI_LE_PHY_Update_Complete_Event(
                status=0, connection_handle=command.connection_handle, tx_phy=phy, rx_phy=phy
            )
        )


class _Host(Host):
    """Bumble's host, in which a command that was sent is answered even when whoever sent it was cancelled.

    The controller answers anyway; Bumble would raise for that answer, or take it for the next command's.
    """

    async def _send_command(
        self, command: hci.HCI_SyncCommand[Any] | hci.HCI_AsyncCommand, response_timeout: float | None = None
    ) -> hci.HCI_Command_Complete_Event[Any] | hci.HCI_Command_Status_Event:
        return await asyncio.shield(super()._send_command(command, response_timeout))


class FaultyLink(LocalLink):
    """Bumble's link in memory, on which devices can fall silent and notifications come to harm.

    Attributes
    ----------
    damage : dict of str to Damage
        What happens to the notifications of a peripheral, by its address.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.damage: dict[str, Damage] = {}
        self._silent: set[str] = set()
        self._deaf: set[str] = set()

    def deafen(self, address: str) -> None:
        """Let a device advertise and hear nothing of what it is told, a connection's beginning included."""
        self._deaf.add(address)

    def silence(self, address: str) -> None:
        """Let nothing from or to a device pass; nobody is told."""
        self._silent.add(address)

    def restore(self, address: str) -> None:
        """Let a silenced device be heard again."""
        self._silent.discard(address)

    def expire(self, address: str) -> None:
        """Report the supervision timeout of a device's connection at both ends."""
        for controller in self.controllers:
            for connection in list(controller.le_connections.values()):
                if address in {plain(connection.peer_address), _self_address(connection)}:
                    controller.on_le_disconnected(connection, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: PhysicalTransport,
        data: bytes,
    ) -> None:
        """Carry one L2CAP packet, as often and as whole as the faults allow."""
        sender = plain(sender_controller.random_address)
        if sender in self._silent or plain(destination_address) in self._silent:
            return
        damage = self.damage.get(sender)
        if damage is None or data[2:4] != _ATT_CHANNEL or data[4] != _NOTIFICATION:
            super().send_acl_data(sender_controller, destination_address, transport, data)
            return
        header, value = data[:_NOTIFICATION_HEADER_BYTES], data[_NOTIFICATION_HEADER_BYTES:]
        for copy in damage.copies(value):
            super().send_acl_data(sender_controller, destination_address, transport, header + copy)

    def send_advertising_pdu(self, sender_controller: Controller, packet: ll.AdvertisingPdu) -> None:
        """Carry an advertisement or the answer to one, unless either side is silent."""
        target = plain(packet.advertiser_address) if isinstance(packet, ll.ConnectInd) else None
        if plain(sender_controller.random_address) not in self._silent and target not in self._silent | self._deaf:
            super().send_advertising_pdu(sender_controller, packet)

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ) -> None:
        """Carry a control packet, unless either side is silent."""
        if not {plain(sender_address), plain(receiver_address)} & self._silent:
            super().send_ll_control_pdu(sender_address, receiver_address, packet)


def plain(address: hci.Address) -> str:
    """Address as six pairs of capital hexadecimal digits, without its type."""
    return address.to_string(with_type_qualifier=False)


def virtual_controller(link: LocalLink, name: str, kind: type[SimController] = SimController) -> SimController:
    """Make a controller on a link, with data length extension."""
    controller = kind(name, link=link, public_address="00:00:00:00:00:00")
    controller.le_acl_data_packet_length = _ACL_BYTES
    controller.supported_max_tx_octets = controller.supported_max_rx_octets = _ACL_BYTES
    controller.suggested_max_tx_octets = _ACL_BYTES
    return controller


def virtual_device(link: LocalLink, name: str, address: str) -> Device:
    """Bumble host with a virtual controller on a link; call it inside a running event loop."""
    controller = virtual_controller(link, name)
    configuration = DeviceConfiguration(
        name=name,
        address=hci.Address(address),
        advertising_interval_min=100,
        advertising_interval_max=100,
    )
    return host_device(configuration, controller, AsyncPipeSink(controller))


def host_device(configuration: DeviceConfiguration, source: TransportSource, sink: TransportSink) -> Device:
    """Bumble host that hears a controller through `source` and speaks to it through `sink`."""
    return Device(config=configuration, host=_Host(controller_source=source, controller_sink=sink))


def _self_address(connection: Connection) -> str:
    return plain(connection.self_address)
