"""Brands, CRM contacts, the suppression list and the outcomes of messages in the admin."""

from .brands import BrandAdmin
from .contacts import ContactAdmin
from .outcomes import AddressOutcomeAdmin
from .suppression import SuppressionAdmin

__all__ = ["AddressOutcomeAdmin", "BrandAdmin", "ContactAdmin", "SuppressionAdmin"]
