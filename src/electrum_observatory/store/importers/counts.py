"""What an import brought, without counting anything twice."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from electrum_observatory.model.attempt import AttemptStatus
from electrum_observatory.model.observation import Observation
from electrum_observatory.model.sighting import Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCounts:
    """The counts of one import. A host is an address where one is known, otherwise a name.

    Attributes:
        campaign_id: The campaign that now holds the data.
        rows: Rows read; for the December crawl its peer rows and its online rows together.
        peer_rows: Rows that only say that a server exists.
        online_rows: Rows about a server that was asked.
        hosts: Distinct hosts, named or asked.
        asked_hosts: Distinct hosts that were asked.
        endpoints: Distinct endpoints that were asked.
        answered: Those of them that answered ``server.version``, be it by an error.
        certificates: Distinct certificates, by digest.
        certificate_hosts: Distinct hosts that showed one.
        shared_certificates: Certificates that more than one host showed.
        observations: Observations stored.
        sightings: Sightings stored.
    """

    campaign_id: str
    rows: int
    peer_rows: int
    online_rows: int
    hosts: int
    asked_hosts: int
    endpoints: int
    answered: int
    certificates: int
    certificate_hosts: int
    shared_certificates: int
    observations: int
    sightings: int


@dataclass(slots=True)
class Tally:
    """Counts facts, each host and certificate once."""

    observations: int = 0
    sightings: int = 0
    hosts: set[str] = field(default_factory=set)
    asked_hosts: set[str] = field(default_factory=set)
    endpoints: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    certificates: dict[str, set[str]] = field(default_factory=dict)

    def observe(self, observations: Iterable[Observation]) -> None:
        """Count observations."""
        for observation in observations:
            endpoint = observation.endpoint
            host = endpoint.address or endpoint.host
            self.observations += 1
            self.hosts.add(host)
            self.asked_hosts.add(host)
            self.endpoints.add(endpoint.endpoint_id)
            if observation.attempt.status is not AttemptStatus.COMPLETED:
                continue
            if observation.probe == "server_version":
                self.answered.add(endpoint.endpoint_id)
            if observation.probe == "tls_certificate":
                digest = (observation.attempt.result or {}).get("sha256")
                if isinstance(digest, str):
                    self.certificates.setdefault(digest, set()).add(host)

    def sight(self, sightings: Iterable[Sighting]) -> None:
        """Count sightings."""
        for sighting in sightings:
            self.sightings += 1
            self.hosts.add(sighting.address_claimed or sighting.host)

    def counts(self, campaign_id: str, *, peer_rows: int, online_rows: int) -> ImportCounts:
        """Return the sums."""
        return ImportCounts(
            campaign_id=campaign_id,
            rows=peer_rows + online_rows,
            peer_rows=peer_rows,
            online_rows=online_rows,
            hosts=len(self.hosts),
            asked_hosts=len(self.asked_hosts),
            endpoints=len(self.endpoints),
            answered=len(self.answered),
            certificates=len(self.certificates),
            certificate_hosts=len(set().union(*self.certificates.values())) if self.certificates else 0,
            shared_certificates=sum(len(hosts) > 1 for hosts in self.certificates.values()),
            observations=self.observations,
            sightings=self.sightings,
        )
