"""The training page for a phone or a television: off until somebody asks for it. No Qt."""

from __future__ import annotations

import base64
import ipaddress
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emgmon.errors import EmgmonError
from emgmon.live.phone_view import files, picture
from emgmon.live.state import TrainState
from emgmon.model import Event, Frame

if TYPE_CHECKING:
    from emgmon.live.phone_server import PhoneServer

HERE = "127.0.0.1"
USUAL_PORT = 7380
LEAST_S = 0.03
"""Between two pictures: every second tick of the window."""
TOKEN_BYTES = 16
OFF_LINK = "192.0.2.1"
"""An address that belongs to nobody (RFC 5737): asking the system which way it would go sends nothing."""


@dataclass(frozen=True, slots=True)
class PhoneSettings:
    """What was asked for on the command line.

    Attributes
    ----------
    wanted : bool
        From the beginning on; else only when it is started in the window.
    lan : str or None
        Address of this computer in the network that may see it, ``auto`` for the usual one; None for nobody.
    port : int or None
        None for the usual one, or any other where that is taken.
    """

    wanted: bool = False
    lan: str | None = None
    port: int | None = None


class Phone:
    """The phone view of one session.

    Parameters
    ----------
    title : str
        Stands on the page; says that data are simulated where they are.
    port : int or None
        As in `PhoneSettings`.

    Attributes
    ----------
    address : str
        What a viewer opens; empty while it is off.
    lan : bool
        It is seen in the network.
    """

    def __init__(self, title: str, port: int | None = None) -> None:
        self.address, self.lan = "", False
        self._title, self._port = title, port
        self._server: PhoneServer | None = None
        self._shown_s = 0.0

    @property
    def viewers(self) -> int:
        """How many look on now."""
        return self._server.viewers if self._server is not None else 0

    def start(self, lan: str | None = None) -> None:
        """Be seen under a new address; raises `EmgmonError` when there is no such network, or the port is taken."""
        self.stop()
        outside = usual_address() if lan == "auto" else lan
        token = base64.b32encode(secrets.token_bytes(TOKEN_BYTES)).decode().lower().rstrip("=")
        server = self._started([HERE, *([outside] if outside else [])], token)
        self._server, self.lan = server, outside is not None
        self.address = f"http://{outside or HERE}:{server.port}/{token}/"

    def stop(self) -> None:
        """Be seen no longer; the address is void."""
        if self._server is not None:
            self._server.stop()
        self._server, self.address, self.lan = None, "", False

    def show(self, state: TrainState) -> None:
        """Show a state to whoever looks on, not more often than they can see; costs nothing when nobody does."""
        now_s = time.monotonic()
        if self._server is None or not self._server.viewers or now_s - self._shown_s < LEAST_S:
            return
        self._shown_s = now_s
        self._server.show(picture(state))

    def _started(self, addresses: Sequence[str], token: str) -> PhoneServer:
        from emgmon.live.phone_server import PhoneServer  # noqa: PLC0415 - a server only when it is asked for

        ports = (USUAL_PORT, 0) if self._port is None else (self._port,)
        for port in ports:
            server = PhoneServer(addresses, port, token, files(self._title))
            try:
                server.start()
            except EmgmonError:
                if port == ports[-1]:
                    raise
            else:
                break
        return server


def usual_address() -> str:
    """Return this computer's address in the network that it uses; raises `EmgmonError` when there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((OFF_LINK, 9))
            address = str(probe.getsockname()[0])
        except OSError:
            address = HERE
    if ipaddress.ip_address(address).is_loopback:
        raise EmgmonError("This computer is in no network: join the phone's Wi-Fi, or name an address with --lan.")
    return address


@contextmanager
def seen(
    sink: Callable[[Sequence[Event]], None], settings: PhoneSettings, title: str, notify: Callable[[str], None]
) -> Iterator[Callable[[Sequence[Event]], None]]:
    """Yield a sink that also shows events on a phone, for a session without a window; the same when none is wanted."""
    if not settings.wanted:
        yield sink
        return
    phone, state = Phone(title, settings.port), TrainState()
    phone.start(settings.lan)
    notify(f"phone view {phone.address}")

    def both(events: Sequence[Event]) -> None:
        for event in events:
            state.apply(event)
        if any(isinstance(event, Frame) for event in events):
            phone.show(state)
        sink(events)

    try:
        yield both
    finally:
        phone.stop()
