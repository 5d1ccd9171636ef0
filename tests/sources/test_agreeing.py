"""What is agreed to when BlueZ asks; that it is asked at all is seen in ``tests/system/test_bluez_links.py``."""

import asyncio

import pytest

from emgmon.sources.agreeing import agreeing, agrees

OURS = {"D0:00:00:00:00:01"}
OUR_PATH, STRANGE_PATH = "/org/bluez/hci0/dev_D0_00_00_00_00_01", "/org/bluez/hci0/dev_D0_00_00_00_00_02"


@pytest.mark.parametrize(
    ("member", "body", "answer"),
    [
        ("RequestAuthorization", [OUR_PATH], True),
        ("RequestConfirmation", [OUR_PATH, 123456], True),
        ("RequestAuthorization", [STRANGE_PATH], False),
        ("RequestConfirmation", [STRANGE_PATH, 123456], False),
        ("RequestPasskey", [OUR_PATH], False),
        ("RequestPinCode", [OUR_PATH], False),
        ("RequestAuthorization", [], False),
        ("Cancel", [], True),
    ],
)
def test_only_pairing_without_a_code_with_the_sessions_sensors_is_agreed_to(member, body, answer):
    assert agrees(member, body, OURS) is answer


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_without_bluez_the_session_goes_on(monkeypatch, tmp_path, platform):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")

    async def session():
        async with agreeing(OURS, platform):
            return "went on"

    if platform == "linux":
        pytest.importorskip("dbus_fast")
    assert asyncio.run(session()) == "went on"
