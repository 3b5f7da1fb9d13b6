"""Every case, in one readable list; each family of acts has a file of its own."""

from collections.abc import Mapping

from tests.hostile.case import Case
from tests.hostile.line_cases import LINE_CASES

_ALL: tuple[Case, ...] = (*LINE_CASES,)

CASES: Mapping[str, Case] = {case.act: case for case in _ALL}
"""The case of each act."""
