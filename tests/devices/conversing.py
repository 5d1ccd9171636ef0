"""How the contract tests talk with a sensor: its side is played from its document, never from the driver."""

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from emgmon.devices import Advertisement, driver_named
from emgmon.devices.base import WRITTEN, Pause, Read, Receive, Request, Step, StreamSettings, Write
from emgmon.errors import NoAnswer
from emgmon.model import Packet

Said = Sequence[tuple[str, bytes]]


@dataclass(frozen=True)
class Conversation:
    """One sensor as the contract tests play it.

    Attributes
    ----------
    driver : str
        Name of the driver.
    advertisement : Advertisement
    says : callable
        What the sensor sends because of one step of the handshake: pairs of port and bytes; for `Read` the first is
        the value. Called without a memory of earlier steps.
    data : callable
        The k-th regular data packet since the start, k from 0: pairs of port and bytes. It has `length` samples.
    length : int
        Samples of the main stream in one data packet.
    period_s : float
        Nominal time between two data packets.
    quantity : str
        Of the main stream.
    round_packets : int
        Data packets after which the counter starts again; 0 when it has none worth testing.
    missing_each_round : int
        Samples that the sensor itself leaves out in each round.
    whole : bool
        Whether a notification is one packet; False for a stream of bytes that may be cut anywhere.
    framing_needs : int
        Data packets that a decoder may hold back or miss while it finds the step.
    mtu_23 : str
        ``works`` or ``refuses``.
    settings : StreamSettings
    """

    driver: str
    advertisement: Advertisement
    says: Callable[[Step], Said]
    data: Callable[[int], Said]
    length: int
    period_s: float
    quantity: str = "emg"
    round_packets: int = 0
    missing_each_round: int = 0
    whole: bool = True
    framing_needs: int = 0
    mtu_23: str = "refuses"
    settings: StreamSettings = field(default_factory=StreamSettings)


class Link:
    """Carries out steps against what a sensor says, and keeps the packets as a recording would."""

    def __init__(self, says, host_ns):
        self.says, self.host_ns = says, host_ns
        self.packets, self._inbox = [], defaultdict(deque)

    def carry_out(self, step):
        """Return what a step brings, as whoever owns the radio would; raises NoAnswer."""
        if isinstance(step, Read):
            (port, value), *others = self.says(step)
            self._keep(port, value)
            self._heard(others)
            return value
        if isinstance(step, Write | Request):
            self._keep(WRITTEN + step.port, step.payload)
        if isinstance(step, Request):
            self._inbox[step.answers_on or step.port].clear()
        if not isinstance(step, Pause | Receive):
            self._heard(self.says(step))
        if isinstance(step, Request | Receive):
            return self._next_of(step.port if isinstance(step, Receive) else step.answers_on or step.port)
        return b""

    def _keep(self, port, payload):
        self.packets.append(Packet("S", port, self.host_ns, payload))

    def _heard(self, said):
        for port, payload in said:
            self._keep(port, payload)
            self._inbox[port].append(payload)

    def _next_of(self, port):
        if not self._inbox[port]:
            raise NoAnswer(f"no answer on {port}")
        return self._inbox[port].popleft()


def converse(conversation, settings=None, *, says=None, host_ns=0):
    """Carry out the handshake; returns its steps, and the packets as a recording would hold them."""
    handshake = driver_named(conversation.driver).handshake(settings or conversation.settings)
    link, steps = Link(says or conversation.says, host_ns), []
    try:
        step = next(handshake)
        while True:
            steps.append(step)
            try:
                answer = link.carry_out(step)
            except NoAnswer as error:
                step = handshake.throw(error)
            else:
                step = handshake.send(answer)
    except StopIteration:
        return steps, link.packets


def started(conversation, *, device="S"):
    """Return a decoder that has seen the handshake."""
    decoder = driver_named(conversation.driver).decoder(device)
    for packet in converse(conversation)[1]:
        decoder.decode(packet)
    return decoder


def packets_of(conversation, numbers, *, start_s=1.0):
    """Return data packets of those numbers with regular arrival times, an inner list for each number."""
    return [
        [
            Packet("S", port, round((start_s + (k + 1) * conversation.period_s) * 1e9), payload)
            for port, payload in conversation.data(k)
        ]
        for k in numbers
    ]
