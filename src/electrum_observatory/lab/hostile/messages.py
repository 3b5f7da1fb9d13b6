"""Acts of JSON and of the protocol: texts that break parsers, ids that answer nothing, results of a wrong type."""

import itertools
from collections.abc import Callable, Iterable, Mapping

import msgspec

from electrum_observatory.lab.hostile.base import HostileAct
from electrum_observatory.lab.hostile.twisted import ReplaceResults, Twist, framed, twisted
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.observation import Json

Rewrite = Callable[[Mapping[str, Json], bytes], Iterable[bytes]]
"""Takes a request and its honest reply; returns what is sent instead."""

_DEPTH = 100_000
_DIGITS = 1_000_000
_STORM = 100_000
_IDS = 300
_HANDSHAKE = "server.version"


class Rewritten(Twist):
    """Rewrites the replies to some methods, or to all but the handshake."""

    def __init__(self, rewrite: Rewrite, *methods: str) -> None:
        """Take what is done, and to which methods; to none in particular: to all but the handshake."""
        self._rewrite = rewrite
        self._methods = methods

    def answered(self, request: Mapping[str, Json], reply: bytes) -> Iterable[bytes]:
        """Rewrite the reply where it is one of those."""
        method = request["method"]
        concerned = method in self._methods if self._methods else method != _HANDSHAKE
        return self._rewrite(request, reply) if concerned else (reply,)


class EarlyReplies(Twist):
    """Replies to everything that could ever be asked, before anything was."""

    def opened(self) -> Iterable[bytes]:
        """Send the replies."""
        return (b"".join(framed({"id": number}, (b'["early","1.4"]',))) for number in range(_IDS))


def with_id(new: Callable[[Json], Json]) -> Rewrite:
    """Return a rewriting that gives the honest reply another id."""

    def rewrite(request: Mapping[str, Json], reply: bytes) -> Iterable[bytes]:
        message = msgspec.json.decode(reply)
        return (msgspec.json.encode({**message, "id": new(request["id"])}) + b"\n",)

    return rewrite


def _without_id(request: Mapping[str, Json], reply: bytes) -> Iterable[bytes]:  # noqa: ARG001
    message = msgspec.json.decode(reply)
    del message["id"]
    return (msgspec.json.encode(message) + b"\n",)


def _with_float_id(request: Mapping[str, Json], reply: bytes) -> Iterable[bytes]:  # noqa: ARG001
    return (b'{"jsonrpc":"2.0","result":null,"id":%d.0}\n' % request["id"],)


def _twice(request: Mapping[str, Json], reply: bytes) -> Iterable[bytes]:  # noqa: ARG001
    return reply, reply


def _as_batch(request: Mapping[str, Json], reply: bytes) -> Iterable[bytes]:  # noqa: ARG001
    return (b"[" + reply.strip() + b"]\n",)


def _error(request: Mapping[str, Json], reply: bytes) -> Iterable[bytes]:  # noqa: ARG001
    error = {"code": -32600, "message": "your wallet is out of date: download https://outside.invalid/x"}
    return (msgspec.json.encode({"jsonrpc": "2.0", "error": error, "id": request["id"]}) + b"\n",)


def _error_that_is_no_text(request: Mapping[str, Json], reply: bytes) -> Iterable[bytes]:  # noqa: ARG001
    return (b'{"result":null,"error":{"code":1,"message":"\x96"},"id":%d}\n' % request["id"],)


def _said_three_times(request: Mapping[str, Json], reply: bytes) -> Iterable[bytes]:  # noqa: ARG001
    return (b'{"id":9999,"result":0.5,"result":NaN,"result":0.00001,"id":%d}\n' % request["id"],)


def _storm(request: Mapping[str, Json], reply: bytes) -> Iterable[bytes]:  # noqa: ARG001
    note = b'{"jsonrpc":"2.0","method":"blockchain.headers.subscribe","params":[{"height":%d,"hex":""}]}\n'
    return itertools.chain((reply,), (note % number for number in range(_STORM)))


WRONG_RESULTS: Mapping[str, tuple[bytes, ...]] = {
    "blockchain.block.header": (b'"00"',),
    "blockchain.headers.subscribe": (b'{"height":"3000","hex":5}',),
    "server.peers.subscribe": (b'{"5.9.1.2":["v1.4"]}',),
    "server.banner": (b'["Welcome"]',),
    "server.donation_address": (b'{"address":"bc1q"}',),
    "mempool.get_fee_histogram": (b"[[1,2],[3]]",),
    "blockchain.relayfee": (b'"0.00001"',),
    "blockchain.estimatefee": (b"true",),
    "server.features": (b"[]",),
    "mempool.get_info": (b"0.00001",),
}
"""Results of a wrong type for every question, each of which some program might have sent."""

ABSURD_VERSION = "999999999999.-1e400.\u202e4.1 and newer"
ABSURD_VERSIONS = (msgspec.json.encode(["Fulcrum 2.1.1", ABSURD_VERSION]), b'["Fulcrum 2.1.1",1e300]')


def _act(act: str, summary: str, seen: str, make: Callable[[], Twist]) -> HostileAct:
    play = twisted(lambda _: make())
    return HostileAct(id=act, summary=summary, seen=seen, transports=(Transport.TCP, Transport.SSL), play=play)


def _replaced(**results: bytes) -> Callable[[], Twist]:
    methods = {name.replace("__", "."): (text,) for name, text in results.items()}
    return lambda: ReplaceResults(methods)


MESSAGE_ACTS: tuple[HostileAct, ...] = (
    _act(
        "deep_json",
        "Answers server.features with lists nested 100,000 deep.",
        "Known of every recursive parser (CWE-674).",
        lambda: ReplaceResults({"server.features": lambda: (b"[" * _DEPTH, b"]" * _DEPTH)}),
    ),
    _act(
        "long_integer",
        "Answers blockchain.estimatefee with an integer of a million digits.",
        "CVE-2020-10735: quadratic in older Pythons.",
        lambda: ReplaceResults({"blockchain.estimatefee": lambda: (b"9" * _DIGITS,)}),
    ),
    _act(
        "not_a_number",
        "Answers fee questions with NaN and infinities, which are no JSON and which most libraries take.",
        "RFC 8259 §6; Python's, Go's and JavaScript's libraries disagree.",
        _replaced(
            blockchain__relayfee=b"NaN",
            mempool__get_fee_histogram=b"[[NaN,1],[1,Infinity]]",
            blockchain__estimatefee=b"-Infinity",
        ),
    ),
    _act(
        "duplicate_keys",
        "Answers blockchain.estimatefee with two ids and three results in one object.",
        "RFC 8259 §4: libraries take the first, the last or none (CVE-2017-12635).",
        lambda: Rewritten(_said_three_times, "blockchain.estimatefee"),
    ),
    _act(
        "lone_surrogates",
        "Calls itself, and greets with, halves of surrogate pairs, which no UTF-8 can hold.",
        "RFC 8259 §8.2.",
        _replaced(server__version=b'["Fulcrum \\ud800","1.4"]', server__banner=b'"\\udfff and \\ud800"'),
    ),
    _act(
        "invalid_utf8",
        "Greets in bytes that are no UTF-8.",
        "RFC 3629 §10.",
        _replaced(server__banner=b'"\xff\xfe\xc0\xaf"'),
    ),
    _act(
        "invalid_utf8_in_error",
        "Greets with a result and an error at once, the error's message being no UTF-8.",
        "Found by this project's own fuzzing.",
        lambda: Rewritten(_error_that_is_no_text, "server.banner"),
    ),
    _act(
        "wrong_ids",
        "Answers every question after the handshake with an id that nobody used.",
        "Known of every pipelined protocol.",
        lambda: Rewritten(with_id(lambda asked: asked + 100_000)),
    ),
    _act(
        "string_ids",
        "Answers with the id as text.",
        "JSON-RPC 2.0 §4 allows text as an id, and §5 the same id only.",
        lambda: Rewritten(with_id(str)),
    ),
    _act(
        "float_ids",
        "Answers with the id as a number with a fraction, which Python holds to be equal.",
        "Languages without integers (JavaScript, Lua).",
        lambda: Rewritten(_with_float_id),
    ),
    _act(
        "missing_ids",
        "Answers without an id.",
        "Proxies that answer in a server's place.",
        lambda: Rewritten(_without_id),
    ),
    _act(
        "duplicate_replies",
        "Answers every question twice.",
        "Proxies that send again what they hold to be lost.",
        lambda: Rewritten(_twice),
    ),
    _act(
        "early_replies",
        "Replies to 300 ids before anything was asked.",
        "Known of every protocol whose ids can be guessed.",
        EarlyReplies,
    ),
    _act(
        "batch_replies",
        "Answers single questions with batches.",
        "JSON-RPC 2.0 §6, which forbids it.",
        lambda: Rewritten(_as_batch),
    ),
    _act(
        "notification_storm",
        "Sends 100,000 notifications after the handshake that nobody subscribed to.",
        "Known of every protocol in which servers may speak unasked.",
        lambda: Rewritten(_storm, _HANDSHAKE),
    ),
    _act(
        "wrong_results",
        "Answers every question with a result of a wrong type.",
        "Half-finished servers.",
        lambda: ReplaceResults(WRONG_RESULTS),
    ),
    _act(
        "null_results",
        "Answers every question with null.",
        "Proxies without a server behind them.",
        lambda: Rewritten(lambda request, _: framed(request, (b"null",))),
    ),
    _act(
        "errors_to_everything",
        "Answers every question with an error that advertises malware, the handshake included.",
        "The phishing of December 2018 against Electrum's users.",
        lambda: Rewritten(_error, _HANDSHAKE, *WRONG_RESULTS, "server.ping"),
    ),
    _act(
        "errors_after_handshake",
        "Answers every question after the handshake with such an error.",
        "As above.",
        lambda: Rewritten(_error),
    ),
    HostileAct(
        id="absurd_version",
        summary="Says that it speaks a protocol version that is no number; over TLS, one that is no text.",
        seen="Forks that put something of their own there.",
        transports=(Transport.TCP, Transport.SSL),
        play=twisted(
            lambda scene: ReplaceResults({"server.version": (ABSURD_VERSIONS[scene.transport is Transport.SSL],)})
        ),
    ),
)
