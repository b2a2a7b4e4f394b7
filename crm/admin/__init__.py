"""Brands, CRM contacts and what stands beside them, the suppression list and the outcomes of messages."""

from .assessments import AssessmentAdmin
from .brands import BrandAdmin
from .contacts import ContactAdmin
from .merges import MergeAdmin
from .outcomes import AddressOutcomeAdmin
from .records import ConsentAdmin, ContactAddressAdmin, HistoryEntryAdmin, NoteAdmin
from .regions import RegionRuleAdmin
from .suppression import SuppressionAdmin

__all__ = [
    "AddressOutcomeAdmin",
    "AssessmentAdmin",
    "BrandAdmin",
    "ConsentAdmin",
    "ContactAddressAdmin",
    "ContactAdmin",
    "HistoryEntryAdmin",
    "MergeAdmin",
    "NoteAdmin",
    "RegionRuleAdmin",
    "SuppressionAdmin",
]
