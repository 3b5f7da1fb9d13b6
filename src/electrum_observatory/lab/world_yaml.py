"""Reading world files: YAML to :class:`WorldFile`, with every complaint naming its line."""

from pathlib import Path
from typing import TypeAlias

import yaml
from pydantic import ValidationError

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.lab.world_file import WORLD_FILE, WorldFile
from electrum_observatory.model.endpoint import normalise_host
from electrum_observatory.model.errors import InputError
from electrum_observatory.model.observation import Json

MAX_BYTES = 4_000_000
MAX_VALUES = 200_000
_Path: TypeAlias = tuple[str | int, ...]


class _Reader:
    """Turns YAML nodes into plain data and remembers the line of every path."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines: dict[_Path, int] = {(): 1}
        self._scalars = yaml.SafeLoader("")

    def complaint(self, path: _Path, text: str) -> InputError:
        """Name the line of the nearest known part of ``path``."""
        while path not in self.lines:
            path = path[:-1]
        return InputError(f"{self.source}, line {self.lines[path]}: {text}")

    def read(self, node: yaml.Node, path: _Path = ()) -> Json:
        """Return the node's value."""
        if len(self.lines) > MAX_VALUES:
            raise self.complaint(path, f"more than {MAX_VALUES} values")
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(child, (*path, index)) for index, child in enumerate(node.value)]
        return self._scalars.construct_object(node)

    def _mapping(self, node: yaml.MappingNode, path: _Path) -> dict[str, Json]:
        values: dict[str, Json] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            where = (*path, key)
            line = key_node.start_mark.line + 1
            if not isinstance(key, str) or key in values:
                raise InputError(f"{self.source}, line {line}: the key {key!r} stands here twice or is no name")
            self.lines[where] = line
            values[key] = self.read(value_node, where)
        return values


def load_world(path: Path) -> WorldFile:
    """Read a world file.

    Raises:
        InputError: Where it cannot be read, naming the file and the line.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: larger than {MAX_BYTES} bytes, which is no world file")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {error}") from error
    return parse_world(text, str(path))


def parse_world(text: str, source: str) -> WorldFile:
    """Read the text of a world file; ``source`` names it in complaints.

    Raises:
        InputError: Naming the line.
    """
    reader = _Reader(source)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            raise reader.complaint((), "the file is empty")
        plain = reader.read(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{source}, line {line}: {error.problem or 'not YAML'}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{source}: {error}") from error
    return _checked(reader, plain)


def _checked(reader: _Reader, plain: Json) -> WorldFile:
    try:
        world = WORLD_FILE.validate_python(plain)
    except ValidationError as error:
        first = error.errors()[0]
        raise reader.complaint(first["loc"], _words(first["loc"], first["type"], first["msg"])) from error
    for path, text in _contradictions(world):
        raise reader.complaint(path, text)
    return world


def _words(path: _Path, kind: str, message: str) -> str:
    name = ".".join(str(part) for part in path)
    if kind in ("unexpected_keyword_argument", "extra_forbidden"):
        return f"unknown key {name!r} (docs/lab/world-files.md lists them all)"
    return f"{name}: {message}" if name else message


def _contradictions(world: WorldFile) -> list[tuple[_Path, str]]:
    """Find what is well-formed and still cannot be."""
    found: list[tuple[_Path, str]] = []
    if world.network not in NETWORKS:
        found.append((("network",), f"unknown network {world.network!r}; known: {', '.join(NETWORKS)}"))
    for name, node in world.nodes.items():
        if node.network is not None and node.network not in NETWORKS:
            found.append((("nodes", name, "network"), f"unknown network {node.network!r}"))
    nodes = {"default", *world.nodes}
    seen: set[str] = set()
    for index, server in enumerate(world.servers):
        where: _Path = ("servers", index)
        found += _duplicate(seen, server.id, where)
        found += [((*where, "names"), str(bad)) for bad in _bad_hosts(server.names)]
        found += [((*where, "addresses"), str(bad)) for bad in _bad_hosts(server.addresses)]
        if server.node not in nodes:
            found.append(((*where, "node"), f"no node {server.node!r} in nodes"))
    for index, group in enumerate(world.groups):
        where = ("groups", index)
        found += _duplicate(seen, group.id, where)
        found += [
            ((*where, "nodes", at, "node"), f"no node {choice.node!r} in nodes")
            for at, choice in enumerate(group.nodes)
            if choice.node not in nodes
        ]
    return found


def _duplicate(seen: set[str], name: str, where: _Path) -> list[tuple[_Path, str]]:
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
