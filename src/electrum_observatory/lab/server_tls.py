"""TLS contexts for a world's servers."""

import os
import ssl

from electrum_observatory.lab.certificates import Minted


class TlsContexts:
    """Makes server contexts; equal certificates share one, since each costs memory."""

    def __init__(self) -> None:
        self._made: dict[tuple[bytes, bool], ssl.SSLContext] = {}

    def get(self, minted: Minted, *, old_tls: bool) -> ssl.SSLContext:
        """Return the context that shows this certificate; with ``old_tls`` it speaks TLS 1.0 and nothing newer."""
        key = (minted.chain[0], old_tls)
        if key not in self._made:
            self._made[key] = _context(minted, old_tls=old_tls)
        return self._made[key]


def _context(minted: Minted, *, old_tls: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if old_tls:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    # The standard library loads certificates from files only; one in memory costs a fifth of one in a folder.
    with os.fdopen(os.memfd_create("chain.pem"), "wb") as file:
        file.write(minted.chain_pem + minted.key_pem)
        file.flush()
        context.load_cert_chain(f"/proc/self/fd/{file.fileno()}")
    return context
