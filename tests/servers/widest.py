"""The widest range of versions that the field reference leaves for what each real server shows."""

from collections.abc import Mapping

from packaging.version import Version

from electrum_observatory.analysis.builds.identify import Identification

WIDEST: Mapping[str, tuple[str, str]] = {
    "1.15.0": ("1.15.0", "1.15.0"),
    "1.16.0": ("1.16.0", "1.16.0"),
    "1.17.0": ("1.16.0", "1.17.0"),
    "1.18.0": ("1.17.0", "1.18.0"),
    "1.19.0": ("1.18.0", "1.20.0"),
    "1.20.0": ("1.18.0", "1.20.0"),
    "2.0.0": ("2.0b1", "2.0.0"),
}
"""Labels by version, oldest and newest, by the reference's table of git builds.

- 1.15: spaced JSON is the package of 1.16 or older (§1.2), and only ≤ 1.15 passes the mode ``economical`` on (P13).
- 1.16: spaced, and refuses that mode: the package, or a checkout until 2022-01-28.
- 1.17: compact, 1.4.3, not padded: the release, or checkouts from 2025-02-19, which still said 1.16.0.
- 1.18: padded, 1.4.3: checkouts since 2025-05-29 said 1.17.0.
- 1.19 and 1.20: 1.6, which checkouts have had since 2025-11-07 and still said 1.18.0; the two releases differ in the
  sizes that the histogram counts, which its shape does not show (§4.1), and over Litecoin in nothing else.
- 2.0: a ping with arguments (P24), since 2026-06-03 under the label 2.0b1.
"""


def assert_is_electrumx_within(found: Identification, version: str) -> None:
    """Assert that the truth is among what is left, and that no more is left than the reference allows."""
    oldest, newest = (Version(text) for text in WIDEST[version])
    assert found.implementation == "electrumx"
    assert found.version_min is not None
    assert found.version_max is not None
    assert oldest <= Version(found.version_min) <= Version(version) <= Version(found.version_max) <= newest
