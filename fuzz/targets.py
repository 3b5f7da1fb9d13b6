"""What is fuzzed, by name, and how inputs are changed."""

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType

from fuzz.frame_mutator import change_frames
from fuzz.frames import check_frames
from fuzz.line_mutator import change_line
from fuzz.lines import check_lines

TARGETS: Mapping[str, Callable[[bytes], None]] = MappingProxyType({"lines": check_lines, "frames": check_frames})
"""``lines``: newline framing, limits, both parsers, padding, peers and every probe's reading. ``frames``: WebSocket."""

CHANGES: Mapping[str, Callable[[bytes, Random], bytes]] = MappingProxyType(
    {"lines": change_line, "frames": change_frames}
)
"""Changes after which an input is still of its target's format, by and large."""
