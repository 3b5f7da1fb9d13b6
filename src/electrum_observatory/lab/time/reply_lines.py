"""Reply lines as each program writes them: said once by its personality, then with other numbers in their places.

A personality takes a fraction of a millisecond to answer, a week asks a hundred thousand distinct questions. So each is
asked once with numbers that are found again in its reply; every further line is that one with numbers exchanged,
written as the program's JSON library writes them.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.lab.driving import drive, request
from electrum_observatory.lab.personalities.json_text import rust_float
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.state import NodeState, ServerState
from electrum_observatory.lab.time.plans import NodePlan, ServerPlan
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.watch import Question
from electrum_observatory.protocol.watch_questions import WatchRequest, requests_of

SAT = 1e-8
_PROBE_SAT = 1_234_567
_PROBE_HEIGHT = 987_654
_PROBE_HEADER = bytes(range(100, 180))
_THROUGH_SAT_PER_VB = 100_000.0
_FULL_RBF_SINCE = 240_000

_NUMBERS: dict[str, Callable[[float], str]] = {
    "electrumx": json.dumps,
    "fulcrum": lambda number: f"{number:.16g}",
    "romanz_electrs": rust_float,
    "blockstream_electrs": lambda number: rust_float(number * _THROUGH_SAT_PER_VB / _THROUGH_SAT_PER_VB),
    "mempool_electrs": lambda number: rust_float(number * _THROUGH_SAT_PER_VB / _THROUGH_SAT_PER_VB),
}
_FRAMED = {"electrumx": b"\n", "fulcrum": b"\r\n"}
"""Programs that are asked over WebSocket, where nothing is padded, and how their lines end over TCP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFacts:
    """What the lines about fees need to know of a node besides estimates; fee rates in sat/kvB.

    Attributes:
        relay: ``minrelaytxfee``.
        increment: ``incrementalrelayfee``.
        minimum: ``mempoolminfee``.
        version: Of bitcoind.
        full_rbf: ``fullrbf``, where this version tells it.
    """

    relay: int
    increment: int
    minimum: int
    version: int
    full_rbf: bool | None

    @classmethod
    def of(cls, node: NodePlan, *, increment: float, minimum: int) -> "NodeFacts":
        """Take them from a plan; the increment is in sat/vB."""
        return cls(
            relay=round(node.relay_floor * 1000),
            increment=round(increment * 1000),
            minimum=minimum,
            version=node.version,
            full_rbf=node.full_rbf if node.version >= _FULL_RBF_SINCE else None,
        )


class LineWriter:
    """Writes the lines of one build, for one negotiated protocol version."""

    def __init__(self, *, personality: str, version: str, negotiated: str) -> None:
        """Raises KeyError for a program whose numbers are not known here."""
        self._personality = PERSONALITIES[personality]
        self._version = version
        self._negotiated = negotiated
        self._implementation = self._personality.implementation
        self._number = _NUMBERS[self._implementation]
        self._templates: dict[object, bytes] = {}
        self._estimates: dict[tuple[int, int], bytes] = {}

    @classmethod
    def of(cls, server: ServerPlan) -> "LineWriter":
        """Return the writer of a server's build."""
        return cls(personality=server.personality, version=server.version, negotiated=server.negotiated)

    def ping(self) -> bytes:
        """Return the answer to PING."""
        (asked,) = requests_of(Question.PING, self._negotiated)
        return self._template("ping", lambda: self.said(asked, any_node()))

    def tip(self, height: int, header: bytes) -> bytes:
        """Return the answer to TIP; servers of a build say the same of a block, so each is written once."""
        return self._template((height, header), lambda: self._tip(height, header))

    def _tip(self, height: int, header: bytes) -> bytes:
        (asked,) = requests_of(Question.TIP, self._negotiated)
        template = self._template("tip", lambda: self.said(asked, any_node()))
        spot = str(_PROBE_HEIGHT).encode()
        return _exchanged(_exchanged(template, spot, str(height).encode()), _hex(_PROBE_HEADER), _hex(header))

    def fee_floor(self, facts: NodeFacts) -> bytes:
        """Return the answer to FEE_FLOOR."""
        (asked,) = requests_of(Question.FEE_FLOOR, self._negotiated)
        probed = replace(facts, minimum=_PROBE_SAT)
        template = self._template(probed, lambda: self.said(asked, any_node(probed)))
        spot = self._text(_PROBE_SAT)
        return _exchanged(template, spot, self._text(facts.minimum)) if spot in template else template

    def estimates(self, sat_per_kvb: tuple[int, ...]) -> bytes:
        """Return the answer to ESTIMATES: one line for each target; 0 where bitcoind has no estimate."""
        known = self._estimates
        return b"".join([known.get(asked) or self._estimate(*asked) for asked in enumerate(sat_per_kvb)])

    def _estimate(self, place: int, value: int) -> bytes:
        asked = requests_of(Question.ESTIMATES, self._negotiated)[place]

        def say() -> bytes:
            return self.said(
                asked, replace(any_node(), estimate=lambda _: round(_PROBE_SAT * SAT, 8) if value else None)
            )

        template = self._template((place, value > 0), say)
        found = _exchanged(template, self._text(_PROBE_SAT), self._text(value)) if value else template
        self._estimates[place, value] = found
        return found

    def said(self, asked: WatchRequest, node: NodeState) -> bytes:
        """Return what the personality itself says, in a process of its own."""
        state = ServerState(
            node=node, banner=None, donation_address=None, hosts={}, peers=(), local_address="127.0.0.1", local_ports={}
        )
        program = self._personality.start(
            version=self._version,
            state=lambda _at: state,
            started_at=0.0,
            rng=random.Random(0),  # noqa: S311  # phases of caches, of which there is nothing to see here
        )
        framed = self._implementation in _FRAMED
        dialogue, _ = drive(
            program,
            [
                request(0, "server.version", ["electrum-observatory", self._negotiated]),
                request(asked.request_id, asked.method, asked.params),
            ],
            at=1.0,
            transport=Transport.WS if framed else Transport.TCP,
        )
        line = b"".join(line.data for line in dialogue.exchanges[-1].lines)
        return line + _FRAMED[self._implementation] if framed else line

    def _text(self, sat_per_kvb: int) -> bytes:
        return self._number(round(sat_per_kvb * SAT, 8)).encode()

    def _template(self, key: object, say: Callable[[], bytes]) -> bytes:
        found = self._templates.get(key)
        if found is None:
            found = self._templates[key] = say()
        return found


def any_node(facts: NodeFacts | None = None) -> NodeState:
    """Return a node to ask a personality about: what matters is what the lines say of these facts."""
    facts = facts or NodeFacts(relay=1000, increment=1000, minimum=1000, version=280_100, full_rbf=None)
    return NodeState(
        network=NETWORKS["bitcoin"],
        height=_PROBE_HEIGHT,
        header=lambda _height: _PROBE_HEADER,
        mempool=(),
        relay_fee=round(facts.relay * SAT, 8),
        incremental_relay_fee=round(facts.increment * SAT, 8),
        mempool_min_fee=round(facts.minimum * SAT, 8),
        estimate=lambda _target: None,
        version=facts.version,
        subversion="/Satoshi/",
        full_rbf=facts.full_rbf,
    )


def _exchanged(line: bytes, old: bytes, new: bytes) -> bytes:
    if line.count(old) != 1:
        raise ValueError(f"{old!r} stands {line.count(old)} times in {line!r}")
    return line.replace(old, new)


def _hex(raw: bytes) -> bytes:
    return raw.hex().encode()
