"""What a reviewer may do: look at found contacts and jobs, reject, take that back, and write notes. Pages only.

An admin is a superuser. Both roles are given in the user administration (core/roles.py); Django's own permissions
and groups make any other.
"""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from core.roles import REVIEWERS

REVIEWER_PERMISSIONS = (
    "enrichment.view_enrichedcontact",
    "enrichment.view_contactemail",
    "enrichment.view_enrichmentjob",
    "enrichment.view_contactnote",
    "enrichment.add_contactnote",
    "enrichment.reject_enrichedcontact",
    "enrichment.view_reviewbatch",
    "crm.view_contact",
    "crm.view_contactaddress",
    "crm.view_brand",
    "crm.view_note",
    "crm.add_note",
)


def grant(**_signal: Any) -> None:
    """Make the group of reviewers, with at least these permissions: called after every `migrate`."""
    group, _ = Group.objects.get_or_create(name=REVIEWERS)
    wanted = Q()
    for name in REVIEWER_PERMISSIONS:
        app, _, codename = name.partition(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    group.permissions.add(*Permission.objects.filter(wanted))
