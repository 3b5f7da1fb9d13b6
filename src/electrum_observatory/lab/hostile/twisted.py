"""Acts in JSON: an honest server whose replies pass through a twist that may replace, repeat, delay or reorder them."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from electrum_observatory.lab.hostile.base import Play, Scene
from electrum_observatory.lab.hostile.pump import Pump
from electrum_observatory.lab.personalities.base import Action, Send
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.observation import Json
from electrum_observatory.net.raw_listener import ByteLink, RawHandler
from electrum_observatory.protocol.framing import LineSplitter

_LONGEST_REQUEST = 1_000_000


class Twist:
    """What is done to an honest server's replies; by itself nothing. One for each visitor.

    What is returned are chunks of bytes, sent in order as the visitor takes them: usually whole lines, but a giant line
    may come as a generator of many small chunks and is then never held.
    """

    def opened(self) -> Iterable[bytes]:
        """Say something before anything was asked."""
        return ()

    def answered(self, request: Mapping[str, Json], reply: bytes) -> Iterable[bytes]:  # noqa: ARG002
        """Return what is sent instead of the honest reply (a whole line) to a request."""
        return (reply,)


class Twisted(RawHandler):
    """Plays the honest program through a twist."""

    def __init__(self, scene: Scene, twist: Twist) -> None:
        """Take where it is played and what is done to the replies."""
        self._conversation = scene.honest.connect(scene.transport)
        self._clock = scene.clock
        self._twist = twist
        self._lines = LineSplitter(_LONGEST_REQUEST)
        self._asked: dict[bytes, Mapping[str, Json]] = {}

    def opened(self, link: ByteLink) -> None:
        """Begin."""
        self._link = link
        self._pump = Pump(link)
        self._pump.add(self._twist.opened())

    def received(self, data: bytes) -> None:
        """Answer every whole line."""
        try:
            lines = self._lines.feed(data)
        except VisitError:
            self._link.close()
            return
        for line in lines:
            request = _decoded(line)
            if request is not None:
                self._asked[msgspec.json.encode(request.get("id"))] = request
            self._act(self._conversation.receive(line, self._clock.now()))

    def drained(self) -> None:
        """Send more of what is due."""
        self._pump.go_on()

    def _act(self, actions: Sequence[Action]) -> None:
        for reply in (action.data for action in actions if isinstance(action, Send)):
            answer = _decoded(reply)
            key = b"" if answer is None else msgspec.json.encode(answer.get("id"))
            request = self._asked.pop(key, None)
            self._pump.add((reply,) if request is None else self._twist.answered(request, reply))
        wanted = self._conversation.next_wake
        if wanted is not None:  # some answers the honest program must fetch first
            self._link.call_later(max(0.0, (wanted - self._clock.now()) / self._clock.scale), self._wake)

    def _wake(self) -> None:
        wanted = self._conversation.next_wake
        if wanted is not None:
            self._act(self._conversation.wake(max(wanted, self._clock.now())))


def _decoded(line: bytes) -> Mapping[str, Json] | None:
    """Return a message that stands by itself; None for batches and whatever else is no such message."""
    try:
        message = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return message if isinstance(message, dict) else None


def twisted(make: Callable[[Scene], Twist]) -> Play:
    """Return the play of a twist: ``play=twisted(lambda scene: MyTwist())``."""
    return lambda scene: Twisted(scene, make(scene))


def reply_with(request: Mapping[str, Json], result: bytes) -> bytes:
    """Return a reply line whose result is this text, valid JSON or not."""
    return b"".join(framed(request, (result,)))


def framed(request: Mapping[str, Json], result: Iterable[bytes]) -> Iterable[bytes]:
    """Return a reply line in chunks, for a result too big to be held."""
    yield b'{"jsonrpc":"2.0","id":' + msgspec.json.encode(request.get("id")) + b',"result":'
    yield from result
    yield b"}\n"


class ReplaceResults(Twist):
    """Answers some methods with other results and leaves the rest alone."""

    def __init__(self, results: Mapping[str, Sequence[bytes] | Callable[[], Iterable[bytes]]]) -> None:
        """Take method to the text of its result: chunks, or what makes them anew for each reply."""
        self._results = results

    def answered(self, request: Mapping[str, Json], reply: bytes) -> Iterable[bytes]:
        """Replace the result where there is one to put in its place."""
        result = self._results.get(request["method"])
        if result is None:
            return (reply,)
        return framed(request, result() if callable(result) else result)
