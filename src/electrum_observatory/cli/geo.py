"""``observatory geo IP…``: where addresses live, offline."""

from typing import Annotated

import msgspec
import typer

from electrum_observatory.cli.console import emit_json, emit_table, say
from electrum_observatory.cli.options import GeoIpOption, JsonOption


def geo(
    addresses: Annotated[list[str], typer.Argument(metavar="IP…", help="IPv4 or IPv6 addresses.")],
    geoip: GeoIpOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say country, city, network and hosting provider of addresses, from dated tables; nothing is asked of anybody."""
    import ipaddress

    from electrum_observatory.enrich.places import PlaceBook
    from electrum_observatory.model.errors import UsageError

    for text in addresses:
        try:
            ipaddress.ip_address(text)
        except ValueError as error:
            raise UsageError(f"{text!r} is not an IP address (names are not looked up here)") from error
    book = PlaceBook.open(geoip)
    found = [(text, book.look_up(text)) for text in addresses]
    if as_json:
        emit_json(
            {
                "places": [{"address": text, **msgspec.to_builtins(place)} for text, place in found],
                "data_date": book.data_date,
                "attribution": book.attribution,
            }
        )
        return
    emit_table(
        "",
        ("address", "country", "city", "ASN", "announced by", "hosting"),
        [(text, place.country, place.city, place.asn, place.org, place.cloud_provider) for text, place in found],
    )
    say(f"Data of {book.data_date}. An ASN says who announces an address, not who runs what is there.")
    for line in book.attribution:
        say(line)
