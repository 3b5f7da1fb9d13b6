"""Forgetting a whole campaign: its facts, the blobs that only it referred to, and the room they took."""

from dataclasses import dataclass

import apsw


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """What a deletion removed.

    Attributes:
        campaign_id: The campaign.
        observations: Observations removed.
        sightings: Sightings removed.
        blobs: Blobs that nothing else referred to.
    """

    campaign_id: str
    observations: int
    sightings: int
    blobs: int


_ITS_OBSERVATIONS = "SELECT observation_pk FROM observations WHERE campaign_pk = :pk"
_GONE_BLOBS = f"""
CREATE TEMP TABLE gone_blobs AS
SELECT DISTINCT digest FROM witnesses WHERE observation_pk IN ({_ITS_OBSERVATIONS})
"""  # noqa: S608 (both parts are ours)
_DELETE_WITNESSES = f"DELETE FROM witnesses WHERE observation_pk IN ({_ITS_OBSERVATIONS})"  # noqa: S608
_DELETE_BLOBS = """
DELETE FROM blobs WHERE digest IN (SELECT digest FROM gone_blobs)
AND NOT EXISTS (SELECT 1 FROM witnesses WHERE witnesses.digest = blobs.digest)
"""
_DELETE_ENDPOINTS = """
DELETE FROM endpoints WHERE endpoint_pk NOT IN (
    SELECT endpoint_pk FROM observations
    UNION SELECT endpoint_pk FROM watch_readings
    UNION SELECT endpoint_pk FROM tip_news
)
"""
_KEYS_ARE_FREE = """
UPDATE sittings SET after_observation_pk =
min(after_observation_pk, (SELECT coalesce(max(observation_pk), 0) FROM observations))
"""
"""What is recorded next takes the keys of the newest that went: it comes after every sitting that has begun."""


def delete_rows(connection: apsw.Connection, campaign_id: str) -> Deletion:
    """Remove a campaign inside the caller's transaction, its bytes in the file too. Raises ValueError if unknown."""
    found = connection.execute("SELECT campaign_pk FROM campaigns WHERE campaign_id = ?", (campaign_id,)).fetchall()
    if not found:
        raise ValueError(f"campaign {campaign_id} is not in this data folder")
    key = {"pk": found[0][0]}

    def run(statement: str) -> int:
        connection.execute(statement, key).fetchall()
        return int(connection.changes())

    connection.execute("PRAGMA secure_delete = ON").fetchall()  # zeros over what was, instead of marking it as free
    connection.execute(_GONE_BLOBS, key).fetchall()
    run(_DELETE_WITNESSES)
    connection.execute(_DELETE_BLOBS).fetchall()
    blobs = int(connection.changes())
    connection.execute("DROP TABLE gone_blobs").fetchall()
    observations = run("DELETE FROM observations WHERE campaign_pk = :pk")
    sightings = run("DELETE FROM sightings WHERE campaign_pk = :pk")
    connection.execute(_DELETE_ENDPOINTS).fetchall()
    run("DELETE FROM clock_steps WHERE campaign_pk = :pk")
    run("DELETE FROM sittings WHERE campaign_pk = :pk")
    run("DELETE FROM campaigns WHERE campaign_pk = :pk")
    connection.execute(_KEYS_ARE_FREE).fetchall()
    connection.execute("PRAGMA incremental_vacuum").fetchall()
    return Deletion(campaign_id=campaign_id, observations=observations, sightings=sightings, blobs=blobs)
