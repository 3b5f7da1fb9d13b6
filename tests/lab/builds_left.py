"""What the field reference leaves of each simulated program after every question: no build less, and none more.

Rows that leave several: nothing asked of strangers parts them. 1.19 and 1.20 differ in the sizes that a histogram
counts (§4.1), Fulcrum 1.10 to 2.0 in nothing named, romanz 0.9.14 to 0.11.1 in a package broadcast and in proofs by
position (§3.5, §3.6), which are not asked for here, and old esplora builds in words that both programs may have (§10,
point 2). The fork of Bitcoin SV spells and says what 1.15 and 1.16 do.
"""

from collections.abc import Mapping

_ROMANZ = "romanz_electrs 0.9.14 0.10.0 0.11.0 0.11.1"
_GIT_1_16 = "electrumx git-2025-02-19 git-2025-02-26 1.17.0"
_GIT_1_18 = "electrumx git-2025-10-24 git-2025-10-27"
_PADDED = "electrumx git-2025-05-29 1.18.0"
_MODERN = "electrumx git-2025-11-07 1.19.0 git-2025-11-17 1.20.0"
_FULCRUM_1 = "fulcrum 1.10.0 1.11.0 1.11.1 1.12.0 2.0"
_FULCRUM_2_1 = "fulcrum 2.1.0 2.1.1"
_FORK = "bsv_electrumx 1.20.2"

_ROWS: Mapping[str, tuple[str, ...]] = {
    "bsv_electrumx": (_FORK,),
    "bwt": ("bwt 0.2.4",),
    "electrs_esplora": ("blockstream_electrs old", "mempool_electrs old new"),
    "electrs_esplora_coded": ("blockstream_electrs new",),
    "electrs_romanz": (_ROMANZ,),
    "electrs_romanz_0_10": (_ROMANZ,),
    "electrs_romanz_0_10_6": (_ROMANZ,),
    "electrs_romanz_0_11": (_ROMANZ,),
    "electrs_romanz_0_11_1": (_ROMANZ,),
    "electrs_romanz_0_9_0": ("romanz_electrs 0.9.0",),
    "electrs_romanz_0_9_12": ("romanz_electrs 0.9.12", "frigate 1.0.0"),
    "electrs_romanz_0_9_14": (_ROMANZ,),
    "electrumx_1_15": ("electrumx 1.15.0", _FORK),
    "electrumx_1_16": ("electrumx 1.16.0", _FORK),
    "electrumx_1_16_git": ("electrumx git-2022-03-29", _FORK),
    "electrumx_1_16_git_2022_01": ("electrumx git-2022-01-28 git-2022-03-29", _FORK),
    "electrumx_1_16_git_2025_02_19": (_GIT_1_16,),
    "electrumx_1_16_git_2025_02_26": (_GIT_1_16,),
    "electrumx_1_17": (_GIT_1_16,),
    "electrumx_1_17_git_2025_05": (_PADDED,),
    "electrumx_1_18": (_PADDED,),
    "electrumx_1_18_git_2025_10_24": (_GIT_1_18,),
    "electrumx_1_18_git_2025_10_27": (_GIT_1_18,),
    "electrumx_1_18_git_2025_10_31": ("electrumx git-2025-10-31",),
    "electrumx_1_18_git_2025_11": (_MODERN,),
    "electrumx_1_19": (_MODERN,),
    "electrumx_1_19_git_2025_11": (_MODERN,),
    "electrumx_1_20": (_MODERN,),
    "electrumx_2_0": ("electrumx 2.0.0",),
    "electrumx_2_0_git_2026_06": ("electrumx git-2026-06-03",),
    "eps": ("eps 0.2.4",),
    "floresta": ("floresta all",),
    "frigate": ("frigate 1.0.0",),
    "fulcrum_1": (_FULCRUM_1,),
    "fulcrum_1_10": (_FULCRUM_1,),
    "fulcrum_1_11": (_FULCRUM_1,),
    "fulcrum_1_12": (_FULCRUM_1,),
    "fulcrum_1_2": ("fulcrum 1.0",),
    "fulcrum_1_3": ("fulcrum 1.3",),
    "fulcrum_1_6": ("fulcrum 1.6",),
    "fulcrum_1_9": ("fulcrum 1.9.0 1.9.1 1.9.2",),
    "fulcrum_1_9_2": ("fulcrum 1.9.2",),
    "fulcrum_1_9_7": ("fulcrum 1.9.7",),
    "fulcrum_1_9_8": ("fulcrum 1.9.8",),
    "fulcrum_2": (_FULCRUM_2_1,),
    "fulcrum_2_0": (_FULCRUM_1,),
    "fulcrum_2_1_0": (_FULCRUM_2_1,),
    "fulcrum_2_1_1": (_FULCRUM_2_1,),
    "mempool_electrs": ("mempool_electrs old",),
    "mempool_electrs_coded": ("mempool_electrs new",),
}


def builds_left(personality: str) -> set[str]:
    """Return the ids of the builds that may be left."""
    rows = (row.split() for row in _ROWS[personality])
    return {f"{program}-{key}" for program, *keys in rows for key in keys}
