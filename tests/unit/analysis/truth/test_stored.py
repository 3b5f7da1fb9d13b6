"""Stored campaigns are held against the chain they are of: a public network's, or what their lab said of its own."""

from dataclasses import replace
from typing import Any

import pytest

from electrum_observatory.analysis.truth.finding import flags
from electrum_observatory.analysis.truth.stored import NOTHING_JUDGED, reference_of, truth_of, truths_of
from electrum_observatory.bitcoin.reference import bundled_reference
from electrum_observatory.model.campaign import Campaign
from electrum_observatory.net.overlay import Overlay
from electrum_observatory.scanner.campaign import new_campaign
from electrum_observatory.scanner.config import ScanConfig
from tests.factories import make_campaign
from tests.unit.report.answering import STRANGE, answering_campaign
from tests.unit.report.campaigns import Stored

PUBLIC = bundled_reference("bitcoin")
assert PUBLIC is not None
TOLD = replace(PUBLIC, sources={})


class Noon:
    """A clock that stands still."""

    def now_us(self) -> int:
        return 1_795_212_900_000_000


class Six:
    """Randomness that is always the same."""

    def getrandbits(self, bits: int) -> int:
        return bits


def of_lab(**world: Any) -> Campaign:
    return make_campaign(overlay={"name": "world", "sha256": "00", **world})


def test_a_public_network_has_its_bundled_reference() -> None:
    assert reference_of([make_campaign()]) == PUBLIC


def test_a_campaign_of_a_lab_keeps_what_the_lab_says_of_its_chain() -> None:
    overlay = Overlay(name="world", sockets={}, reference=TOLD)

    campaign = new_campaign(config=ScanConfig(), clock=Noon(), rng=Six(), overlay=overlay)  # type: ignore[arg-type]

    assert reference_of([campaign]) == TOLD
    assert (campaign.overlay or {})["sha256"] == overlay.sha256


@pytest.mark.parametrize(
    "world",
    [
        {},
        {"reference": None},
        {"reference": "nothing"},
        {"reference": TOLD.to_json() | {"easiest_bits": -1}},
        {"reference": TOLD.to_json() | {"network_id": "testnet4"}},
    ],
)
def test_what_is_no_reference_of_its_network_tells_nothing(world: dict[str, Any]) -> None:
    stored, _ = answering_campaign()
    _, seal, observations, told = stored._content[0]
    of_somebody = Stored([(of_lab(**world), seal, observations, told)])

    assert reference_of([of_lab(**world)]) is None
    assert truths_of(of_somebody, "latest") == NOTHING_JUDGED


def test_campaigns_of_two_worlds_are_not_judged_together() -> None:
    for other in (
        of_lab(),
        make_campaign(network="testnet4"),
        make_campaign(overlay={"name": "world", "sha256": "01"}),
    ):
        with pytest.raises(ValueError, match="judge them one by one"):
            reference_of([make_campaign(), other])


def test_each_finding_is_counted_by_visits_and_names_its_replies() -> None:
    stored, _ = answering_campaign()
    first, seal, observations, told = stored._content[0]
    later = replace(first, campaign_id="20261121T221500Z-local-0a1b2c")
    again = [replace(one, campaign_id=later.campaign_id) for one in observations]
    both = Stored([(first, seal, observations, told), (later, seal, again, told)])

    truth = truth_of(both, [first.campaign_id, later.campaign_id])

    assert truth is not None
    assert {one.subject for one in flags(truth.judgement.findings)} == {STRANGE.canonical}
    (markup,) = [
        one
        for one in truth.by_endpoint[STRANGE.endpoint_id].found
        if one.finding.id == "text_with_markup" and "banner" in one.finding.words
    ]
    assert markup.visits == (f"{first.campaign_id}#0", f"{later.campaign_id}#0")
    assert [shown.witness_id for shown in markup.witnesses] == [f"{visit}/banner#0" for visit in markup.visits]
    assert b"<script>" in markup.witnesses[0].quote.line
