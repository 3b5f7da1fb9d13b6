"""Templates to pages. Every value that a template prints passes the sanitising border, then the escaping of HTML."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from electrum_observatory.datasets.fields import as_json, iso_time
from electrum_observatory.report.countries import country_name
from electrum_observatory.report.sanitise import for_html, sanitise
from electrum_observatory.report.words import failure_words, many, source_words

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # the empty icon
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "trusted-types 'none'",
        "require-trusted-types-for 'script'",
    )
)
"""What every page allows itself: files of its own folder. No inline script or style, no frame, no request elsewhere."""

_ABSENT = Markup('<span class="absent" title="not learned">—</span>')
_ADDRESS = re.compile(r"https://[a-z0-9.-]+[a-z0-9](?:/[A-Za-z0-9._/-]*[A-Za-z0-9/])?")
_KEYS = {"rsa": "RSA", "ec": "EC", "dsa": "DSA", "ed25519": "Ed25519", "ed448": "Ed448"}
_SHORT_LIMIT = 80
_CELL_LIMIT = 300
_QUOTE_LIMIT = 2_000
_BLOCK_LIMIT = 8_000


def write_page(path: Path, template: str, root: str, values: Mapping[str, Any]) -> None:
    """Render a template into a file; ``root`` is the way from the page to the folder of the site ("" or "../")."""
    page = _environment().get_template(template).render(root=root, **values)
    path.write_text(page, encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("electrum_observatory.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"when": window, "policy": CONTENT_SECURITY_POLICY, "absent": _ABSENT}
    environment.filters |= {
        "block": _block,
        "country": country_name,
        "day_time": day_time,
        "failure": failure_words,
        "digest": lambda digest: None if digest is None else f"{digest[:8]}…{digest[-8:]}",
        "host": _host,
        "iso": iso_time,
        "json": as_json,
        "key": lambda kind: None if kind is None else _KEYS.get(kind, kind),
        "linked": _linked,
        "machine_of": lambda endpoint_id, found: found.machine_of[endpoint_id],
        "many": many,
        "ms": milliseconds,
        "number": lambda value: f"{value:,}",
        "percent": percent,
        "quoted": lambda text: Markup(for_html(text, limit=_QUOTE_LIMIT)),  # noqa: S704 (for_html has escaped it)
        "short": _short,
        "source": source_words,
        "words": lambda name: name.replace("_", " "),
    }
    return environment


def percent(share: float) -> str:
    """Return a share as per cent: a digit after the point below ten, none above."""
    value = share * 100
    return f"{value:.0f} %" if value >= 9.95 or value == 0 else f"{value:.1f} %"


def milliseconds(value: float | None) -> str | None:
    """Return milliseconds with about two significant digits."""
    if value is None:
        return None
    return f"{value:,.0f} ms" if value >= 10 else f"{value:.1f} ms" if value >= 1 else f"{value:.2f} ms"


def day_time(microseconds: int | None) -> str | None:
    """Return UTC microseconds as "20 November 2026, 22:15 UTC"."""
    if microseconds is None:
        return None
    moment = datetime.fromtimestamp(microseconds // 1_000_000, tz=UTC)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def window(first_us: int | None, last_us: int | None) -> str:
    """Return in words when something was observed."""
    first, last = day_time(first_us), day_time(last_us)
    if first is None or last is None:
        return "at a time that is not recorded"
    if first == last:
        return f"on {first}"
    day, _, _ = first.partition(", ")
    last_day, _, last_time = last.partition(", ")
    if day == last_day:
        return f"on {first.removesuffix(' UTC').replace(', ', ' between ')} and {last_time}"
    return f"between {first} and {last}"


def _printed(value: object) -> object:
    if value is None:
        return _ABSENT
    if isinstance(value, str) and not isinstance(value, Markup):
        return sanitise(value, limit=_CELL_LIMIT)
    return value


def _short(text: str | None, limit: int = _SHORT_LIMIT) -> Markup | None:
    """Leave the end of a long text out of a table; the machine's own page has more of it."""
    return None if text is None else Markup(for_html(text, limit=limit, counted=False))  # noqa: S704 (escaped)


def _host(host: str, limit: int = _CELL_LIMIT) -> Markup:
    """Let a long name break behind its dots and colons."""
    escaped = for_html(host, limit=limit, counted=False)
    return Markup(escaped.replace(".", ".<wbr>").replace(":", ":<wbr>"))  # noqa: S704 (escaped)


def _linked(line: str) -> Markup:
    """Turn the addresses of an attribution into links; the licences of the data want them."""
    return Markup(_ADDRESS.sub(r'<a href="\g<0>" rel="noreferrer">\g<0></a>', for_html(line)))  # noqa: S704 (escaped)


def _block(text: str) -> Markup:
    return Markup(for_html(text, limit=_BLOCK_LIMIT, multiline=True))  # noqa: S704 (for_html has escaped it)
