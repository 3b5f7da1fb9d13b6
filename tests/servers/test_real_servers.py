"""The ground that the other tests of this folder stand on: the servers are what they were told to be."""

from tests.servers.electrumx import ElectrumX
from tests.servers.litecoin_node import FEE_RATES_SAT_VB, LitecoinNode


def test_server_names_its_version_and_the_nodes_tip(electrumx: ElectrumX, node: LitecoinNode) -> None:
    version, tip = electrumx.ask(("server.version", ["raw socket", "1.4"]), ("blockchain.headers.subscribe", []))

    assert version["result"] == [f"ElectrumX {electrumx.version}", "1.4"]
    assert tip["result"]["height"] == node.rpc("getblockcount")


def test_mempool_is_full_enough_for_a_histogram(electrumx: ElectrumX, node: LitecoinNode) -> None:
    _, histogram = electrumx.ask(("server.version", ["raw socket", "1.4"]), ("mempool.get_fee_histogram", []))

    assert node.rpc("getmempoolinfo")["size"] == len(FEE_RATES_SAT_VB)
    assert histogram["result"]
