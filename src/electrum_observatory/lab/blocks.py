"""What the blocks of a world's chain hold, and what waits to enter the next one.

A block holds its coinbase and what was planned for its height:

- from 101 on, one coinbase of a hundred blocks before may be spent (consensus asks for that age);
- 101 to 125: for each kind of address, two payments to its ``frozen`` script, one to its ``spent`` one, and a
  transaction that takes one of the two and all of the other; after that nobody touches them again;
- from 130 on: the ``exchange``'s history, a hundred transactions in a block, until it is as long as the world's file
  says;
- from twenty blocks before the world's start on: three transactions of the ``busy`` script in every block, one of which
  spends another of the same block. Before a block takes them, they wait.

Everything follows from seed, network and height.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.lab.cast import ALONE, Actor, Role, cast_of, mark_of
from electrum_observatory.lab.transactions import Coin, Output, Transaction, coinbase, payment

MATURITY = 100
"""Blocks before a coinbase may be spent (Bitcoin Core ``consensus.h``)."""
SETTLED = 125
"""From this height on nothing ``frozen`` or ``spent`` changes any more."""

_COIN = 100_000_000
_SUBSIDY = 50 * _COIN
_HALVING = 210_000
_FEE = 500
_FIRST_PAYMENTS, _SECOND_PAYMENTS, _SPENDING = 101, 111, 121
_EXCHANGE_FROM, _EXCHANGE_PER_BLOCK = 130, 100
_BUSY_BEFORE_START = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A chain that shares its beginning with another: the same genesis, and from some height on other blocks.

    Attributes:
        name: Tells its blocks from those of other branches.
        forks_at: Height of its first block of its own.
    """

    name: str
    forks_at: int


class Blocks:
    """The transactions of one chain. Pure: any height can be asked for."""

    def __init__(self, network: Network, *, seed: int, start: int, exchange: int, branch: Branch | None = None) -> None:
        """Take the chain's network, its seed, its height at the world's start, and how long the busiest history is."""
        self._mark = mark_of(seed, network)
        self._branch = branch
        self._branch_mark = self._mark if branch is None else mark_of(seed, network, branch.name)
        self._busy_from = max(_EXCHANGE_FROM, start - _BUSY_BEFORE_START)
        self.cast = cast_of(seed, network)
        self._miner = self._actor(Role.MINER)
        self._blocks: list[tuple[Transaction, ...]] = [()]
        self._frozen: dict[AddressKind, Transaction] = {}
        self._exchange_coin: Coin | None = None
        self._left = exchange

    def block(self, height: int) -> tuple[Transaction, ...]:
        """Return the transactions of a block in its order; none for the genesis, whose coinbase is no ordinary one."""
        while len(self._blocks) <= height:
            self._blocks.append(self._build(len(self._blocks)))
        return self._blocks[height]

    def waiting_for(self, height: int) -> tuple[Transaction, ...]:
        """Return what block ``height`` will hold of the busy script: before it comes, these wait."""
        if height < self._busy_from:
            return ()
        return self.block(height)[-3:]

    def _build(self, height: int) -> tuple[Transaction, ...]:
        reward = Output(owner=self._miner, value=_SUBSIDY >> height // _HALVING)
        own = self._branch is not None and height >= self._branch.forks_at
        mark = self._branch_mark if own else self._mark
        return (coinbase(height, mark, reward), *self._planned(height))

    def _planned(self, height: int) -> Iterator[Transaction]:
        kinds = list(AddressKind)
        for first, plan in (
            (_FIRST_PAYMENTS, self._pay_first),
            (_SECOND_PAYMENTS, self._pay_again),
            (_SPENDING, self._spend),
        ):
            if first <= height < first + len(kinds):
                yield plan(kinds[height - first], height)
        if height >= _EXCHANGE_FROM and self._left:
            yield from self._exchanged(height)
        if height >= self._busy_from:
            yield from self._busied(height)

    def _pay_first(self, kind: AddressKind, height: int) -> Transaction:
        frozen, spent = self.cast[Role.FROZEN, kind], self.cast[Role.SPENT, kind]
        transaction = self._from_miner(height, [(frozen, _COIN + height), (spent, _COIN // 2 + height)])
        self._frozen[kind] = transaction
        return transaction

    def _pay_again(self, kind: AddressKind, height: int) -> Transaction:
        return self._from_miner(height, [(self.cast[Role.FROZEN, kind], 2 * _COIN + height)])

    def _spend(self, kind: AddressKind, height: int) -> Transaction:  # noqa: ARG002 - a plan like the others
        coins = [self._frozen[kind].coin(0), self._frozen[kind].coin(1)]
        value = sum(coin.output.value for coin in coins) - _FEE
        return payment(coins, [Output(owner=self._miner, value=value)])

    def _exchanged(self, height: int) -> Iterator[Transaction]:
        exchange = self._actor(Role.EXCHANGE)
        for _ in range(min(self._left, _EXCHANGE_PER_BLOCK)):
            if self._exchange_coin is None:
                transaction = self._from_miner(height, [(exchange, 40 * _COIN)], age=MATURITY + 20)
            else:
                value = self._exchange_coin.output.value - _FEE
                transaction = payment([self._exchange_coin], [Output(owner=exchange, value=value)])
            self._exchange_coin = transaction.coin(0)
            self._left -= 1
            yield transaction

    def _busied(self, height: int) -> Iterator[Transaction]:
        busy = self._actor(Role.BUSY)
        paid = self._from_miner(height, [(busy, (2 + height % 3) * _COIN)], age=MATURITY + 1)
        yield paid
        half = paid.outputs[0].value // 2
        yield payment(
            [paid.coin(0)],
            [Output(owner=busy, value=half), Output(owner=self._miner, value=paid.outputs[0].value - half - 2 * _FEE)],
        )
        before = self._blocks[height - 1] if height > self._busy_from else ()
        if before:
            coin = before[-2].coin(0)
            yield payment([coin], [Output(owner=self._miner, value=coin.output.value - 3 * _FEE)])
        else:
            yield self._from_miner(height, [(busy, _COIN + height)], age=MATURITY + 2)

    def _from_miner(self, height: int, paid: Sequence[tuple[Actor, int]], *, age: int = MATURITY) -> Transaction:
        """Spend the coinbase of ``age`` blocks before; change returns to the miner."""
        coin = self._blocks[height - age][0].coin(0)
        outputs = [Output(owner=owner, value=value) for owner, value in paid]
        change = coin.output.value - sum(output.value for output in outputs) - _FEE
        return payment([coin], [*outputs, Output(owner=self._miner, value=change)])

    def _actor(self, role: Role) -> Actor:
        return self.cast[role, ALONE[role]]
