"""The only code that touches sockets, TLS, SOCKS, DNS and the clock, and that ever sees an OSError."""
