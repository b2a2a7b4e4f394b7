"""Structured logging (structlog over the standard library): to stderr, for people or as JSON lines.

Personal data (names, addresses, page content) is logged at DEBUG only. What gets in by the words of a library, such
as a URL in an exception, is taken out as the line is written (redaction.py).
"""

from collections.abc import Iterable
from typing import Any

import structlog

from .redaction import Redact

SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def logging_config(level: str, form: str, secrets: Iterable[str] = ()) -> dict[str, Any]:
    """Return Django's `LOGGING` and configure structlog. `form` is `console` or `json`.

    `secrets`: values that no line may hold, whatever they stand in (redaction.secrets_of()).
    """
    structlog.configure(
        processors=[
            structlog.stdlib.PositionalArgumentsFormatter(),
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    # Plain tracebacks: rich ones print every local variable, people's data among them.
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    last = [structlog.processors.format_exc_info, Redact(secrets), renderer]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own set-up sends records to several places; ours go to one.
            "django": {"level": level, "handlers": [], "propagate": True},
            "django.server": {"level": level, "handlers": [], "propagate": True},
            # A line for each message and each run of the sweep.
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            # A line for each attempt to sign in; the record is in the database.
            "axes": {"level": "WARNING"},
            # Its warnings hold whole URLs.
            "urllib3": {"level": "ERROR"},
        },
    }
