"""Every mutator that the lab can put into or before a program, in one readable list."""

from collections.abc import Mapping
from types import MappingProxyType

from electrum_observatory.lab.mutators import (
    alter_fee,
    delay_sweeps,
    foreign_error_texts,
    forged_headers,
    inject_text,
    lie_about_version,
    replay_histogram,
    reserialise_json,
    stale_tip,
    treat_scanners_differently,
)
from electrum_observatory.lab.mutators.base import MutatorKind

_ALL: tuple[MutatorKind, ...] = (
    alter_fee.KIND,
    stale_tip.KIND,
    forged_headers.KIND,
    replay_histogram.KIND,
    inject_text.KIND,
    foreign_error_texts.KIND,
    lie_about_version.KIND,
    reserialise_json.KIND,
    delay_sweeps.KIND,
    treat_scanners_differently.KIND,
)

MUTATORS: Mapping[str, MutatorKind] = MappingProxyType({kind.id: kind for kind in _ALL})
"""Every mutator, by id."""
