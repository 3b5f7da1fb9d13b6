"""YAML that remembers where everything stood, so that a complaint can name the line."""

from pathlib import Path
from typing import Self, TypeAlias

import yaml

from electrum_observatory.model.observation import Json

MAX_BYTES = 4_000_000
MAX_VALUES = 200_000
YamlPath: TypeAlias = tuple[str | int, ...]


class YamlLines:
    """One document: its value, and the line of every part of it."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.value: Json = None
        self._lines: dict[YamlPath, int] = {(): 1}
        self._scalars = yaml.SafeLoader("")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file.

        Raises:
            ValueError: Where it cannot be read or is no YAML; the text names file and line.
        """
        try:
            if path.stat().st_size > MAX_BYTES:
                raise ValueError(f"{path}: larger than {MAX_BYTES} bytes")
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"{path}: {error}") from error
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, source: str) -> Self:
        """Read a text; ``source`` names it in complaints. Raises ValueError naming the line."""
        document = cls(source)
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
            document.value = None if node is None else document._read(node, ())
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise ValueError(f"{source}, line {line}: {error.problem or 'not YAML'}") from error
        except RecursionError as error:
            raise ValueError(f"{source}: nested too deeply") from error
        return document

    def has(self, path: YamlPath) -> bool:
        """Whether the document holds something at a path."""
        return path in self._lines

    def where(self, path: YamlPath) -> str:
        """Return ``file, line N`` of the nearest known part of a path."""
        while path not in self._lines:
            path = path[:-1]
        return f"{self.source}, line {self._lines[path]}"

    def _read(self, node: yaml.Node, path: YamlPath) -> Json:
        if len(self._lines) > MAX_VALUES:
            raise ValueError(f"{self.where(path)}: more than {MAX_VALUES} values")
        self._lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._read(child, (*path, index)) for index, child in enumerate(node.value)]
        return self._scalars.construct_object(node)

    def _mapping(self, node: yaml.MappingNode, path: YamlPath) -> dict[str, Json]:
        values: dict[str, Json] = {}
        for key_node, value_node in node.value:
            key, line = key_node.value, key_node.start_mark.line + 1
            if not isinstance(key, str) or key in values:
                raise ValueError(f"{self.source}, line {line}: the key {key!r} stands here twice or is no name")
            self._lines[(*path, key)] = line
            values[key] = self._read(value_node, (*path, key))
        return values
