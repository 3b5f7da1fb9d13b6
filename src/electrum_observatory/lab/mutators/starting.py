"""Starting a server process with its modifications."""

import random
from collections.abc import Sequence
from dataclasses import replace

from electrum_observatory.lab.mutators.alter_fee import AlterFee
from electrum_observatory.lab.mutators.base import Mutator, Place
from electrum_observatory.lab.mutators.registry import MUTATORS
from electrum_observatory.lab.mutators.treat_scanners_differently import ByClient, TreatScannersDifferently
from electrum_observatory.lab.mutators.wrapping import MutatedProgram
from electrum_observatory.lab.personalities.base import Personality, Program, StateSource
from electrum_observatory.lab.state import ServerState
from electrum_observatory.lab.world_options import Modification

_FEES_FOR_WALLETS = 0.3


def start_program(
    personality: Personality,
    modifications: Sequence[Modification] = (),
    *,
    version: str | None,
    state: StateSource,
    started_at: float,
    rng: random.Random,
    seed: int,
    machine: str,
) -> Program:
    """Start a personality as a machine of a world runs it, modified or not.

    ``version`` is None for the personality's own; ``seed`` and ``machine`` decide whom a modification hits.
    """
    where = Place(seed=seed, machine=machine, personality=personality.id, state=state, dose=1.0)
    mutators = [MUTATORS[one.mutator].make(replace(where, dose=one.dose, text=one.text)) for one in modifications]
    version = version or personality.default_version
    exempting = [one for one in mutators if isinstance(one, TreatScannersDifferently)]
    lies = [one for one in mutators if one not in exempting]
    if not exempting:
        return _started(personality, version, lies, state, started_at, rng)
    lies = lies or [AlterFee(replace(where, dose=_FEES_FOR_WALLETS))]
    twin = random.Random()  # noqa: S311  # a simulation, no secret
    twin.setstate(rng.getstate())
    honest = _started(personality, version, [], state, started_at, rng)
    return ByClient(honest, _started(personality, version, lies, state, started_at, twin), exempting[0].place)


def _started(
    personality: Personality,
    version: str,
    mutators: Sequence[Mutator],
    state: StateSource,
    started_at: float,
    rng: random.Random,
) -> Program:
    def known(at: float) -> ServerState:
        found = state(at)
        for mutator in mutators:
            found = mutator.state(found, at)
        return found

    program = personality.start(version=version, state=known if mutators else state, started_at=started_at, rng=rng)
    return MutatedProgram(program, mutators) if mutators else program
