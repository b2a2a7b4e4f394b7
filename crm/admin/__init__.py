"""Brands, CRM contacts and the suppression list in the admin."""

from .brands import BrandAdmin
from .contacts import ContactAdmin
from .suppression import SuppressionAdmin

__all__ = ["BrandAdmin", "ContactAdmin", "SuppressionAdmin"]
