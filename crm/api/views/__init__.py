"""The endpoints of the CRM, a module for each subject."""

from .brands import BrandViewSet
from .consents import ConsentViewSet
from .contacts import ContactViewSet
from .csv_files import ExportViewSet, ImportViewSet
from .merges import MergeViewSet
from .outcomes import OutcomeViewSet
from .suppressions import SuppressionViewSet

__all__ = [
    "BrandViewSet",
    "ConsentViewSet",
    "ContactViewSet",
    "ExportViewSet",
    "ImportViewSet",
    "MergeViewSet",
    "OutcomeViewSet",
    "SuppressionViewSet",
]
