import pytest

from electrum_observatory.scanner.optout import OptOutList

LIST = """
# people who asked
Example.org
*.farm.example.net
5.9.1.2
2a01:4f8::/32   # a whole network
abcdefghijklmnop.onion
"""


def test_a_domain_covers_itself_and_everything_under_it() -> None:
    listed = OptOutList.parse(LIST.splitlines())

    assert all(listed.covers_host(host) for host in ("example.org", "a.b.example.org", "farm.example.net"))
    assert not any(listed.covers_host(host) for host in ("notexample.org", "example.net", "org"))
    assert listed.covers_host("abcdefghijklmnop.onion")


def test_addresses_and_networks_are_covered_by_whatever_name_they_come() -> None:
    listed = OptOutList.parse(LIST.splitlines())

    assert listed.covers_address("5.9.1.2")
    assert listed.covers_host("5.9.1.2")
    assert listed.covers_address("2a01:4f8:1::9")
    assert not listed.covers_address("5.9.1.3")
    assert not listed.covers_address("not an address")


def test_a_malformed_entry_is_named_by_its_line() -> None:
    with pytest.raises(ValueError, match="line 2: 'what is this' is no host"):
        OptOutList.parse(["example.org", "what is this"])


def test_an_empty_list_covers_nobody() -> None:
    assert not OptOutList().covers_host("example.org")
