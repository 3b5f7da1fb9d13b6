"""Changes over a row of campaigns, dated by the looks around them."""

from dataclasses import fields, replace

from electrum_observatory.analysis.lifecycle.events import EventKind, Look, events
from electrum_observatory.cli.nowhere import Nowhere
from electrum_observatory.datasets import servers
from electrum_observatory.datasets.facts import gather
from electrum_observatory.datasets.tls import TlsRow
from tests.factories import make_campaign, make_visit


def certificate_row(endpoint_id: str, **shown: str) -> TlsRow:
    """A row of the table of certificates of which only this matters."""
    nothing = {field.name: None for field in fields(TlsRow)}
    return TlsRow(**nothing | {"endpoint_id": endpoint_id} | shown)


def look(day: int, **changed):
    """A campaign of one day that saw one server."""
    facts = gather(make_campaign(), None, make_visit(), ())
    (row,) = servers.build(facts, Nowhere())
    certificate = {name: changed.pop(name) for name in ("certificate_sha256", "spki_sha256") if name in changed}
    shown = [certificate_row(row.endpoint_id, **certificate)] if certificate else []
    return Look(at_us=day, servers=[replace(row, **changed)], tls=shown)


def test_an_upgrade_is_dated_by_the_last_look_at_the_old_and_the_first_at_the_new() -> None:
    looks = [
        look(1, software="ElectrumX 1.18.0"),
        look(2, software="ElectrumX 1.18.0"),
        look(3, answered=False, software=None),
        look(4, software="ElectrumX 1.19.0"),
    ]

    (event,) = events(looks)

    assert (event.kind, event.before, event.after) == (EventKind.SOFTWARE, "ElectrumX 1.18.0", "ElectrumX 1.19.0")
    assert (event.after_us, event.by_us) == (2, 4)


def test_a_new_key_is_one_event_and_a_new_certificate_of_the_same_key_another() -> None:
    looks = [
        look(1, certificate_sha256="a", spki_sha256="k"),
        look(2, certificate_sha256="b", spki_sha256="k"),
        look(3, certificate_sha256="c", spki_sha256="l"),
    ]

    assert [(event.kind, event.by_us) for event in events(looks)] == [(EventKind.RENEWED, 2), (EventKind.REKEYED, 3)]


def test_a_name_that_leads_elsewhere_has_moved() -> None:
    looks = [look(1, address="192.0.2.1"), look(2, address="192.0.2.1"), look(3, address="192.0.2.9")]

    (event,) = events(looks)

    assert (event.kind, event.before, event.after) == (EventKind.MOVED, "192.0.2.1", "192.0.2.9")


def test_what_stays_is_no_event() -> None:
    assert events([look(1), look(2), look(3)]) == ()
