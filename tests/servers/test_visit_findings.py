"""The fingerprinting campaign of the product, put to real servers, brings enough to name their software."""

import pytest

from electrum_observatory.analysis.builds.identify import identify
from electrum_observatory.datasets.dialogues import client_name_of, dialogues_by_endpoint
from electrum_observatory.store.reader import StoreReader
from tests.servers.guests import PRICED_VERSIONS, PricedCampaign, address_of
from tests.servers.widest import assert_is_electrumx_within


@pytest.mark.parametrize("mask_names", [False, True], ids=["named", "masked"])
@pytest.mark.parametrize("version", PRICED_VERSIONS)
def test_a_campaign_names_a_real_server_as_narrowly_as_the_reference_allows(
    priced: PricedCampaign, version: str, mask_names: bool
):
    with StoreReader.open(priced.data) as reader:
        campaign = reader.campaign("latest").campaign
        observations = list(reader.observations(campaign.campaign_id, with_witnesses=True))
    asked = dialogues_by_endpoint(observations, client_name=client_name_of(campaign))
    (told,) = (dialogues for endpoint, dialogues in asked.items() if endpoint.address == address_of(version))

    found = identify(told, mask_names=mask_names)

    assert_is_electrumx_within(found, version)
    assert found.contradictions == ()
