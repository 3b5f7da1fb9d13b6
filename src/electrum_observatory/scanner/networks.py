"""What a flood is counted by: the network of an address, and the registrable domain of a name."""

import functools
from pathlib import Path

from publicsuffixlist import PSLFILE, PublicSuffixList

from electrum_observatory.model.address import is_address, network_around, parse_address
from electrum_observatory.model.endpoint import is_onion


def network_of(address: str) -> tuple[str, str]:
    """Return the kind and text of the network an address is counted in: ("v4_16", …) or ("v6_48", …)."""
    parsed = parse_address(address)
    if parsed is None:
        raise ValueError(f"{address!r} is no address")
    kind, prefix = ("v4_16", 16) if parsed.version == 4 else ("v6_48", 48)
    return kind, network_around(parsed, prefix)


def domain_of(host: str) -> str | None:
    """Return the registrable domain of a canonical name; None for addresses and onion names.

    Dynamic DNS providers are public suffixes: their customers' names count one by one.
    """
    if is_onion(host) or is_address(host):
        return None
    return _suffixes().privatesuffix(host) or host


def registered_domain(host: str) -> str | None:
    """Return the domain that somebody registered and pays for; None for addresses and onion names.

    The customers of a dynamic DNS provider count as one here: their names cost nothing.
    """
    if is_onion(host) or is_address(host):
        return None
    return _registries().privatesuffix(host) or host


@functools.cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(_rules(), accept_encoded_idn=False)


@functools.cache
def _registries() -> PublicSuffixList:
    return PublicSuffixList(_rules(), accept_encoded_idn=False, only_icann=True)


@functools.cache
def _rules() -> tuple[str, ...]:
    """Return rules and marks of sections of the list, international names in both spellings.

    The package spells all ten thousand rules anew to find the few hundred that differ, which takes a fifth of a second.
    Their names are prepared already, so that Punycode is all that is left to do.
    """
    lines: list[str] = []
    for line in Path(PSLFILE).read_text(encoding="utf-8").splitlines():
        if line and (not line.startswith("//") or "===" in line):
            lines.append(line)
            if not line.isascii():
                mark, rule = ("!", line[1:]) if line.startswith("!") else ("", line)
                lines.append(mark + ".".join(map(_a_label, rule.split(" ")[0].split("."))))
    return tuple(lines)


def _a_label(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"
