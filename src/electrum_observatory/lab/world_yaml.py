"""Reading world files: YAML to :class:`WorldFile`, with every complaint naming its line."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.lab.hostile.registry import act_of
from electrum_observatory.lab.mutators.registry import MUTATORS
from electrum_observatory.lab.operators import ports_of
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.programs import HOSTILE_PREFIX
from electrum_observatory.lab.providers import PROVIDERS
from electrum_observatory.lab.world_file import WORLD_FILE, Group, Server, WorldFile
from electrum_observatory.lab.world_options import Backend, Listen, Modification, Software
from electrum_observatory.lab.yaml_lines import YamlLines, YamlPath
from electrum_observatory.model.endpoint import normalise_host
from electrum_observatory.model.errors import InputError

_UNKNOWN_KEY = ("unexpected_keyword_argument", "extra_forbidden")


def load_world(path: Path) -> WorldFile:
    """Read a world file.

    Raises:
        InputError: Where it cannot be read, naming the file and the line.
    """
    try:
        return _checked(YamlLines.read(path))
    except ValueError as error:
        raise InputError(str(error)) from error


def parse_world(text: str, source: str) -> WorldFile:
    """Read the text of a world file; ``source`` names it in complaints.

    Raises:
        InputError: Naming the line.
    """
    try:
        return _checked(YamlLines.parse(text, source))
    except ValueError as error:
        raise InputError(str(error)) from error


def _checked(document: YamlLines) -> WorldFile:
    if document.value is None:
        raise ValueError(f"{document.where(())}: the file is empty")
    try:
        world = WORLD_FILE.validate_python(document.value)
    except ValidationError as error:
        # A misspelt key is unknown and makes the right one missing: only the first of the two helps.
        first = min(error.errors(), key=lambda found: found["type"] not in _UNKNOWN_KEY)
        raise ValueError(
            f"{document.where(first['loc'])}: {_words(first['loc'], first['type'], first['msg'])}"
        ) from error
    for path, text in _contradictions(world):
        raise ValueError(f"{document.where(path)}: {text}")
    return world


def _words(path: YamlPath, kind: str, message: str) -> str:
    name = ".".join(str(part) for part in path)
    if kind in _UNKNOWN_KEY:
        return f"unknown key {name!r} (docs/lab/world-files.md lists them all)"
    return f"{name}: {message}" if name else message


def _contradictions(world: WorldFile) -> list[tuple[YamlPath, str]]:
    """Find what is well-formed and still cannot be."""
    found: list[tuple[YamlPath, str]] = []
    if world.network not in NETWORKS:
        found.append((("network",), f"unknown network {world.network!r}; known: {', '.join(NETWORKS)}"))
    for name, node in world.nodes.items():
        if node.network is not None and node.network not in NETWORKS:
            found.append((("nodes", name, "network"), f"unknown network {node.network!r}"))
    nodes = {"default", *world.nodes}
    seen: set[str] = set()
    for index, server in enumerate(world.servers):
        where: YamlPath = ("servers", index)
        found += _duplicate(seen, server.id, where)
        found += _in_server(server, nodes, where)
    for index, group in enumerate(world.groups):
        where = ("groups", index)
        found += _duplicate(seen, group.id, where)
        found += _in_group(group, nodes, where)
    return found


def _in_server(server: Server, nodes: set[str], where: YamlPath) -> list[tuple[YamlPath, str]]:
    found = _unknown_personality([((*where, "software", "personality"), server.software)])
    found += _unplayable(server.software, (server.listen,), (*where, "listen"))
    found += _unknown_mutator(server.modified, (*where, "modified"))
    found += _unknown_backend(server.balanced, nodes, (*where, "balanced"))
    found += [((*where, "names"), str(bad)) for bad in _bad_hosts(server.names)]
    found += [((*where, "addresses"), str(bad)) for bad in _bad_hosts(server.addresses)]
    if server.node not in nodes:
        found.append(((*where, "node"), f"no node {server.node!r} in nodes"))
    return found


def _in_group(group: Group, nodes: set[str], where: YamlPath) -> list[tuple[YamlPath, str]]:
    found = _unknown_personality(
        ((*where, "software", at, "personality"), choice) for at, choice in enumerate(group.software)
    )
    for choice in group.software:
        found += _unplayable(choice, group.listen, (*where, "listen"))
    found += _unknown_mutator(group.modified, (*where, "modified"))
    found += _unknown_backend(group.balanced, nodes, (*where, "balanced"))
    found += [
        ((*where, "providers", at, "provider"), _unknown("provider", choice.provider, PROVIDERS, " without blocks"))
        for at, choice in enumerate(group.providers)
        if choice.ipv4 is None and choice.provider not in PROVIDERS
    ]
    found += [
        ((*where, "nodes", at, "node"), f"no node {choice.node!r} in nodes")
        for at, choice in enumerate(group.nodes)
        if choice.node not in nodes
    ]
    return found


def _unknown_backend(backends: Iterable[Backend], nodes: set[str], where: YamlPath) -> list[tuple[YamlPath, str]]:
    found: list[tuple[YamlPath, str]] = []
    for at, backend in enumerate(backends):
        if backend.personality not in PERSONALITIES:
            found.append(((*where, at, "personality"), _unknown("personality", backend.personality, PERSONALITIES)))
        if backend.node is not None and backend.node not in nodes:
            found.append(((*where, at, "node"), f"no node {backend.node!r} in nodes"))
    return found


_ACTS = f"{HOSTILE_PREFIX}<act> (docs/lab/hostile.md lists them)"


def _unknown_personality(choices: Iterable[tuple[YamlPath, Software]]) -> list[tuple[YamlPath, str]]:
    return [
        (path, _unknown("personality", choice.personality, [*PERSONALITIES, _ACTS]))
        for path, choice in choices
        if choice.personality not in PERSONALITIES and act_of(choice.personality) is None
    ]


def _unknown_mutator(modified: Iterable[Modification], where: YamlPath) -> list[tuple[YamlPath, str]]:
    return [
        ((*where, at, "mutator"), _unknown("mutator", one.mutator, MUTATORS))
        for at, one in enumerate(modified)
        if one.mutator not in MUTATORS
    ]


def _unplayable(software: Software, listens: Iterable[Listen], where: YamlPath) -> list[tuple[YamlPath, str]]:
    act = act_of(software.personality)
    wanted = {transport for listen in listens for transport in ports_of(listen)}
    if act is None or wanted <= set(act.transports):
        return []
    return [(where, f"{HOSTILE_PREFIX}{act.id} is played on {', '.join(act.transports)} only")]


def _unknown(what: str, name: str, known: Iterable[str], remark: str = "") -> str:
    return f"unknown {what} {name!r}{remark}; known: {', '.join(sorted(known))}"


def _duplicate(seen: set[str], name: str, where: YamlPath) -> list[tuple[YamlPath, str]]:
    if name in seen:
        return [((*where, "id"), f"the id {name!r} is taken")]
    seen.add(name)
    return []


def _bad_hosts(hosts: tuple[str, ...]) -> list[ValueError]:
    bad: list[ValueError] = []
    for host in hosts:
        try:
            normalise_host(host)
        except ValueError as error:
            bad.append(error)
    return bad
