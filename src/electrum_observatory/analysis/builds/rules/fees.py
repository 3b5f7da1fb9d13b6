"""How each program answers about fees (field reference §4.1, §5.1)."""

from electrum_observatory.analysis.builds.rules.model import Surety, rule

_V, _S = Surety.VERIFIED, Surety.SOURCE
_RESULT = "result"
_CONF_TARGET = "Invalid conf_target, must be between 1 and 1008"
_DAEMON = f"2 daemon error: DaemonError({{'code': -8, 'message': '{_CONF_TARGET}'}})"
_BARE = f"2 {_CONF_TARGET}"
_CANNOT = (
    "string cannot estimate fee for H blocks",
    "-32603 cannot estimate fee for H blocks",
    "-32602 cannot estimate fee for H blocks",
    "1 cannot estimate fee for H blocks",
)
_MODE = "1 unknown estimatefee mode: H"
_FU_MODE = '2 Invalid estimate_mode parameter, must be one of: "unset", "economical", "conservative"'
_EITHER = ("fit", "do not fit")
_ANY_VALUE = ("0.0001", "another")
_INTEGERS = ("integers", "few powers of two")

FEE_RULES = (
    rule(
        "estimate_zero",
        _V,
        "§5.1 target 0; test networks before 1.20 are not bucketed",
        electrumx={"1.15.0": _DAEMON, "1.16.0": (_DAEMON, _RESULT)},
        fulcrum=_BARE,
        romanz_electrs=_BARE,
        blockstream_electrs=_CANNOT,
        mempool_electrs=_CANNOT,
        floresta=_RESULT,
        eps=_RESULT,
    ),
    rule(
        "estimate_beyond",
        _V,
        "§5.1 target 2000; P12; test networks before 1.20 are not bucketed",
        electrumx={"1.15.0": _DAEMON, "1.16.0": (_DAEMON, _RESULT)},
        fulcrum=_BARE,
        romanz_electrs=_BARE,
        blockstream_electrs=_CANNOT,
        mempool_electrs=_CANNOT,
        floresta=_RESULT,
        eps=_RESULT,
    ),
    *(
        rule(
            f"{aspect}_on_bitcoin",
            _V,
            "§5.1 targets 0 and 2000 on Bitcoin's main network; P12",
            electrumx={"1.15.0": _DAEMON, "1.16.0": _RESULT},
        )
        for aspect in ("estimate_zero", "estimate_beyond")
    ),
    *(
        rule(
            f"{aspect}_on_test_networks",
            _S,
            "§5.1 not bucketed on Bitcoin's test networks before 1.20",
            electrumx={"1.15.0": _DAEMON, "1.20.0": _RESULT},
        )
        for aspect in ("estimate_zero", "estimate_beyond")
    ),
    rule(
        "estimate_26",
        _V,
        "§5.1 target 26",
        electrumx=_RESULT,
        fulcrum=_RESULT,
        romanz_electrs=_RESULT,
        blockstream_electrs=_CANNOT,
        mempool_electrs=_CANNOT,
        floresta=_RESULT,
        eps=_RESULT,
    ),
    rule(
        "estimate_negative",
        _V,
        "recordings of real servers, estimatefee [-1]",
        electrumx="1 H should be a non-negative integer",
        fulcrum="1 M first parameter should be a non-negative integer",
    ),
    rule(
        "estimate_repeated",
        _S,
        "§5.1 estimatefee source: ElectrumX ≥1.16 keeps its answer until the tip changes",
        electrumx={"1.15.0": ("same", "changed"), "1.16.0": "same"},
        fulcrum=("same", "changed"),
        romanz_electrs=("same", "changed"),
        blockstream_electrs=("same", "changed"),
        mempool_electrs=("same", "changed"),
        eps=("same", "changed"),
        bwt=("same", "changed"),
    ),
    rule(
        "estimate_mode_lower",
        _V,
        "§5.1 mode argument; P13; any case since the git build of 2025-10-24",
        electrumx={"1.15.0": _RESULT, "1.16.0": _MODE, "git-2025-10-24": _RESULT},
        fulcrum=_RESULT,
        romanz_electrs="-32602 invalid params",
        blockstream_electrs=_RESULT,
        mempool_electrs=_RESULT,
        floresta=_RESULT,
    ),
    rule(
        "estimate_mode_junk",
        _V,
        "§5.1 mode argument",
        electrumx={"1.15.0": None, "1.16.0": _MODE},
        fulcrum=_FU_MODE,
        romanz_electrs="-32602 invalid params",
        blockstream_electrs=_RESULT,
        mempool_electrs=_RESULT,
        floresta=_RESULT,
    ),
    rule(
        "estimate_value",
        _S,
        "§5.1 estimatefee source: Floresta's is a constant",
        electrumx=_ANY_VALUE,
        bsv_electrumx=_ANY_VALUE,
        fulcrum=_ANY_VALUE,
        romanz_electrs=_ANY_VALUE,
        blockstream_electrs=_ANY_VALUE,
        mempool_electrs=_ANY_VALUE,
        eps=_ANY_VALUE,
        bwt=_ANY_VALUE,
        floresta="0.0001",
    ),
    rule(
        "fee_digits",
        _S,
        "§1.5, §5.1 number format: noise of the esplora lineage; sixteen digits show it at Fulcrum, too",
        electrumx="plain",
        bsv_electrumx="plain",
        romanz_electrs="plain",
        fulcrum=("plain", "noisy"),
        floresta="plain",
        blockstream_electrs=("plain", "noisy"),
        mempool_electrs=("plain", "noisy"),
        eps="plain",
    ),
    rule(
        "histogram_labels",
        _V,
        "§4.1 shape alone; P18",
        electrumx={"1.15.0": _INTEGERS, "1.16.0": "tenths"},
        bsv_electrumx=(*_INTEGERS, "tenths"),
        fulcrum=_INTEGERS,
        romanz_electrs=("powers of two", "few powers of two"),
        blockstream_electrs=("decimals", "tenths"),
        mempool_electrs=("decimals", "tenths"),
        bwt=("decimals", "tenths"),
        eps="tenths",
        floresta="none",
    ),
    rule(
        "histogram_small_bins",
        _V,
        "§4.1 lump rule, first bin 30,000",
        electrumx={"1.15.0": _EITHER, "git-2022-03-29": "fit"},
        fulcrum={"1.0": _EITHER, "1.9.2": "fit"},
        romanz_electrs=_EITHER,
        blockstream_electrs=_EITHER,
        mempool_electrs=_EITHER,
        bwt=_EITHER,
        eps=_EITHER,
    ),
    rule(
        "histogram_large_bins",
        _V,
        "§4.1 lump rule, first bin 100,000",
        electrumx={"1.15.0": _EITHER, "1.16.0": "fit", "git-2022-03-29": _EITHER},
        fulcrum=_EITHER,
        romanz_electrs=_EITHER,
        blockstream_electrs=_EITHER,
        mempool_electrs=_EITHER,
        bwt=_EITHER,
        eps=_EITHER,
    ),
    rule(
        "histogram_carried_bins",
        _V,
        "§4.1 r-rule, first bin 100,000",
        electrumx={"1.15.0": "fit", "1.16.0": _EITHER},
        fulcrum={"1.0": "fit", "1.9.2": _EITHER},
        romanz_electrs=_EITHER,
        blockstream_electrs=_EITHER,
        mempool_electrs=_EITHER,
        bwt=_EITHER,
        eps=_EITHER,
    ),
)
