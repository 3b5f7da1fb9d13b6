"""Chance that can be asked twice: independent streams from one seed, named by what they decide."""

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar


class Weighted(Protocol):
    """An option of a world file with its share."""

    @property
    def weight(self) -> float: ...  # noqa: D102


ItemT = TypeVar("ItemT")
WeightedT = TypeVar("WeightedT", bound=Weighted)


def stream(seed: int, *names: object) -> random.Random:
    """Return the stream of this seed and name; the same name always gives the same numbers."""
    return random.Random("/".join(map(str, (seed, *names))))  # noqa: S311  # a simulation, no secret


def uniform(seed: int, *names: object) -> float:
    """Return one number in [0, 1) for this seed and name: cheap where a whole stream would be too much."""
    digest = hashlib.blake2b("/".join(map(str, (seed, *names))).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def uniforms(seed: int, *names: object, last: Iterable[str]) -> Iterator[float]:
    """Yield ``uniform(seed, *names, one)`` for each of many last names, at a quarter of the price."""
    begun = hashlib.blake2b("/".join(map(str, (seed, *names, ""))).encode(), digest_size=8)
    for one in last:
        digest = begun.copy()
        digest.update(one.encode())
        yield int.from_bytes(digest.digest()) / 2**64


def deal(options: Sequence[WeightedT], count: int, rng: random.Random) -> list[WeightedT]:
    """Deal options to ``count`` places in exact proportion (largest remainders), in shuffled order.

    Every option gets a place as long as there are places, so that small worlds hold all they name.
    """
    total = sum(option.weight for option in options)
    quotas = [option.weight / total * count for option in options]
    seats = [int(quota) for quota in quotas]
    by_remainder = sorted(range(len(options)), key=lambda i: (seats[i] > 0, seats[i] - quotas[i]))
    for index in by_remainder[: count - sum(seats)]:
        seats[index] += 1
    dealt = [option for option, many in zip(options, seats, strict=True) for _ in range(many)]
    rng.shuffle(dealt)
    return dealt


def some(items: Sequence[ItemT], share: float, rng: random.Random) -> set[ItemT]:
    """Draw exactly ``share`` of the items, rounded to whole ones."""
    return set(rng.sample(list(items), round(share * len(items))))
