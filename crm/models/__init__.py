"""Who we know, and whether we may write to them: brands, the people there, their addresses, the suppression list."""

from .brands import Brand
from .contacts import Contact, ContactAddress, HistoryEntry, LawfulBasis, Merge, Note
from .law import Assessment, Consent, RegionRule, Suppression
from .outcomes import AddressOutcome

__all__ = [
    "AddressOutcome",
    "Assessment",
    "Brand",
    "Consent",
    "Contact",
    "ContactAddress",
    "HistoryEntry",
    "LawfulBasis",
    "Merge",
    "Note",
    "RegionRule",
    "Suppression",
]
