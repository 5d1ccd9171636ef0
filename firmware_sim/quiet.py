"""Keeps Bumble from writing each packet out for a log that nobody reads.

Bumble formats every packet into a line of its debug log before it asks whether that log is on, which is much of its
work. Here packets get a short name instead, for as long as the process lives, unless the log is on.
"""

import logging
from typing import Any

from bumble import att, controller, hci, host, l2cap

_PACKETS: tuple[type, ...] = (hci.HCI_Packet, att.ATT_PDU, l2cap.L2CAP_PDU, l2cap.L2CAP_Control_Frame)


def hush() -> None:
    """Make packets of Bumble cheap to name; does nothing while Bumble's debug log is on."""
    if logging.getLogger("bumble").isEnabledFor(logging.DEBUG):
        return
    waiting = list(_PACKETS)
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if "__str__" in vars(kind):
            kind.__str__ = _name  # type: ignore[assignment]
    for module in (controller, host, l2cap):
        vars(module)["color"] = _plain


def _name(packet: object) -> str:
    return type(packet).__name__


def _plain(text: str, *_colours: Any, **_more: Any) -> str:
    return text
