"""Lists come and go; a watch changes slowly, and never for those who asked to be left alone."""

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.scanner.optout import OptOutList
from electrum_observatory.scanner.rules import Rules
from electrum_observatory.scanner.watching.membership import Membership
from electrum_observatory.scanner.watching.roster import Roster
from tests.factories import make_endpoint
from tests.unit.scanner.watching.scene import endpoint

DAY_NS = 86_400_000_000_000


class Club:
    def __init__(self, *, per_machine: int = 2, opted_out: tuple[str, ...] = ()) -> None:
        self.roster = Roster(per_machine)
        self.left_out: list[tuple[Endpoint, str]] = []
        self.membership = Membership(
            self.roster,
            rules=Rules(opt_outs=OptOutList.parse(opted_out)),
            forget_after_s=7 * 86_400.0,
            left_out=lambda one, why: self.left_out.append((one, why)),
        )

    def names(self) -> list[str]:
        return [server.endpoint.host for server in self.roster]


EVERYBODY = [endpoint(number) for number in range(30)]


def test_new_names_join_once_and_in_order() -> None:
    club = Club()

    joined, left = club.membership.update([endpoint(0), endpoint(1), endpoint(0)], 0)
    again, _ = club.membership.update([endpoint(1), endpoint(2)], 1)

    assert [server.endpoint for server in joined] == [endpoint(0), endpoint(1)]
    assert [server.endpoint for server in again] == [endpoint(2)]
    assert left == []
    assert club.names() == ["s0.example", "s1.example", "s2.example"]


def test_whoever_is_missing_stays_for_a_week_and_leaves_only_where_it_was_not_up() -> None:
    club = Club()
    club.membership.update(EVERYBODY, 0)
    club.membership.update(EVERYBODY[2:], DAY_NS)
    up = club.roster.get(EVERYBODY[0])
    assert up is not None
    up.last_up_ns = 7 * DAY_NS

    _, before = club.membership.update(EVERYBODY[2:], 7 * DAY_NS)
    _, after = club.membership.update(EVERYBODY[2:], 9 * DAY_NS)

    assert before == []
    assert [server.endpoint for server in after] == [EVERYBODY[1]]
    assert "s0.example" in club.names()


def test_a_list_that_forgets_everybody_drops_a_tenth_at_most() -> None:
    club = Club()
    club.membership.update(EVERYBODY, 0)
    club.membership.update([], DAY_NS)

    _, left = club.membership.update([], 30 * DAY_NS)

    assert len(left) == 3
    assert len(club.roster) == 27


def test_who_is_named_again_is_missing_no_more() -> None:
    club = Club()
    club.membership.update(EVERYBODY, 0)
    club.membership.update([], DAY_NS)
    club.membership.update(EVERYBODY, 2 * DAY_NS)

    _, left = club.membership.update([], 30 * DAY_NS)

    assert left == []


def test_who_opted_out_neither_joins_nor_stays() -> None:
    club = Club()
    club.membership.update([endpoint(0), endpoint(1)], 0)
    strict = Membership(
        club.roster,
        rules=Rules(opt_outs=OptOutList.parse(["s1.example"]), excluded=OptOutList.parse(["198.51.100.3"])),
        forget_after_s=1.0,
        left_out=lambda one, why: club.left_out.append((one, why)),
    )

    joined, left = strict.update([endpoint(0), endpoint(1), endpoint(2), endpoint(3)], 1)

    assert [server.endpoint for server in joined] == [endpoint(3)]
    assert [server.endpoint for server in left] == [endpoint(1)]
    assert [one for one, _ in club.left_out] == [endpoint(1), endpoint(1), endpoint(2)]


def test_no_more_endpoints_of_one_machine_are_watched_than_connections_may_be_held() -> None:
    club = Club()
    ports = [make_endpoint(port=port) for port in (50002, 50004, 50006)]

    club.membership.update(ports, 0)

    assert [server.endpoint for server in club.roster] == ports[:2]
    assert [one for one, _ in club.left_out] == ports[2:]
