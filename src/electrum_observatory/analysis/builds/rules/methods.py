"""Which methods each program has (field reference §3.5, §3.6)."""

from electrum_observatory.analysis.builds.rules.model import Rule, Shown, Surety, rule

_V, _S = Surety.VERIFIED, Surety.SOURCE
_RESULT, _ABSENT, _PRESENT, _STUMBLED = "result", "absent", "present", "stumbled"
_THERE = (_RESULT, _PRESENT, _STUMBLED)
_RPA_OFF = "-32601 RPA support is disabled on this server"
_NO_PACKAGES = "-32601 M is only available on Bitcoin Core and/or Bitcoin Knots v28.0.0 or above"
_NO_PROOFS = "-32601 This server lacks dsproof support"
_ONLY_BCH = "-32601 blockchain.address.* methods are only available on BCH"


_LACKING = (
    _ABSENT,
    "closed",
    "silent",
    "string unknown method M",
    "string M RPC error: unknown method M []",
    "string unknown command",
    "1 M RPC error: unknown method M []",
    "-32000 Internal JSON-RPC error.",
)
_OTHERS = ("blockstream_electrs", "mempool_electrs", "floresta", "eps", "bwt", "frigate")
_EVERYBODY_ELSE = (
    "electrumx",
    "bsv_electrumx",
    "fulcrum",
    "romanz_electrs",
    "blockstream_electrs",
    "mempool_electrs",
    "floresta",
    "eps",
    "bwt",
)


def _has(method: str, surety: Surety, source: str, **shown: Shown) -> Rule:
    return rule(f"has_{method}", surety, f"§3.6 {source}", **shown)


def _only(method: str, surety: Surety, source: str, **shown: Shown) -> Rule:
    """Write of a method that every other program refuses as unknown, each in its own way."""
    return _has(method, surety, source, **(dict.fromkeys(_OTHERS, (*_LACKING, _STUMBLED)) | shown))


METHOD_RULES = (
    *(
        _only(
            f"blockchain.{method}",
            _S,
            "Fulcrum ≥1.9.0",
            electrumx=_ABSENT,
            bsv_electrumx=_ABSENT,
            fulcrum={"1.0": _ABSENT, "1.9.0": _THERE},
            romanz_electrs=_ABSENT,
        )
        for method in ("headers.get_tip", "headers.unsubscribe")
    ),
    *(
        _only(
            f"blockchain.{method}",
            _S,
            "Fulcrum ≥1.9.7; P20",
            electrumx=_ABSENT,
            bsv_electrumx=_ABSENT,
            fulcrum={"1.0": _ABSENT, "1.9.7": _THERE},
            romanz_electrs=_ABSENT,
        )
        for method in ("header.get", "scripthash.get_first_use", "transaction.get_confirmed_blockhash")
    ),
    _only(
        "daemon.passthrough",
        _S,
        "Fulcrum ≥1.9.7",
        electrumx=_ABSENT,
        bsv_electrumx=_ABSENT,
        fulcrum={"1.0": _ABSENT, "1.9.7": (*_THERE, "-32601 Method disabled for this client")},
        romanz_electrs=_ABSENT,
    ),
    _only(
        "blockchain.scripthash.get_status",
        _S,
        "Fulcrum ≥2.1.1",
        electrumx=_ABSENT,
        bsv_electrumx=_ABSENT,
        fulcrum={"1.0": _ABSENT, "2.1.1": _THERE},
        romanz_electrs=_ABSENT,
    ),
    _only(
        "blockchain.transaction.get_height",
        _S,
        "Fulcrum ≥1.6",
        electrumx=_ABSENT,
        bsv_electrumx=_ABSENT,
        fulcrum={"1.0": _ABSENT, "1.6": _THERE},
        romanz_electrs=_ABSENT,
    ),
    _only(
        "blockchain.transaction.dsproof.list",
        _S,
        "Fulcrum ≥1.6",
        electrumx=_ABSENT,
        bsv_electrumx=_ABSENT,
        fulcrum={"1.0": _ABSENT, "1.6": (*_THERE, _NO_PROOFS)},
        romanz_electrs=_ABSENT,
    ),
    _only(
        "blockchain.reusable.get_history",
        _S,
        "Fulcrum ≥1.10",
        electrumx=_ABSENT,
        bsv_electrumx=_ABSENT,
        fulcrum={"1.0": _ABSENT, "1.10.0": (*_THERE, _RPA_OFF)},
        romanz_electrs=_ABSENT,
    ),
    _only(
        "blockchain.utxo.get_info",
        _S,
        "Fulcrum ≥1.3",
        electrumx=_ABSENT,
        bsv_electrumx=_ABSENT,
        fulcrum={"1.0": _ABSENT, "1.3": _THERE},
        romanz_electrs=_ABSENT,
    ),
    *(
        _only(
            f"blockchain.address.{method}",
            _V,
            "blockchain.address.*; T5: missing since protocol 1.3",
            electrumx=_ABSENT,
            fulcrum=(*_THERE, _ONLY_BCH),
            romanz_electrs=_ABSENT,
        )
        for method in ("get_balance", "get_history")
    ),
    _only(
        "blockchain.transaction.get_tsc_merkle",
        _V,
        "BSV fork ≥1.18; T14",
        electrumx=_ABSENT,
        bsv_electrumx=_THERE,
        fulcrum=_ABSENT,
        romanz_electrs=_ABSENT,
    ),
    _only(
        "blockchain.transaction.testmempoolaccept",
        _V,
        "ElectrumX 2.0 at 1.7",
        electrumx=_ABSENT,
        fulcrum=_ABSENT,
        romanz_electrs=_ABSENT,
    ),
    _only("mempool.recent", _V, "ElectrumX 2.0 at 1.7", electrumx=_ABSENT, fulcrum=_ABSENT, romanz_electrs=_ABSENT),
    *(
        _only(
            method,
            _S,
            "Frigate",
            electrumx=_ABSENT,
            bsv_electrumx=_ABSENT,
            fulcrum=_ABSENT,
            romanz_electrs=_ABSENT,
            frigate=_THERE,
        )
        for method in ("blockchain.silentpayments.subscribe", "blockchain.block.stats")
    ),
    _only(
        "mempool.get_info_below_1.6",
        _V,
        "mempool.get_info; P25",
        electrumx=_ABSENT,
        bsv_electrumx=_ABSENT,
        fulcrum={"1.0": _ABSENT, "2.1.0": _THERE},
        romanz_electrs=_ABSENT,
    ),
    _has(
        "mempool.get_info_at_1.6",
        _V,
        "mempool.get_info; P25",
        electrumx={"1.15.0": _ABSENT, "git-2025-11-07": _THERE},
        fulcrum={"1.0": _ABSENT, "2.1.0": _THERE},
    ),
    _has(
        "blockchain.relayfee_at_1.6",
        _V,
        "blockchain.relayfee; P11",
        electrumx=_ABSENT,
        fulcrum=_THERE,
    ),
    _has(
        "blockchain.relayfee_below_1.6",
        _V,
        "blockchain.relayfee; P11",
        electrumx=_THERE,
        bsv_electrumx=_THERE,
        fulcrum=_THERE,
        romanz_electrs=_THERE,
    ),
    _has(
        "blockchain.transaction.broadcast_package_below_1.6",
        _V,
        "broadcast_package",
        electrumx={"1.15.0": _ABSENT, "git-2025-02-19": _THERE, "git-2025-11-07": _ABSENT},
        bsv_electrumx=_ABSENT,
        fulcrum={"1.0": _ABSENT, "2.1.0": (*_THERE, _NO_PACKAGES)},
        romanz_electrs={"0.9.0": _ABSENT, "0.11.0": _THERE},
    ),
    _has(
        "blockchain.transaction.broadcast_package_at_1.6",
        _V,
        "broadcast_package",
        electrumx=_THERE,
        fulcrum={"1.0": _ABSENT, "2.1.0": (*_THERE, _NO_PACKAGES)},
    ),
    _has(
        "blockchain.scripthash.unsubscribe_at_1.4",
        _V,
        "scripthash.unsubscribe; P19",
        electrumx=_ABSENT,
        fulcrum=_THERE,
        romanz_electrs={"0.9.0": _ABSENT, "0.9.12": _THERE},
        blockstream_electrs={"old": ("closed", _ABSENT), "new": _THERE},
        mempool_electrs=(_ABSENT, "1 M RPC error: unknown method M []"),
    ),
    _has(
        "blockchain.scripthash.unsubscribe_from_1.4.2",
        _V,
        "scripthash.unsubscribe",
        electrumx=_THERE,
        bsv_electrumx=_THERE,
        fulcrum=_THERE,
    ),
    _has(
        "blockchain.scripthash.get_mempool",
        _S,
        "scripthash.get_mempool",
        electrumx=_THERE,
        fulcrum=_THERE,
        romanz_electrs=_ABSENT,
        blockstream_electrs={"old": ("closed", _ABSENT), "new": _THERE},
    ),
    _has(
        "server.features",
        _S,
        "§3.1 available",
        electrumx=_THERE,
        bsv_electrumx=_THERE,
        fulcrum=_THERE,
        romanz_electrs=_THERE,
        floresta=_THERE,
    ),
    *(
        _has(
            method,
            _S,
            f"{method}: not implemented by Frigate (§8)",
            **dict.fromkeys(_EVERYBODY_ELSE, _THERE),
            frigate=(_ABSENT, _STUMBLED, _PRESENT),
        )
        for method in ("mempool.get_fee_histogram", "blockchain.scripthash.get_balance", "server.donation_address")
    ),
)
