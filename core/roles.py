"""The two roles: admin (everything, and the API), reviewer (pages only, by the permissions of a group)."""

from collections.abc import Iterable

from django.contrib.auth.models import Group, User
from django.db.models import Q, QuerySet

ADMIN, REVIEWER, OTHER = "admin", "reviewer", "other"
REVIEWERS = "Reviewers"  # the group's name
CHOICES = [
    (ADMIN, "Admin: everything, and the API"),
    (REVIEWER, "Reviewer: reads, rejects and writes notes, on the pages only"),
]
IN_WORDS = {**dict(CHOICES), OTHER: "Neither admin nor reviewer: permissions of its own"}

_WHICH = {
    ADMIN: Q(is_superuser=True, is_staff=True),
    REVIEWER: Q(is_staff=False, groups__name=REVIEWERS),
}


def role_of(user: User) -> str:
    """Return a user's role; OTHER for one with permissions given singly."""
    if user.is_superuser and user.is_staff:
        return ADMIN
    if not user.is_staff and any(group.name == REVIEWERS for group in user.groups.all()):
        return REVIEWER
    return OTHER


def having(role: str) -> QuerySet[User]:
    """Return the users who have a role."""
    if role == OTHER:
        return User.objects.exclude(pk__in=having(ADMIN)).exclude(pk__in=having(REVIEWER))
    return User.objects.filter(_WHICH[role])


def give(user: User, role: str) -> None:
    """Give a user one of the two roles, in place of whatever they had. Saves the user."""
    user.is_staff = user.is_superuser = role == ADMIN
    user.save(update_fields=["is_staff", "is_superuser"])
    user.user_permissions.clear()
    user.groups.set(Group.objects.filter(name=REVIEWERS) if role == REVIEWER else [])


def leaves_no_admin(without: Iterable[User]) -> bool:
    """Return whether nobody could administer any more if these users no longer did, though somebody can now."""
    admins = having(ADMIN).filter(is_active=True)
    lost = {user.pk for user in without}
    keys = set(admins.values_list("pk", flat=True))
    return bool(keys) and keys <= lost
