"""Contacts, addresses, jobs and domains in the admin. What the pipeline wrote is read-only here; actions change it."""

from .contacts import EnrichedContactAdmin
from .domains import DomainProfileAdmin
from .jobs import EnrichmentJobAdmin

__all__ = ["DomainProfileAdmin", "EnrichedContactAdmin", "EnrichmentJobAdmin"]
