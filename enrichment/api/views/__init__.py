"""The endpoints: parse, call one function, answer. Errors take their shape in core/api/errors.py."""

from .approval import ApprovalViewSet
from .contacts import ContactViewSet
from .discovery import DiscoveryViewSet
from .domains import DomainViewSet
from .emails import EmailFinderViewSet, EmailVerifierViewSet
from .jobs import JobViewSet
from .regions import RegionViewSet
from .stats import StatsViewSet

__all__ = [
    "ApprovalViewSet",
    "ContactViewSet",
    "DiscoveryViewSet",
    "DomainViewSet",
    "EmailFinderViewSet",
    "EmailVerifierViewSet",
    "JobViewSet",
    "RegionViewSet",
    "StatsViewSet",
]
