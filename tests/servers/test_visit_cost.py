"""What our visits cost real servers with their own default limits, by their own books: nobody is ever slowed down.

The campaign is the product's, in a network namespace; it runs beside the other tests of this folder.
"""

import pytest

from electrum_observatory.scanner.config import Budgets
from electrum_observatory.store.reader import StoreReader
from tests.servers.costs import AT_ONCE, SOFT_LIMIT, retained_before_the_next
from tests.servers.guests import PRICED_VERSIONS, PricedCampaign, address_of

MOST_RETAINED = 600
LEAST_FURTHER_VISITS = 4
"""What the core of the battery takes at six errors a visit."""


@pytest.fixture(params=PRICED_VERSIONS)
def visit_costs(request: pytest.FixtureRequest, priced: PricedCampaign) -> list[float]:
    """What each visit to one version cost it."""
    return [one["highest"] for one in priced.visits[request.param]]


def test_the_campaign_completes_and_nothing_in_it_fails(priced: PricedCampaign) -> None:
    assert priced.exit_code == 0, priced.said
    assert priced.counts["verified"] == len(PRICED_VERSIONS)
    assert (priced.counts["failed"], priced.counts["refused"]) == (0, 0)


@pytest.mark.parametrize("version", PRICED_VERSIONS)
def test_every_visit_that_we_made_is_in_the_servers_books(priced: PricedCampaign, version: str) -> None:
    with StoreReader.open(priced.data) as reader:
        campaign_id = reader.campaign("latest").campaign.campaign_id
        openings = [
            one.attempt.result
            for one in reader.observations(campaign_id, probes=["opening"])
            if one.endpoint.address == address_of(version)
        ]

    further = {result["visit"] for result in openings if result is not None}
    assert None not in openings
    assert len(further) >= LEAST_FURTHER_VISITS
    assert len(priced.visits[version]) == 1 + len(further)


def test_a_visit_costs_less_than_what_a_server_begins_to_slow_down_at(visit_costs: list[float]) -> None:
    assert len(visit_costs) > 1
    assert max(visit_costs) < SOFT_LIMIT
    assert min(visit_costs) > 0


@pytest.mark.parametrize("version", PRICED_VERSIONS)
def test_nothing_is_throttled_and_nobody_turned_out(priced: PricedCampaign, version: str) -> None:
    assert priced.throttling[version] == []
    assert {one["at_once"] for one in priced.visits[version]} == {AT_ONCE}


def test_ten_minutes_later_hardly_anything_of_it_is_left(visit_costs: list[float]) -> None:
    assert max(retained_before_the_next(visit_costs, Budgets().revisit_s)) <= MOST_RETAINED
