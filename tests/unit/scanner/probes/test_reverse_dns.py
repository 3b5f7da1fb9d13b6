from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.scanner.probes.reverse_dns import ReverseDnsProbe
from tests.factories import make_endpoint
from tests.unit.scanner.harness import Put

ADDRESS = make_endpoint().address


def test_only_names_that_point_back_are_confirmed() -> None:
    put = Put(
        ReverseDnsProbe(),
        pointers={ADDRESS: ["Static.2.1.9.5.Example.net.", "liar.example.org", "gone.example.org"]},
        names={"static.2.1.9.5.example.net": [ADDRESS], "liar.example.org": ["5.9.9.9"]},
    )

    assert put.result.names == ("static.2.1.9.5.example.net", "liar.example.org", "gone.example.org")
    assert put.result.forward_confirmed == ("static.2.1.9.5.example.net",)
    assert put.sent == [], "the server is asked nothing"


def test_no_name_is_a_result() -> None:
    assert Put(ReverseDnsProbe()).result.names == ()


def test_a_flood_of_names_is_cut() -> None:
    put = Put(ReverseDnsProbe(), pointers={ADDRESS: [f"n{place}.example.org" for place in range(99)]})

    assert len(put.result.names) == 8


def test_a_name_server_that_fails_is_a_failure_not_an_absence() -> None:
    broken = VisitError(Stage.RESOLVE, FailureKind.DNS_TIMEOUT)
    put = Put(ReverseDnsProbe(), pointers={ADDRESS: ["a.example.org"]}, names={"a.example.org": broken})

    assert put.failure == (Stage.RESOLVE, FailureKind.DNS_TIMEOUT)


def test_an_onion_has_no_address_to_ask_about() -> None:
    onion = make_endpoint(host="a" * 56 + ".onion", address=None)

    assert ReverseDnsProbe().not_applicable(onion) == "no address was resolved here"
    assert ReverseDnsProbe().not_applicable(make_endpoint()) is None
