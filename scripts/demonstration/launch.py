"""Run one of the demo's two servers, for as long as whoever started it lives.

``python -m scripts.demonstration.launch home_assistant FOLDER PORT`` runs Home
Assistant with a configuration folder, and ``... launch simulator ARGUMENT...``
the simulator. Both end when their standard input does, which happens however
their parent goes.
"""

from collections.abc import Callable
from datetime import UTC, datetime
import importlib.util
import json
import logging
import os
from pathlib import Path
import runpy
import signal
import sys
import threading
from types import ModuleType

import aiohttp

from scripts.demonstration.home_assistant import KEY_VARIABLE, ROOT
from scripts.runtime_requirements import WITHOUT

# These look for programs and libraries that a bare machine lacks, and say so; or
# have nothing to do with a demo but to fill its first page.
UNWANTED = {
    "ai_task",
    "backup",
    "camera",
    "image_processing",
    "stt",
    "tts",
    "wake_word",
}

# Said about every custom integration, and about every start without installing.
USUAL = {
    "homeassistant.loader": "We found a custom integration",
    "homeassistant.bootstrap": "Skipping pip installation",
}


def _end_with_parent() -> None:
    """Ask this process to stop as soon as its standard input is closed."""

    def wait() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()


class _Silence:
    """Takes the place of an audio processor; the demo hears nothing."""


def _stand_in_for_audio() -> None:
    """Let Home Assistant import what it has for microphones.

    The front end's list of actions imports all kinds of entities, and one of
    them imports audio libraries that exist as source only.
    """
    for name, processor in (
        ("pymicro_vad", "MicroVad"),
        ("pyspeex_noise", "AudioProcessor"),
    ):
        if importlib.util.find_spec(name) is None:
            module = ModuleType(name)
            setattr(module, processor, _Silence)
            sys.modules[name] = module


def _stay_at_home() -> None:
    """Keep Home Assistant from what needs a network or a compiler."""
    from homeassistant import bootstrap, config_entries  # noqa: PLC0415
    from homeassistant.data_entry_flow import FlowResultType  # noqa: PLC0415

    bootstrap.DEFAULT_INTEGRATIONS.difference_update(WITHOUT | UNWANTED)

    # The last step of onboarding adds a weather service, a radio and a voice,
    # which would look for their servers and fill the log with not finding them.
    flows = config_entries.ConfigEntriesFlowManager
    start = flows.async_init

    async def start_unless_onboarding(
        self: config_entries.ConfigEntriesFlowManager,
        handler: str,
        *,
        context: config_entries.ConfigFlowContext | None = None,
        data: object = None,
    ) -> config_entries.ConfigFlowResult:
        if context and context.get("source") == "onboarding":
            return config_entries.ConfigFlowResult(
                type=FlowResultType.ABORT, flow_id="", handler=handler, reason="demo"
            )
        return await start(self, handler, context=context, data=data)

    flows.async_init = start_unless_onboarding  # type: ignore[method-assign] # no setting exists for it


class _Resolver(aiohttp.ThreadedResolver):
    """Resolves names as the system does."""

    async def real_close(self) -> None:
        """Do nothing: there is nothing to close."""


def _keep_off_the_local_network() -> None:
    """Keep Home Assistant's HTTP client from listening to multicast DNS.

    It would on every interface, and fail where there is none but loopback.
    """
    from homeassistant.helpers import aiohttp_client  # noqa: PLC0415

    aiohttp_client._async_make_resolver = lambda _: _Resolver()  # type: ignore[assignment,return-value] # noqa: SLF001 # no setting exists for it


def _leave_out_the_usual() -> None:
    """Keep warnings that are the same in every run out of the log."""

    def not_saying(words: str) -> Callable[[logging.LogRecord], bool]:
        return lambda record: not str(record.msg).startswith(words)

    for name, words in USUAL.items():
        logging.getLogger(name).addFilter(not_saying(words))


def _listen_on_loopback(folder: Path, port: int) -> None:
    """Have Home Assistant listen on 127.0.0.1 alone.

    Its HTTP settings live in a store of their own: those of configuration.yaml
    are deprecated, and taken back after five minutes unless confirmed.
    """
    from homeassistant.components.http import config  # noqa: PLC0415

    settings = config.HTTP_STORAGE_SCHEMA(
        {"server_host": ["127.0.0.1"], "server_port": port}
    )
    store = folder / ".storage" / config.STORAGE_KEY
    store.parent.mkdir(exist_ok=True)
    store.write_text(
        json.dumps(
            {
                "version": config.STORAGE_VERSION,
                "minor_version": config.STORAGE_MINOR_VERSION,
                "key": config.STORAGE_KEY,
                "data": {
                    config.KEY_STABLE: settings
                    | {
                        "created_at": datetime.now(UTC).isoformat(),
                        "error": None,
                        "error_message": None,
                    },
                    config.KEY_PENDING: None,
                    config.KEY_YAML_MIGRATION_DONE: True,
                },
            }
        )
    )


def home_assistant(folder: str, port: str) -> None:
    """Run Home Assistant until it is told to stop."""
    from homeassistant.__main__ import main  # noqa: PLC0415
    from scripts.demonstration.guard import install  # noqa: PLC0415

    install(os.environ.pop(KEY_VARIABLE))
    # The integration is the copy in the folder, and not found anywhere else.
    sys.path[:] = [each for each in sys.path if Path(each).resolve() != ROOT]
    _stand_in_for_audio()
    _stay_at_home()
    _keep_off_the_local_network()
    _leave_out_the_usual()
    _listen_on_loopback(Path(folder), int(port))
    sys.argv = ["homeassistant", "--config", folder, "--skip-pip", "--log-no-color"]
    sys.exit(main())


def simulator(*arguments: str) -> None:
    """Run the simulator until it is told to stop."""
    sys.argv = ["simulator", *arguments]
    runpy.run_module("simulator", run_name="__main__")


if __name__ == "__main__":
    _end_with_parent()
    if sys.argv[1] == "simulator":
        simulator(*sys.argv[2:])
    else:
        home_assistant(*sys.argv[2:])
