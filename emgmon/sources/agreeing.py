"""Answers Linux when it asks whether a sensor that wants pairing may be paired.

BlueZ pairs by itself when a sensor refuses an unencrypted request, but first asks an agent. A desktop has one; without
a desktop nobody answers, and the sensor waits in vain. Ours is asked only where there is no other. It agrees to nothing
but pairing without a code ("just works") with the sensors of the session. Windows and macOS ask by themselves.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import AsyncIterator, Collection
from importlib import import_module
from typing import Any

log = logging.getLogger(__name__)

PATH = "/org/emgmon/agent"
AGENT = "org.bluez.Agent1"
AGREES_TO = frozenset({"RequestConfirmation", "RequestAuthorization", "AuthorizeService"})
NOTICES = frozenset({"Release", "Cancel", "DisplayPasskey", "DisplayPinCode"})


def agrees(member: str, body: Collection[Any], addresses: Collection[str]) -> bool:
    """Whether to answer a request of BlueZ with yes.

    Parameters
    ----------
    member : str
        What is asked.
    body : collection
        Its arguments; the first names the device, as ``/org/bluez/hci0/dev_D0_00_00_00_00_01``.
    addresses : collection of str
        Addresses of the session's sensors, capitals with colons.
    """
    if member in NOTICES:
        return True
    device = str(next(iter(body), "")).rpartition("/dev_")[2].replace("_", ":")
    return member in AGREES_TO and device in addresses


@contextlib.asynccontextmanager
async def agreeing(addresses: Collection[str], platform: str = sys.platform) -> AsyncIterator[None]:
    """Agree to the pairing of these sensors while the block runs, where the system is Linux with BlueZ."""
    if platform != "linux":
        yield
        return
    dbus: Any = import_module("dbus_fast")  # there only, as a part of Bleak
    aio: Any = import_module("dbus_fast.aio")

    def answer(message: Any) -> Any:
        if message.message_type is not dbus.MessageType.METHOD_CALL or message.interface != AGENT:
            return None
        log.info("asked for %s of %s", message.member, message.body)
        if agrees(message.member, message.body, addresses):
            return dbus.Message.new_method_return(message)
        return dbus.Message.new_error(message, "org.bluez.Error.Rejected", "not a sensor of this session")

    try:
        bus = await aio.MessageBus(bus_type=dbus.BusType.SYSTEM).connect()
        bus.add_message_handler(answer)
        await bus.call(
            dbus.Message(
                "org.bluez",
                "/org/bluez",
                "org.bluez.AgentManager1",
                "RegisterAgent",
                signature="os",
                body=[PATH, "NoInputNoOutput"],
            )
        )
    except (OSError, EOFError, dbus.errors.DBusError) as error:
        log.info("no agent for pairing: %s", error)
        yield
        return
    try:
        yield
    finally:
        bus.disconnect()
