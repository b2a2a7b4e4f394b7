"""Brands, CRM contacts and their merges, the suppression list and the outcomes of messages in the admin."""

from .brands import BrandAdmin
from .contacts import ContactAdmin
from .merges import MergeAdmin
from .outcomes import AddressOutcomeAdmin
from .suppression import SuppressionAdmin

__all__ = ["AddressOutcomeAdmin", "BrandAdmin", "ContactAdmin", "MergeAdmin", "SuppressionAdmin"]
