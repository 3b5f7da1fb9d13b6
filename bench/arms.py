"""Differential treatment as a user measures it: the command's own visits over sockets, stored, read back and compared.

One honest server of every program that the lab plays, and servers of several programs that lie to wallets alone or
refuse one kind of address. Rests are left out, everything else is as it would be in eight hours.
"""

from collections import Counter
from collections.abc import Iterator

from bench.frame import Bench, Figure, RowResult
from bench.scan_command import scan
from bench.worlds import lab_in
from electrum_observatory.analysis.treatment_stored import treatment_of
from electrum_observatory.analysis.treatment_tables import Standing
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.truth import Truth
from electrum_observatory.lab.world_yaml import parse_world
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.store.reader import StoreReader

LIES = ("treat_scanners_differently", "rate_limit_taproot")
LIARS = ("electrumx_1_16", "electrumx_1_17", "electrumx_1_20", "fulcrum_2", "fulcrum_2_1_1")
EVERY_IN_SMALL = 12
WANTED = 0.95
_HEAD = """\
schema_version: 1
name: arms
seed: {seed}
time_scale: 30
chain: {{height: 150}}
mempool: {{initial: 300, transactions_per_s: 0.5}}
groups:
"""
_SETTINGS = {"OBSERVATORY_SCAN__TREATMENT": "2", "OBSERVATORY_SCAN__CAPS__EXAMINED_PER_MACHINE": "1"}


async def run(bench: Bench) -> RowResult:
    """Ask everybody in every arm, and hold what is said against the world's truth."""
    world = parse_world(_world(bench), "arms")
    async with lab_in(bench.folder / "lab", world, workers=bench.workers) as lab:
        done = await scan(bench.folder / "lab", bench.folder / "data", settings=_SETTINGS)
        planted = _planted(lab.truth)
    with StoreReader.open(done.data) as reader:
        told = treatment_of(reader, "latest")
    stands = Counter((planted[endpoint], one.treated.standing) for endpoint, one in told.items())
    honest = [one.treated for endpoint, one in told.items() if planted[endpoint] == "honest"]
    tables = [table for one in honest for table in one.tables]
    batches = [batch for table in tables for batch in (table.first, table.second)]
    return RowResult(
        figures=(
            *(_found(lie, stands) for lie in LIES),
            Figure(
                name="honest servers reported", measured=stands["honest", Standing.DIFFERENT], at_most=0, always=True
            ),
            Figure(name="honest servers", measured=len(honest)),
            Figure(name="honest servers insufficient", measured=stands["honest", Standing.INSUFFICIENT]),
            Figure(name="pairs of honest servers", measured=sum(one.pairs for one in batches)),
            Figure(name="discordant ones of them", measured=sum(one.b + one.c for one in batches)),
            *done.costs(),
        ),
        facts={"seed": bench.seed, "standings": {" ".join(key): number for key, number in sorted(stands.items())}},
    )


def _found(lie: str, stands: Counter[tuple[str, Standing]]) -> Figure:
    asked = sum(number for (what, _), number in stands.items() if what == lie)
    share = stands[lie, Standing.DIFFERENT] / max(1, asked)
    return Figure(name=f"found of {lie}", measured=share, at_least=WANTED, always=True)


def _world(bench: Bench) -> str:
    return _HEAD.format(seed=bench.seed) + "".join(_groups(every=EVERY_IN_SMALL if bench.small else 1))


def _groups(*, every: int) -> Iterator[str]:
    for personality in sorted(PERSONALITIES)[::every]:
        yield _group("honest", personality, "")
    for lie in LIES:
        for personality in LIARS:
            yield _group(lie.replace("_", "-"), personality, f", modified: [{{mutator: {lie}}}]")


def _group(what: str, personality: str, modified: str) -> str:
    name = f"{what}-{personality}".replace("_", "-")
    software = f"machines: 1, software: [{{personality: {personality}}}], providers: [{{provider: hetzner}}]"
    return f"  - {{id: {name}, {software}{modified}}}\n"


def _planted(truth: Truth) -> dict[str, str]:
    """Return endpoint id to the lie that was planted at it, or "honest"."""
    return {
        Endpoint.parse(one.endpoint).endpoint_id: next(
            (lie for lie in LIES if machine.machine.startswith(lie.replace("_", "-"))), "honest"
        )
        for machine in truth.machines
        for one in machine.endpoints
    }
