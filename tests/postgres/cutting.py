"""A socket before the server's own that cuts the line at the worst moment: after a commit, before its word is heard."""

import contextlib
import os
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_WAIT_S = 20


class CuttingLine:
    """Passes everything on, in a folder of its own, until the commit that :meth:`arm` names.

    Attributes:
        cuts: How many lines were cut.
    """

    def __init__(self, folder: Path, server_socket: Path) -> None:
        self.cuts = 0
        self._server_socket = server_socket
        self._commits_left = 0
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / server_socket.name))
        os.chmod(folder / server_socket.name, 0o600)
        self._listener.listen(8)
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for one in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(_WAIT_S)

    def arm(self, commit: int = 1) -> None:
        """Cut the line of the next commit, or of a later one."""
        self._commits_left = commit

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.settimeout(_WAIT_S)
            server.connect(str(self._server_socket))
            self._open += (client, server)
            for work in (self._questions, self._answers):
                thread = threading.Thread(target=work, args=(client, server))
                self._threads.append(thread)
                thread.start()

    def _questions(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(1 << 16):
                if self._commits_left and b"COMMIT" in data:
                    self._commits_left -= 1
                    if not self._commits_left:
                        self.cuts += 1
                        client.shutdown(socket.SHUT_WR)  # whatever the server says now is not heard
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _answers(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 16):
                client.sendall(data)
            client.shutdown(socket.SHUT_WR)
