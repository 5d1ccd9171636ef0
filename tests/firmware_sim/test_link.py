"""The host and the controller that talk inside one computer."""

import asyncio

import pytest
from bleak import BleakClient, BleakScanner
from bumble import hci
from bumble.link import LocalLink

from firmware_sim import bridges, open_world, profile
from firmware_sim.link import virtual_device

pytestmark = pytest.mark.system


@pytest.mark.parametrize("turns", range(12))
def test_a_command_cancelled_at_any_turn_of_the_loop_is_still_answered(turns):
    """As Ctrl-C does while the adapter is told to stop: nothing is complained of, and the next command works."""
    complaints = []

    async def main():
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
        device = virtual_device(LocalLink(), "host", "C0:00:00:00:00:01")
        await device.power_on()
        command = asyncio.create_task(device.send_command(hci.HCI_Read_BD_ADDR_Command()))
        for _ in range(turns):
            await asyncio.sleep(0)
        command.cancel()
        answer = await device.send_command(hci.HCI_Read_Local_Name_Command())
        assert answer.command_opcode == hci.HCI_READ_LOCAL_NAME_COMMAND

    asyncio.run(main())
    assert complaints == []


@pytest.mark.parametrize("turns", range(10))
def test_a_read_cancelled_at_any_turn_of_the_loop_disturbs_no_later_one(turns):
    """As when a sensor is given up while it answers: nothing is complained of, and the link goes on."""
    complaints = []

    async def main():
        async with open_world(bridges(1, seed=4), sensors=["EMG-GL"]) as world:
            asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
            device = await BleakScanner.find_device_by_name("EMG-GL", timeout=3.0, **world.scanner_kwargs)
            async with BleakClient(device, timeout=3.0, **world.client_kwargs) as client:
                reading = asyncio.create_task(client.read_gatt_char(profile.DESCRIPTION))
                for _ in range(turns):
                    await asyncio.sleep(0)
                reading.cancel()
                assert bytes(await client.read_gatt_char("2a29")) == b"emgmon"

    asyncio.run(main())
    assert complaints == []
