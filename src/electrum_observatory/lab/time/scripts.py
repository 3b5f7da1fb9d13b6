"""Public scripts of a world in time, and which transactions touch them.

An exchange's wallet, say: anybody may know its script and see that many transactions touch it. A world may have some,
and then a watch asks every server what is pending there. Which transactions touch them comes from streams of its own:
with and without scripts, a world is the same world.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.merkle import double_sha256
from electrum_observatory.lab.time.flow import NONE, Flow
from electrum_observatory.lab.time.plans import WorldPlan
from electrum_observatory.lab.time.ranges import draw_log
from electrum_observatory.protocol.watch_questions import PENDING_IDS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Touched:
    """The transactions that touch public scripts; M of them.

    Attributes:
        rows: Rows of the flow, ascending; with each comes what it replaces and what replaces it.
        scripts: Whether it touches each script; shape (M, scripts).
        txids: Their ids in display order.
    """

    rows: NDArray[np.int64]
    scripts: NDArray[np.bool_]
    txids: tuple[str, ...]


def name_scripts(seed: int, count: int) -> tuple[str, ...]:
    """Return so many script hashes. Raises ValueError for more than a watch may ask for."""
    if count > len(PENDING_IDS):
        raise ValueError(f"a watch asks for at most {len(PENDING_IDS)} scripts, not {count}")
    return tuple(hashlib.sha256(f"{seed}/script/{number}".encode()).hexdigest() for number in range(count))


def touching(plan: WorldPlan, flow: Flow) -> Touched:
    """Draw which transactions touch the scripts of a world: of each script its share, regardless of fee and kind.

    A replacement spends what the earlier one spends, so it touches the same scripts.
    """
    scripts = np.zeros((len(flow.born_s), len(plan.scripts)), dtype=np.bool_)
    for number in range(len(plan.scripts)):
        rng = np.random.default_rng(stream(plan.seed, "script", number).getrandbits(64))
        scripts[:, number] = rng.random(len(scripts)) < draw_log("script.share", plan.seed, number)
    later = np.flatnonzero(flow.replaces != NONE)
    scripts[later] = scripts[flow.replaces[later]]
    rows = np.flatnonzero(scripts.any(axis=1))
    return Touched(rows=rows, scripts=scripts[rows], txids=tuple(_txid(plan.seed, row) for row in rows.tolist()))


def _txid(seed: int, row: int) -> str:
    return double_sha256(f"{seed}/transaction/{row}".encode())[::-1].hex()
