"""The words of the phone view and of its card; part of the table in `strings`."""

from __future__ import annotations

from collections.abc import Mapping

PHONE: Mapping[str, str] = {
    # on the phone
    "phone.lost": "No connection to emgmon. Trying again …",
    "phone.theme": "Colours",
    "phone.full": "Full screen",
    # the card in the window
    "phone.card": "Show the training on a phone or television",
    "phone.off": "Off: nobody else can see this session.",
    "phone.here": "On this computer",
    "phone.lan": "In this network",
    "phone.scan": "Point the phone's camera at the square, or type the address:",
    "phone.who.here": "Who sees it: programs on this computer, with this address. Nobody in the network.",
    "phone.who.lan": "Who sees it: whoever is in the same network and has this address. It is not encrypted.",
    "phone.what": "It shows what the Train page shows, no name and no recording, and takes no commands.",
    "phone.watching": "Watching now: {count}",
    "phone.stop": "Stop",
    "phone.close": "Close",
    "keys.phone": "training on a phone or television",
}
