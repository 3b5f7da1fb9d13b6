"""The list that comes with the program.

Its 59 endpoints are those of a published study of fee histograms (bnoc.xyz topic 135).
"""

import csv
import io
from importlib import resources

from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.model.endpoint import Transport, normalise_host
from electrum_observatory.protocol.server_list import ListedServer
from electrum_observatory.scanner.discovery.base import ListSource

ID = "bundled_list"


def bundled_list(network: Network) -> ListSource:
    """Return the bundled endpoints; they are on Bitcoin's mainnet, so the list is empty for other networks."""
    if network.network_id != "bitcoin":
        return ListSource(id=ID, listed=(), network=network)
    text = (resources.files(__package__) / "data" / "bootstrap.csv").read_text("utf-8")
    listed = tuple(
        ListedServer(host=normalise_host(row["host"]), port=int(row["port"]), transport=Transport(row["transport"]))
        for row in csv.DictReader(io.StringIO(text))
    )
    return ListSource(id=ID, listed=listed, network=network)
