"""What servers answered about scripts: one record for each script and connection, read from all its questions."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from electrum_observatory.analysis.truth.finding import Quote
from electrum_observatory.analysis.truth.reading import Answer
from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.messages import RpcError

_PREFIX = "blockchain.scripthash."


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One transaction of a history: its id and height; 0 or -1 where it waits."""

    txid: str
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coin:
    """One unspent output."""

    txid: str
    position: int
    height: int
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptAnswers:
    """Everything a server said of one script on one connection.

    Attributes:
        server: Who.
        visit: In which visit.
        connection: On which connection.
        scripthash: Of which script.
        history: Its history in the order given; None where it was not asked for or refused.
        coins: Its unspent outputs; None as above.
        balance: (confirmed, unconfirmed) satoshis; None as above.
        status: The status hash, None for an empty history; only meaningful with ``has_status``.
        has_status: Whether a status was given.
        errors: Error replies, by method.
        quotes: Method to the reply.
    """

    server: str
    visit: str
    connection: str
    scripthash: str
    history: tuple[Entry, ...] | None = None
    coins: tuple[Coin, ...] | None = None
    balance: tuple[int, int] | None = None
    status: str | None = None
    has_status: bool = False
    errors: tuple[tuple[str, RpcError], ...] = ()
    quotes: tuple[tuple[str, Quote], ...] = field(default=(), repr=False)

    def quote(self, *methods: str) -> tuple[Quote, ...]:
        """Return the replies of some methods, those that there are."""
        return tuple(quote for name, quote in self.quotes if name in methods)

    @property
    def settled(self) -> bool:
        """Whether nothing of it is known to wait in the mempool, so that all its answers must agree."""
        waits = (self.balance or (0, 0))[1] != 0
        heights = [entry.height for entry in self.history or ()] + [coin.height for coin in self.coins or ()]
        return not waits and all(height > 0 for height in heights)


def read_scripts(answers: Iterable[Answer]) -> tuple[ScriptAnswers, ...]:
    """Return one record for each script, connection and round of questions about it.

    A question that is put again on the same connection begins the next round.
    """
    asked: dict[tuple[str, str, str, int], dict[str, Answer]] = {}
    rounds: dict[tuple[str, str, str, str], int] = {}
    for answer in answers:
        if not answer.method.startswith(_PREFIX) or not answer.params or not isinstance(answer.params[0], str):
            continue
        name, script = answer.method.removeprefix(_PREFIX), answer.params[0]
        counted = (answer.server, answer.connection, script, name)
        rounds[counted] = rounds.get(counted, -1) + 1
        asked.setdefault((answer.server, answer.connection, script, rounds[counted]), {})[name] = answer
    return tuple(_record(script, of_round) for (_, _, script, _), of_round in asked.items())


def status_of(history: Sequence[Entry]) -> str | None:
    """Return the status hash of a history in the order given; None of nothing (Electrum protocol, "Status")."""
    if not history:
        return None
    text = "".join(f"{entry.txid}:{entry.height}:" for entry in history)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def is_amount(value: int) -> bool:
    """Whether a whole number is one that any program answers with: no JSON true or false, and of 64 bits."""
    return not isinstance(value, bool) and -(1 << 63) <= value < 1 << 63


def _record(script: str, asked: Mapping[str, Answer]) -> ScriptAnswers:
    """Put together what was answered to one round of questions, by what follows the prefix of their methods."""
    first = next(iter(asked.values()))
    given = {name: answer.result for name, answer in asked.items() if answer.error is None}
    status = given.get("subscribe", False)
    return ScriptAnswers(
        server=first.server,
        visit=first.visit,
        connection=first.connection,
        scripthash=script,
        history=_entries(given.get("get_history")),
        coins=_coins(given.get("listunspent")),
        balance=_balance(given.get("get_balance")),
        status=status if isinstance(status, str) else None,
        has_status=isinstance(status, str | None),
        errors=tuple((name, answer.error) for name, answer in asked.items() if answer.error is not None),
        quotes=tuple((name, answer.quote) for name, answer in asked.items()),
    )


def _entries(result: Json) -> tuple[Entry, ...] | None:
    if not isinstance(result, list):
        return None
    found = []
    for item in result:
        match item:
            case {"tx_hash": str(txid), "height": int(height)} if is_amount(height):
                found.append(Entry(txid=txid, height=height))
            case _:
                return None
    return tuple(found)


def _coins(result: Json) -> tuple[Coin, ...] | None:
    if not isinstance(result, list):
        return None
    found = []
    for item in result:
        match item:
            case {"tx_hash": str(txid), "tx_pos": int(position), "height": int(height), "value": int(value)} if (
                is_amount(position) and is_amount(height) and is_amount(value)
            ):
                found.append(Coin(txid=txid, position=position, height=height, value=value))
            case _:
                return None
    return tuple(found)


def _balance(result: Json) -> tuple[int, int] | None:
    match result:
        case {"confirmed": int(confirmed), "unconfirmed": int(unconfirmed)} if is_amount(confirmed) and is_amount(
            unconfirmed
        ):
            return confirmed, unconfirmed
    return None
