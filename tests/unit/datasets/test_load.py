from electrum_observatory.datasets.load import first_seen, load
from tests.factories import STARTED_AT_US, make_campaign, make_endpoint, make_failed_observation, make_seal, make_visit
from tests.unit.report.campaigns import Stored


def test_load_gathers_one_campaign():
    stored = Stored([(make_campaign(), make_seal(), make_visit(), [])])

    facts = load(stored, "latest")

    assert facts.campaign == make_campaign()
    assert facts.seal == make_seal()
    assert [seen.endpoint for seen in facts.endpoints] == [make_endpoint()]


def test_first_seen_is_the_first_dial_of_any_campaign():
    later = make_campaign(campaign_id="20261121T221500Z-local-ffffff", started_at_us=STARTED_AT_US + 10**9)
    stored = Stored(
        [
            (later, None, make_visit(started_at_us=STARTED_AT_US + 10**9), []),
            (make_campaign(), None, [make_failed_observation(started_at_us=STARTED_AT_US + 5)], []),
        ]
    )

    assert first_seen(stored) == {make_endpoint().endpoint_id: STARTED_AT_US + 5}


def test_the_campaigns_start_stands_in_for_a_time_that_an_import_does_not_know():
    stored = Stored([(make_campaign(), None, make_visit(started_at_us=None), [])])

    assert first_seen(stored) == {make_endpoint().endpoint_id: STARTED_AT_US}
