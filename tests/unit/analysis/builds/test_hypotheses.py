"""What the reference only infers weighs, and takes no build away; what nobody ran is trusted less than what was run."""

from electrum_observatory.analysis.builds.identify import identify
from electrum_observatory.analysis.builds.rules.model import Surety
from electrum_observatory.analysis.builds.rules.registry import BY_ASPECT
from tests.unit.analysis.builds.scripted import FULCRUM, RUST, Style, error, hello, result, talk

FRIGATE = hello("Frigate 1.0.0", "1.4", "1.4")
UNKNOWN = ("no.such", [], error(-32601, "Method not found"))
JAVA = Style(alphabetical=True)


def test_frigate_with_another_order_of_keys_is_no_relay() -> None:
    found = identify([talk(JAVA, FRIGATE, UNKNOWN, ("blockchain.block.stats", [1], result({})))])

    assert "frigate-1.0.0" in found.builds
    assert found.contradictions == ()


def test_only_a_hypothesis_speaks_against_it_and_it_stays() -> None:
    hello_only = identify([talk(RUST, hello("electrs/0.10.0", "1.4"))], mask_names=True)
    histogram = ("mempool.get_fee_histogram", [], result([[3, 50_000]]))
    asked = identify([talk(RUST, hello("electrs/0.10.0", "1.4"), histogram)], mask_names=True)

    assert "frigate-1.0.0" in hello_only.builds
    assert "frigate-1.0.0" not in asked.builds, "its source has no histogram, and that was read"


def test_software_that_fits_nothing_is_not_saved_by_a_hypothesis() -> None:
    old, new = talk(FULCRUM, hello("Fulcrum 1.9.1", "1.5")), talk(FULCRUM, hello("Fulcrum 2.1.1", "1.6"))

    assert identify([old, new]).several_backends


def test_statements_slip_by_how_they_are_known() -> None:
    order = BY_ASPECT["keys_result"]

    assert order.slip("electrumx-1.15.0") == order.slip("fulcrum-2.1.1") == Surety.VERIFIED.value
    assert order.slip("fulcrum-1.9.1") == order.slip("romanz_electrs-0.10.0") == Surety.SOURCE.value
    assert order.slip("frigate-1.0.0") == Surety.INFERRED.value
    assert order.doubted == {"frigate-1.0.0"}
