"""``observatory doctor``: is this machine fit to measure from, and what to do where it is not."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from electrum_observatory.cli.console import emit_json, emit_table
from electrum_observatory.cli.exits import Exit
from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, JsonOption
from electrum_observatory.model.errors import ObservatoryError, StoreError, UsageError

_ENOUGH_DESCRIPTORS = 1024
_RESOLVE = "electrum.org"
_PROXY_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at.

    Attributes:
        check: What was looked at.
        ok: True, False, or None: not needed, or not to be told from here.
        found: What was seen.
        advice: What to do; "" where nothing.
    """

    check: str
    ok: bool | None
    found: str
    advice: str = ""


def doctor(
    resolve: Annotated[
        str, typer.Option("--resolve", metavar="NAME", help="Name that the resolver is tried with.")
    ] = _RESOLVE,
    tor: Annotated[
        str, typer.Option("--tor", metavar="HOST:PORT", help="Where Tor's SOCKS port should be.")
    ] = "127.0.0.1:9050",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Check descriptors, resolver, IPv6, Tor, clock, data folder and extras; asks no Electrum server."""
    from electrum_observatory.net.loop import run

    findings = run(_look(resolve, tor, data))
    if as_json:
        emit_json(findings)
    else:
        marks = {True: "ok", False: "no", None: "–"}
        emit_table(
            "", ("check", "", "found", "advice"), [(f.check, marks[f.ok], f.found, f.advice or None) for f in findings]
        )
    needed = {"file descriptors", "data folder", "IPv4"}
    if any(finding.ok is False and finding.check in needed for finding in findings):
        raise typer.Exit(Exit.PARTIAL)


async def _look(resolve: str, tor: str, data: Path) -> list[Finding]:
    return [
        _descriptors(),
        _route(4),
        _route(6),
        await _resolver(resolve),
        await _tor(tor),
        _clock(),
        _data_folder(data),
        _uvloop(),
        _report_extra(),
    ]


def _descriptors() -> Finding:
    from electrum_observatory.net.descriptors import raise_descriptor_limit

    limit = raise_descriptor_limit()
    found = f"{limit.before} at first, {limit.now} now, {limit.hard} at most"
    advice = "" if limit.now >= _ENOUGH_DESCRIPTORS else "raise it: ulimit -n, or LimitNOFILE= in a systemd unit"
    return Finding(check="file descriptors", ok=limit.now >= _ENOUGH_DESCRIPTORS, found=found, advice=advice)


def _route(version: int) -> Finding:
    from electrum_observatory.net.self_check import has_route

    if has_route(version):
        return Finding(check=f"IPv{version}", ok=True, found="a route to public addresses")
    advice = "servers with IPv6 only will be recorded as network_unreachable" if version == 6 else "check the network"
    return Finding(check=f"IPv{version}", ok=False, found="no route to public addresses", advice=advice)


async def _resolver(name: str) -> Finding:
    from electrum_observatory.model.errors import VisitError
    from electrum_observatory.net.resolve import SystemResolver

    resolver = SystemResolver()
    try:
        addresses = await resolver.addresses(name)
    except VisitError as error:
        advice = "check /etc/resolv.conf; without a resolver only address literals can be asked"
        return Finding(check="resolver", ok=False, found=f"{name}: {error.failure.kind}", advice=advice)
    finally:
        resolver.close()
    return Finding(check="resolver", ok=True, found=f"{name} has {len(addresses)} addresses")


async def _tor(text: str) -> Finding:
    from electrum_observatory.net.proxy import SocksProxy
    from electrum_observatory.net.self_check import speaks_socks5

    proxy = SocksProxy.parse(text)
    if await speaks_socks5(proxy.host, proxy.port, seconds=_PROXY_SECONDS):
        return Finding(check="Tor", ok=True, found=f"a SOCKS5 proxy answers at {proxy}; use it with --tor {proxy}")
    advice = "onion servers need it: install tor, then scan with --tor"
    return Finding(check="Tor", ok=None, found=f"no SOCKS5 proxy at {proxy}", advice=advice)


def _clock() -> Finding:
    from electrum_observatory.net.self_check import clock_synchronised

    verdict = clock_synchronised()
    if verdict is None:
        return Finding(check="clock", ok=None, found="the system does not say whether its clock is kept right")
    if verdict:
        return Finding(check="clock", ok=True, found="kept right, says the kernel")
    return Finding(check="clock", ok=False, found="not synchronised, says the kernel", advice="run an NTP client")


def _data_folder(data: Path) -> Finding:
    from electrum_observatory.net.clock import SystemClock
    from electrum_observatory.store.live import LiveStore
    from electrum_observatory.store.reader import has_campaigns

    try:
        if not has_campaigns(data):
            return _new_folder(data)
        LiveStore.open(data, SystemClock()).close()
    except (StoreError, UsageError) as error:
        return Finding(check="data folder", ok=False, found=str(error), advice="name another with --data")
    except ObservatoryError as error:
        return Finding(check="data folder", ok=False, found=str(error))
    return Finding(check="data folder", ok=True, found=f"{data} can be written")


def _new_folder(data: Path) -> Finding:
    nearest = next(folder for folder in (data.absolute(), *data.absolute().parents) if folder.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK):
        return Finding(check="data folder", ok=None, found=f"nothing in {data} yet; a scan will fill it")
    advice = "name another with --data"
    return Finding(check="data folder", ok=False, found=f"{data} cannot be made in {nearest}", advice=advice)


def _uvloop() -> Finding:
    import importlib.util

    if importlib.util.find_spec("uvloop"):
        return Finding(check="event loop", ok=True, found="uvloop")
    return Finding(
        check="event loop", ok=None, found="plain asyncio", advice="pip install uvloop: less memory, more speed"
    )


def _report_extra() -> Finding:
    import importlib.util

    missing = [name for name in ("altair", "jinja2", "vl_convert") if importlib.util.find_spec(name) is None]
    if missing:
        advice = "pip install 'electrum-observatory[report]'"
        return Finding(check="report extra", ok=None, found=f"without {', '.join(missing)}", advice=advice)
    return Finding(check="report extra", ok=True, found="installed")
