"""The one door from stored campaigns to findings: who, what does not fit, in how many visits, and which bytes show it.

What is known of the chain comes with this package for public networks, and with the campaign for a lab, so that old
data can be judged again by later rules.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from electrum_observatory.analysis.behaviour import StoredCampaigns
from electrum_observatory.analysis.machines import assign, machine_of
from electrum_observatory.analysis.truth.areas import Standing, standings
from electrum_observatory.analysis.truth.backends import Backends
from electrum_observatory.analysis.truth.campaigns import heard_in
from electrum_observatory.analysis.truth.finding import Finding, Quote
from electrum_observatory.analysis.truth.judge import Judgement, judge_answers
from electrum_observatory.analysis.truth.reading import Answer, Heard, read_answers
from electrum_observatory.bitcoin.reference import ChainReference, bundled_reference, reference_from_json
from electrum_observatory.datasets import servers
from electrum_observatory.datasets.load import load
from electrum_observatory.model.campaign import Campaign
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Where the bytes behind a finding are kept.

    Attributes:
        witness_id: ``<campaign>#<visit>/<exchange>``, which ``--json`` and findings.csv name it by.
        quote: The bytes, and who sent them.
    """

    witness_id: str
    quote: Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding in stored data.

    Attributes:
        finding: What does not fit.
        visits: In which visits to the subject it showed, as ``<campaign>#<number>``.
        witnesses: The bytes it was read from, the subject's first.
    """

    finding: Finding
    visits: tuple[str, ...]
    witnesses: tuple[Shown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointTruth:
    """Whether the answers of one endpoint hold.

    Attributes:
        endpoint_id: Whose.
        found: What does not fit, or could not be judged.
        standings: How it stands in every area that it was asked about.
    """

    endpoint_id: str
    found: tuple[Found, ...]
    standings: tuple[Standing, ...]


NOTHING_JUDGED: Mapping[str, EndpointTruth] = MappingProxyType({})
"""Where nothing is known of the chain beforehand, or no replies are at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTruth:
    """What the truth tests say of stored campaigns.

    Attributes:
        campaigns: Their ids.
        judgement: What does not fit, by canonical endpoint.
        by_endpoint: Endpoint id to how its answers stand, of everybody who was heard.
    """

    campaigns: tuple[str, ...]
    judgement: Judgement
    by_endpoint: Mapping[str, EndpointTruth]


def reference_of(campaigns: Iterable[Campaign]) -> ChainReference | None:
    """Return what is known beforehand of the chain of some campaigns; None where that is nothing.

    What an imported file says of a lab's chain is somebody's word: where it is no reference, nothing is known.

    Raises:
        ValueError: They are not all of one network and, in a lab, of one run of it.
    """
    worlds = {(one.network, (one.overlay or {}).get("sha256")): one for one in campaigns}
    if len(worlds) != 1:
        raise ValueError("these campaigns are not of one network (or not of one run of a lab): judge them one by one")
    (campaign,) = worlds.values()
    if campaign.overlay is None:
        return bundled_reference(campaign.network)
    try:
        told = reference_from_json(campaign.overlay.get("reference") or {})
    except ValueError:
        return None
    return told if told.network_id == campaign.network else None


def truth_of(
    reader: StoredCampaigns,
    campaigns: Sequence[str],
    *,
    reference: ChainReference | None = None,
    machines: Backends | None = None,
) -> StoredTruth | None:
    """Run every truth test over stored campaigns of one network, together.

    Args:
        reader: The store.
        campaigns: Ids, beginnings or "latest".
        reference: Instead of the one that belongs to the campaigns.
        machines: Endpoint id to machine, who share a vote; left out, they are worked out.

    Returns:
        None where nothing is known of the chain beforehand.

    Raises:
        ValueError: As :func:`reference_of`.
    """
    told = [reader.campaign(which).campaign for which in campaigns]
    reference = reference or reference_of(told)
    if reference is None:
        return None
    names = [one.campaign_id for one in told]
    by_id = machines if machines is not None else machines_of(reader, names)
    everybody: dict[str, str] = {}
    answers = read_answers(_noting(heard_in(reader, names), everybody))
    judgement = judge_answers(
        answers,
        reference,
        servers=frozenset(everybody),
        backends={server: by_id[name] for server, name in everybody.items() if name in by_id},
        own=frozenset(everybody) if told[0].overlay is not None else frozenset(),
    )
    return StoredTruth(
        campaigns=tuple(names),
        judgement=judgement,
        by_endpoint=_by_endpoint(judgement, answers, everybody),
    )


def truths_of(reader: StoredCampaigns, campaign: str) -> Mapping[str, EndpointTruth]:
    """Return endpoint id to how its answers stand in one campaign; nothing where nothing is known of the chain."""
    truth = truth_of(reader, [campaign])
    return NOTHING_JUDGED if truth is None else truth.by_endpoint


def machines_of(reader: StoredCampaigns, campaigns: Sequence[str]) -> Mapping[str, str]:
    """Return endpoint id to machine, over all campaigns: endpoints of one machine share a vote."""
    rows: dict[str, servers.ServerRow] = {}
    for campaign in campaigns:
        rows |= {row.endpoint_id: row for row in servers.build(load(reader, campaign), _Nowhere())}
    return machine_of(assign(rows.values()))


def _noting(heard: Iterable[Heard], everybody: dict[str, str]) -> Iterator[Heard]:
    """Pass conversations on one by one, and note canonical endpoint and endpoint id of whoever was heard."""
    for one in heard:
        everybody[one.server] = Endpoint.parse(one.server).endpoint_id
        yield one


def _by_endpoint(
    judgement: Judgement, answers: Sequence[Answer], everybody: Mapping[str, str]
) -> dict[str, EndpointTruth]:
    quoted = {quote for one in judgement.findings for quote in one.witnesses}
    visits: dict[Quote, dict[str, None]] = {}
    for answer in answers:
        if answer.quote in quoted:
            visits.setdefault(answer.quote, {})[answer.visit] = None
    found: dict[str, list[Found]] = {}
    for one in judgement.findings:
        found.setdefault(one.subject, []).append(_found(one, visits))
    stand = standings(answers, judgement.findings)
    return {
        name: EndpointTruth(endpoint_id=name, found=tuple(found.get(server, ())), standings=stand.get(server, ()))
        for server, name in everybody.items()
    }


def _found(finding: Finding, visits: Mapping[Quote, Mapping[str, None]]) -> Found:
    own = [visit for quote in finding.witnesses if quote.server == finding.subject for visit in visits.get(quote, ())]
    return Found(
        finding=finding,
        visits=tuple(dict.fromkeys(own)),
        witnesses=tuple(
            Shown(witness_id=f"{visit}/{quote.exchange}", quote=quote)
            for quote in finding.witnesses
            for visit in visits.get(quote, ())
        ),
    )


class _Nowhere:
    """A place look-up that knows nothing: where a machine stands plays no part."""

    attribution: tuple[str, ...] = ()
    data_date = ""

    def look_up(self, address: str) -> Place:  # noqa: ARG002 (the protocol's parameter)
        """Return nothing."""
        return Place()
