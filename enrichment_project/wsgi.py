"""The WSGI entry point that granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enrichment_project.settings")

application = get_wsgi_application()
_ = get_resolver().url_patterns  # imported now, not by the first request

# What stands after the start stays: the collector need not walk it again during requests.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
