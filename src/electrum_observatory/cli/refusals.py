"""``observatory campaigns refusals``: what our own rules kept us from dialling, and on whose word we had heard."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from electrum_observatory.cli.console import emit_json, emit_table, say
from electrum_observatory.cli.options import DEFAULT_DATA, CampaignArgument, DataOption, JsonOption
from electrum_observatory.cli.partial import say_if_partial
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import Stage
from electrum_observatory.model.observation import Observation
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.scanner.causes import cause_of_count

if TYPE_CHECKING:
    from electrum_observatory.store.reader import StoredCampaign, StoreReader

_Target: TypeAlias = tuple[str, int, Transport]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What one teller made us refuse or leave out for one reason.

    Attributes:
        reason: The rule's id, or ``overflow_`` and the cap that was reached.
        told_by: The server that said it, canonical, or the id of a list.
        number: How many endpoints; each is counted once for everybody who told of it.
        example: The first of them; None where they were only counted.
    """

    reason: str
    told_by: str
    number: int
    example: str | None


def refusals(
    campaign: CampaignArgument = "latest", data: DataOption = DEFAULT_DATA, as_json: JsonOption = False
) -> None:
    """List what our own rules refused or left out in a campaign, and who had told of it."""
    from electrum_observatory.store.reader import StoreReader

    with StoreReader.open(data) as reader:
        stored = reader.campaign(campaign)
        say_if_partial(reader, stored)
        found = _all_of(reader, stored)
    if as_json:
        emit_json(found)
    elif not found:
        say("Nothing was refused or left out.")
    else:
        rows = [(one.reason, one.told_by, one.number, one.example) for one in found]
        emit_table("", ("reason", "told by", "number", "such as"), rows)


def _all_of(reader: "StoreReader", stored: "StoredCampaign") -> list[Refusal]:
    campaign_id = stored.campaign.campaign_id
    dials = list(reader.observations(campaign_id, probes=("connection",)))
    names = {one.endpoint.endpoint_id: one.endpoint.canonical for one in dials}
    found = [*_refused(dials, reader.sightings(campaign_id)), *_overflowed(reader.counts(stored))]
    named = (
        Refusal(reason=one.reason, told_by=names.get(one.told_by, one.told_by), number=one.number, example=one.example)
        for one in found
    )
    return sorted(named, key=lambda one: (-one.number, one.reason, one.told_by))


def _refused(dials: Iterable[Observation], sightings: Iterable[Sighting]) -> list[Refusal]:
    """Join the refused endpoints with whoever named them."""
    refused: dict[_Target, list[tuple[str, Endpoint]]] = {}
    for one in dials:
        failure = one.attempt.failure
        if failure is not None and failure.stage is Stage.POLICY:
            # The rule's id leads the detail; where the kind says it all there is none.
            rule = failure.detail.partition(";")[0] if "; told by " in failure.detail else failure.kind.value
            at = one.endpoint
            refused.setdefault((at.host, at.port, at.transport), []).append((rule, at))
    groups: dict[tuple[str, str], dict[Endpoint, None]] = {}
    for told in sightings:
        for rule, at in refused.get((told.host, told.port, told.transport), ()):
            groups.setdefault((rule, told.told_by or told.source), {})[at] = None
    return [
        Refusal(reason=rule, told_by=teller, number=len(those), example=next(iter(those)).canonical)
        for (rule, teller), those in groups.items()
    ]


def _overflowed(counts: Mapping[str, int]) -> list[Refusal]:
    """Read who overflowed what from the counts; refusals are among them too, and better told by the facts."""
    found = ((cause_of_count(name), number) for name, number in counts.items())
    return [
        Refusal(reason=cause[0], told_by=cause[1], number=number, example=None)
        for cause, number in found
        if cause is not None and cause[0].startswith("overflow_")
    ]
