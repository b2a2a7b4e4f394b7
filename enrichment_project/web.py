"""The web server: granian serving `enrichment_project.wsgi`. Run with `python -m enrichment_project.web`."""

import os
from collections.abc import Callable
from typing import Any

from .supervisor import die_with_parent

STOP_SECONDS = 5  # a request under way may end within this time


def load() -> Callable[..., Any]:
    """Return the WSGI application. Runs in each of granian's worker processes."""
    die_with_parent()
    from .wsgi import application

    _check_keys()
    from . import setting_trail

    setting_trail.note("web")
    return application


def _check_keys() -> None:
    """End this process, with a sentence, where the keys are not those of the database; granian then ends, too."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import connection

    from core import key_check

    try:
        key_check.require()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error
    finally:
        connection.close()


def serve() -> None:
    """Serve on `BIND` and `PORT` until SIGTERM."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enrichment_project.settings")
    from django.conf import settings
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        "enrichment_project.wsgi:application",
        address=settings.BIND,
        port=settings.PORT,
        interface=Interfaces.WSGI,
        workers=settings.WEB_WORKERS,
        blocking_threads=settings.WEB_THREADS,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.error,
        log_dictconfig=_log_config(settings.LOGGING),
    ).serve(target_loader=load, wrap_loader=False)


def _log_config(config: dict[str, Any]) -> dict[str, Any]:
    """Return our logging with granian's logger in it, which granian insists on setting itself."""
    return {**config, "loggers": {**config["loggers"], "_granian": {}}}


if __name__ == "__main__":
    serve()
