"""Chance that can be asked twice: independent streams from one seed, named by what they decide."""

import hashlib
import random
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray


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


def marks(names: Iterable[str]) -> NDArray[np.uint64]:
    """Return 64 bits for each of many names, for :func:`draws` to draw with again and again."""
    digests = b"".join(hashlib.blake2b(name.encode(), digest_size=8).digest() for name in names)
    return np.frombuffer(digests, dtype=">u8").astype(np.uint64)


def draws(seed: int, *names: object, among: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return one number in [0, 1) for this seed and name with each marked one.

    What :func:`uniform` is to one pair, this is to thousands: a pair's number depends on nobody else, wherever it
    stands. SplitMix64's finaliser over the two marks (Steele, Lea, Flood 2014).
    """
    own = hashlib.blake2b("/".join(map(str, (seed, *names))).encode(), digest_size=8).digest()
    mixed = among ^ np.uint64(int.from_bytes(own))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)) / 2.0**53


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
