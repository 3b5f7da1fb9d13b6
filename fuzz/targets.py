"""What is fuzzed, by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from fuzz.frames import check_frames
from fuzz.lines import check_lines

TARGETS: Mapping[str, Callable[[bytes], None]] = MappingProxyType({"lines": check_lines, "frames": check_frames})
"""``lines``: newline framing, limits, both parsers, padding, peers and every probe's reading. ``frames``: WebSocket."""
