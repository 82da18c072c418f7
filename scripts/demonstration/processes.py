"""Servers that run beside the demo and end with it."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Mapping
import os
from pathlib import Path
import socket
import sys
from typing import Self

STOP_SECONDS = 40


class ServerError(Exception):
    """A server ended, or never answered."""


def free_port(wanted: int | None = None) -> int:
    """Return a free loopback port: the wanted one if nobody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted or 0))
        except OSError:
            return free_port()
        port: int = probe.getsockname()[1]
        return port


class Server:
    """One server: a process of its own, with a log of what it prints.

    It gets a session of its own, so that Ctrl-C reaches only the demo, which
    then stops its servers in order. Should the demo be killed, the pipe to the
    server's standard input closes, on which ``launch`` stops the server.
    """

    def __init__(
        self,
        name: str,
        output: Path,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Describe a server; ``arguments`` are those of ``launch``.

        ``environment`` is what it gets in addition to this process's.
        """
        self.name = name
        self.output = output
        self._arguments = arguments
        self._environment = environment or {}
        self._process: Process | None = None

    async def __aenter__(self) -> Self:
        """Start it."""
        with self.output.open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "scripts.demonstration.launch",
                *self._arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
                env=os.environ | self._environment,
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Ask it to stop; insist when it does not."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def check(self) -> None:
        """Raise ``ServerError`` with its last words if it is no longer there."""
        if self._process is None or (code := self._process.returncode) is None:
            return
        words = self.output.read_text(errors="replace").strip().splitlines()[-15:]
        raise ServerError(f"{self.name} ended with {code}:\n" + "\n".join(words))
