"""The endpoints: parse, call one function, answer. Errors take their shape in errors.py."""

from .contacts import ContactViewSet
from .discovery import DiscoveryViewSet
from .jobs import JobViewSet

__all__ = ["ContactViewSet", "DiscoveryViewSet", "JobViewSet"]
