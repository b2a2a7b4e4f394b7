"""The Celery application. Tasks take an id and may run twice without harm; truth is in the database."""

import os

from celery import Celery
from celery.signals import setup_logging, worker_init, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enrichment_project.settings")

app = Celery("enrichment")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**_kwargs: object) -> None:
    """Having a receiver keeps Celery from replacing the logging that settings.py set up."""


@worker_init.connect
def check_keys(**_kwargs: object) -> None:
    """Refuse to work with keys that are not those of the database: SystemExit, which Celery lets through."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import connection

    from core import key_check

    try:
        key_check.require()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error
    finally:
        connection.close()  # the pool's processes are forks


@worker_init.connect
def note_settings(**_kwargs: object) -> None:
    """Write changes of the settings to the audit trail."""
    from . import setting_trail

    setting_trail.note("worker")


@worker_process_init.connect
def name_the_worker(**_kwargs: object) -> None:
    """What is done from here on, the audit trail ascribes to a worker."""
    from core.audit import acting

    acting.be_worker()
