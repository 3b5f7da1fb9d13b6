"""Every mutator that the lab can put into or before a program, in one readable list."""

from collections.abc import Mapping
from types import MappingProxyType

from electrum_observatory.lab.mutators import (
    alter_balance,
    alter_fee,
    censor_address_type,
    delay_sweeps,
    drop_history_item,
    foreign_error_texts,
    forged_headers,
    hide_transaction,
    inject_text,
    lie_about_version,
    rate_limit_taproot,
    replay_histogram,
    reserialise_json,
    stale_tip,
    treat_scanners_differently,
)
from electrum_observatory.lab.mutators.base import MutatorKind

_ALL: tuple[MutatorKind, ...] = (
    drop_history_item.KIND,
    hide_transaction.KIND,
    alter_balance.KIND,
    censor_address_type.KIND,
    rate_limit_taproot.KIND,
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
