"""``observatory backends``: which servers of a watch are consistent with standing on one bitcoind, and why."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from electrum_observatory.cli.console import at_work, emit_json, emit_table, say
from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, JsonOption, StoreOption
from electrum_observatory.cli.times import when
from electrum_observatory.cli.watched import FromOption, ToOption, WatchOption
from electrum_observatory.model.errors import UsageError
from electrum_observatory.report.words import many

if TYPE_CHECKING:
    from electrum_observatory.analysis.backends.groups import Grouping
    from electrum_observatory.analysis.backends.study import BackendStudy
    from electrum_observatory.datasets.watch.table import WatchTable
    from electrum_observatory.model.watch import Watch

_COLUMNS = ("group", "server", "others of its machine", "histograms by", "bits", "posterior", "words")
_SPARE = ("others of its machine", "histograms by")
_PAIR = ("signal", "round", "time (UTC)", "what", "text of one", "text of other")
_SPARE_OF_PAIR = ("text of other", "text of one", "time (UTC)")
_SIGNALS = ("signal", "bits", "expected on one node")


def backends(
    watch: WatchOption = "latest",
    from_: FromOption = None,
    to: ToOption = None,
    threshold: Annotated[
        float,
        typer.Option("--threshold", help="Posterior from which machines are put together.", min=0.01, max=0.999),
    ] = 0.9,
    pair: Annotated[
        tuple[str, str] | None,
        typer.Option("--pair", metavar="A B", help="Open the evidence of two servers: names, host:port or endpoints."),
    ] = None,
    data: DataOption = DEFAULT_DATA,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which servers of a watch are consistent with one bitcoind, with the bits, and how many links may be false.

    Groups are of nodes: they say nothing of who operates the servers. docs/backends.md explains the method. Of a watch
    that is longer than a week, its last seven days are read unless --from names another beginning.
    """
    from electrum_observatory.analysis.backends.study import study
    from electrum_observatory.cli.own_campaigns import machines_known
    from electrum_observatory.cli.watch_stores import open_watch_source
    from electrum_observatory.cli.watched import LATELY_DAYS, chosen_watch, lately, read_table, span_of

    span = span_of(from_, to)
    with at_work("Reading the watch …"), open_watch_source(data, store) as source:
        chosen = chosen_watch(source, watch)
        span, days = lately(source, chosen, span)
        table = read_table(source, chosen, span)
    if days > LATELY_DAYS:
        say(f"The last {LATELY_DAYS} days of {days:.0f}: nodes change. --from WHEN begins earlier.")
    with at_work("Weighing the evidence of all pairs …"):
        found = study(table, machines_known(data, chosen))
    if pair is not None:
        _show_pair(found, table, _server(found, pair[0]), _server(found, pair[1]), as_json=as_json)
        return
    if as_json:
        emit_json(_as_json(found, table, chosen, threshold))
        return
    grouping = found.groups(threshold)
    emit_table(_title(table, chosen, found), _COLUMNS, list(_rows(found, grouping)), spare=_SPARE)
    _explain(found, grouping)
    _tell_contested(found)


def _server(found: "BackendStudy", wanted: str) -> int:
    matching = [
        machine
        for machine, aliases in enumerate(found.material.aliases)
        if any(wanted in _names(one.endpoint) for one in aliases)
    ]
    if len(matching) != 1:
        what = "several machines are called so" if matching else "no server of this watch is called so"
        raise UsageError(f"--pair {wanted}: {what}")
    return matching[0]


def _names(endpoint: Any) -> tuple[str, ...]:
    by_port = f"{endpoint.host}:{endpoint.port}"
    return (endpoint.host, by_port, endpoint.service, endpoint.canonical, endpoint.endpoint_id)


def _title(table: "WatchTable", watch: "Watch", found: "BackendStudy") -> str:
    first, last = when(int(table.at_us[0])), when(int(table.at_us[-1]))
    return f"{found.machines} machines, {len(table.rounds)} rounds from {first} to {last}, vantage {watch.vantage}"


def _rows(found: "BackendStudy", grouping: "Grouping") -> Iterator[tuple[object, ...]]:
    from electrum_observatory.analysis.backends.words import verdict_of_group

    for number, group in enumerate(grouping.groups, start=1):
        words = verdict_of_group(found, group.members)
        for member in group.members:
            stands = found.material.facts[member]
            others = [one.endpoint.canonical for one in found.material.aliases[member] if one is not stands]
            yield (
                number,
                stands.endpoint.canonical,
                ", ".join(others) or None,
                stands.algorithm,
                f"{group.bits:.1f}",
                f"{group.posterior:.3f}",
                words,
            )


def _explain(found: "BackendStudy", grouping: "Grouping") -> None:
    """Say how sure all this is, and what it would be under other priors."""
    from electrum_observatory.analysis.backends.block import PRIOR_FACTORS
    from electrum_observatory.analysis.backends.words import ASSUMED

    if not found.sufficient:
        say(
            f"insufficient: of pairs on one node {found.reachable_share:.0%} could be expected to be found in these "
            "data, and half are asked for. That two servers are in no group says nothing."
        )
        if not grouping.declared:
            return
    for bridge in grouping.bridges:
        name = found.material.facts[bridge.machine].endpoint.canonical
        first, second = (number + 1 for number in bridge.groups)
        say(f"{name} is consistent with the nodes of groups {first} and {second}, as behind a balancer.")
    if len(grouping.single) != len(grouping.groups):
        say(f"Average linkage shows {len(grouping.groups)} groups, single linkage {len(grouping.single)}.")
    counts = [f"{found.groups(grouping.threshold, factor).declared} at x{factor:g}" for factor in PRIOR_FACTORS]
    say(f"{many(grouping.declared, 'pair')} declared at {grouping.threshold:g}; by prior: {', '.join(counts)}.")
    say(f"Expected share of false ones among them: {grouping.false_discovery:.2%}. --pair A B opens the evidence.")
    if not found.learned:
        say(ASSUMED)
    if found.sufficient:
        untold = sum(not found.can_tell_of(machine) for machine in range(found.machines))
        share = f"{found.reachable_share:.0%}"
        say(f"Of pairs on one node {share} could be found; {many(untold, 'machine')} said too little to tell.")
    say("A group is of nodes: consistent with one bitcoind, whoever operates the servers. docs/backends.md explains.")


def _tell_contested(found: "BackendStudy") -> None:
    """Say what a watch that asked for unconfirmed transactions got out of it."""
    from electrum_observatory.analysis.backends.words import contested_counts

    if (counts := contested_counts(found)) is not None:
        say(
            f"{many(counts.rounds, 'round')} asked what is pending for public scripts: {counts.contested:,} of "
            f"{many(counts.transactions, 'transaction')} that lasted were contested, by "
            f"{many(counts.patterns, 'different set')} of holders."
        )


def _as_json(found: "BackendStudy", table: "WatchTable", watch: "Watch", threshold: float) -> dict[str, Any]:
    from electrum_observatory.analysis.backends.block import PRIOR_FACTORS
    from electrum_observatory.analysis.backends.study import THRESHOLDS
    from electrum_observatory.analysis.backends.words import contested_counts

    return {
        "watch": watch.watch_id,
        "vantage": watch.vantage,
        "from_us": int(table.at_us[0]),
        "to_us": int(table.at_us[-1]),
        "rounds": len(table.rounds),
        "machines": [[one.endpoint.canonical for one in aliases] for aliases in found.material.aliases],
        "sufficient": found.sufficient,
        "reachable_share": found.reachable_share,
        "reachable_share_by_machine": [float(share) for share in found.reach],
        "prior_bits": found.prior,
        "unrelated_nodes": "learned" if found.learned else "assumed",
        "contested": contested_counts(found),
        "groupings": [
            {"prior_factor": factor, **_grouping_as_json(found, found.groups(level, factor))}
            for level in sorted({*THRESHOLDS, threshold})
            for factor in PRIOR_FACTORS
        ],
    }


def _grouping_as_json(found: "BackendStudy", grouping: "Grouping") -> dict[str, Any]:
    from electrum_observatory.analysis.backends.words import verdict_of_group

    name = [one.endpoint.canonical for one in found.material.facts]
    return {
        "threshold": grouping.threshold,
        "declared_pairs": grouping.declared,
        "false_discovery_rate": grouping.false_discovery,
        "groups": [
            {
                "servers": [name[member] for member in group.members],
                "mean_bits": group.bits,
                "weakest_bits": group.weakest,
                "mean_posterior": group.posterior,
                "words": verdict_of_group(found, group.members),
            }
            for group in grouping.groups
        ],
        "single_linkage": [[name[member] for member in group.members] for group in grouping.single],
        "bridges": [
            {"server": name[one.machine], "groups": [number + 1 for number in one.groups]} for one in grouping.bridges
        ],
    }


def _show_pair(found: "BackendStudy", table: "WatchTable", one: int, other: int, *, as_json: bool) -> None:
    from electrum_observatory.analysis.backends.witnesses import witnesses_of

    if one == other:
        raise UsageError("--pair: both are one machine, and one machine is no pair")
    told = _pair(found, one, other) | {"witnesses": witnesses_of(found, table, one, other)}
    if as_json:
        emit_json(told)
        return
    signals = [(row["signal"], round(row["bits"], 1), round(row["expected"], 1)) for row in told["signals"]]
    emit_table(" and ".join(told["servers"]), _SIGNALS, signals)
    witnesses = [
        (fact.signal, fact.round_number, when(fact.at_us), fact.words, *(text or None for text in fact.texts))
        for fact in told["witnesses"]
    ]
    emit_table("Witnesses", _PAIR, witnesses, spare=_SPARE_OF_PAIR)
    posteriors = ", ".join(f"{value:.3f} at prior {factor}" for factor, value in told["posteriors"].items())
    say(
        f"{told['bits']:+.1f} bits together (no plain sum: docs/backends.md), {told['prior_bits']:.1f} are needed for "
        f"even odds: {posteriors}."
    )
    say(f"{told['words']}.")


def _pair(found: "BackendStudy", one: int, other: int) -> dict[str, Any]:
    """Return what the signals say of a pair, and against two nodes that are alike (null: nothing)."""
    from electrum_observatory.analysis.backends.block import PRIOR_FACTORS
    from electrum_observatory.analysis.backends.words import verdict_of

    return {
        "servers": [found.material.facts[machine].endpoint.canonical for machine in (one, other)],
        "words": verdict_of(found, one, other),
        "bits": float(found.bits[one, other]),
        "prior_bits": found.prior,
        "unrelated_nodes": "learned" if found.learned else "assumed",
        "posteriors": {f"x{factor:g}": float(found.posterior(factor)[one, other]) for factor in PRIOR_FACTORS},
        "signals": [
            {
                "signal": str(signal),
                "bits": float(weighed.bits[one, other]),
                "expected": float(weighed.expected[one, other]),
                "alike": None if weighed.alike is None else float(weighed.alike.bits[one, other]),
            }
            for signal, weighed in found.weighed.items()
        ],
    }
