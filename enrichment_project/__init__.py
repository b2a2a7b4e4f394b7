"""The Django project. Importing it registers the Celery app, so that every process publishes to our broker."""

from .celery import app as celery_app

__all__ = ["celery_app"]
