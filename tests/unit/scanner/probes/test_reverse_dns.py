import pytest

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.scanner.optout import OptOutList
from electrum_observatory.scanner.probes.reverse_dns import ReverseDnsProbe
from electrum_observatory.scanner.rules import Rules
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


@pytest.mark.parametrize(
    "name",
    [
        "localhost",
        "router",
        "printer.local",
        "nas.lan",
        "db.internal",
        ADDRESS,
        "127.1",
        "a b.example.org",
        "\\032.example.org",
        "node.example.net",
    ],
)
def test_local_names_opt_outs_and_what_is_no_name_are_not_looked_up(name: str) -> None:
    rules = Rules(opt_outs=OptOutList.parse(["example.net"]))

    put = Put(ReverseDnsProbe(), pointers={ADDRESS: [name]}, names={name: [ADDRESS]}, rules=rules)

    assert put.result.names == (name,)
    assert put.result.forward_confirmed == ()
    assert put.looked_up == []


def test_a_lab_s_own_local_names_are_looked_up() -> None:
    rules = Rules(addresses=AddressPolicy(local_names=True))

    put = Put(ReverseDnsProbe(), pointers={ADDRESS: ["node.test"]}, names={"node.test": [ADDRESS]}, rules=rules)

    assert put.result.forward_confirmed == ("node.test",)


def test_a_name_server_that_fails_is_a_failure_not_an_absence() -> None:
    broken = VisitError(Stage.RESOLVE, FailureKind.DNS_TIMEOUT)
    put = Put(ReverseDnsProbe(), pointers={ADDRESS: ["a.example.org"]}, names={"a.example.org": broken})

    assert put.failure == (Stage.RESOLVE, FailureKind.DNS_TIMEOUT)


def test_an_onion_has_no_address_to_ask_about() -> None:
    onion = make_endpoint(host="a" * 56 + ".onion", address=None)

    assert ReverseDnsProbe().not_applicable(onion) == "no address was resolved here"
    assert ReverseDnsProbe().not_applicable(make_endpoint()) is None
