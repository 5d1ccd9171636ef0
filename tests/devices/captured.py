"""Bytes that were not made by this project: `tests/captures`, one file for each kind of sensor."""

from pathlib import Path

from emgmon.model import Packet
from emgmon.storage.textform import from_text

FOLDER = Path(__file__).parents[1] / "captures"


def captured(device):
    """Packets of one file by the name in their second column, in the order of the file."""
    found = {}
    path = FOLDER / f"{device}.txt"
    for entry in from_text(path.read_text("utf-8"), path.name):
        found.setdefault(entry.device, []).append(Packet("S", entry.port, entry.host_ns, entry.payload))
    return found
