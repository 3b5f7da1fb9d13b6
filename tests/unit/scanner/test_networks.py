"""What a flood is counted by."""

import pytest
from publicsuffixlist import PublicSuffixList

from electrum_observatory.scanner import networks
from electrum_observatory.scanner.networks import domain_of, registered_domain


@pytest.mark.parametrize(
    ("host", "domain", "registered"),
    [
        ("a.b.example.co.uk", "example.co.uk", "example.co.uk"),
        ("a.home.duckdns.org", "home.duckdns.org", "duckdns.org"),
        ("a.b.xn--55qx5d.cn", "b.xn--55qx5d.cn", "b.xn--55qx5d.cn"),
        ("5.9.1.2", None, None),
        ("x" * 56 + ".onion", None, None),
    ],
)
def test_the_domain_that_somebody_registered(host: str, domain: str | None, registered: str | None) -> None:
    assert (domain_of(host), registered_domain(host)) == (domain, registered)


def test_the_rules_are_those_that_the_package_would_make_itself() -> None:
    ours = PublicSuffixList(networks._rules(), accept_encoded_idn=False)
    theirs = PublicSuffixList()

    assert ours._publicsuffix == theirs._publicsuffix
    assert ours._maxlabel == theirs._maxlabel


def test_the_rules_of_registries_are_those_that_the_package_would_make_itself() -> None:
    ours = PublicSuffixList(networks._rules(), accept_encoded_idn=False, only_icann=True)
    theirs = PublicSuffixList(only_icann=True)

    assert ours._publicsuffix == theirs._publicsuffix
    assert ours._maxlabel == theirs._maxlabel
