"""Campaign ids become parts of file names, and ids also come from other people's files: they are checked first."""

import re

_CAMPAIGN_ID = re.compile(r"\d{8}T\d{6}Z-[A-Za-z0-9][A-Za-z0-9._-]{0,39}-[0-9a-f]{6}")
_VANTAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


def check_campaign_id(campaign_id: str) -> None:
    """Refuse what is not ``20261120T221500Z-<vantage>-<6 hex>`` with a vantage as below.

    Raises:
        ValueError: With words for a person.
    """
    if _CAMPAIGN_ID.fullmatch(campaign_id) is None:
        raise ValueError(f"{campaign_id!r} is not a campaign id such as 20261120T221500Z-local-0a1b2c")


def check_vantage(vantage: str) -> None:
    """Refuse a vantage that cannot be part of a campaign id. Raises ValueError with words for a person."""
    if _VANTAGE.fullmatch(vantage) is None:
        raise ValueError(f"vantage {vantage!r} is not 1 to 40 letters, digits, dots, - or _, a letter or digit first")
