"""The two roles: admin (everything, and the API), reviewer (pages only, by the permissions of a group)."""

from django.contrib.auth.models import Group, User

ADMIN, REVIEWER, OTHER = "admin", "reviewer", "other"
REVIEWERS = "Reviewers"  # the group's name


def role_of(user: User) -> str:
    """Return a user's role; OTHER for one with permissions given singly."""
    if user.is_superuser and user.is_staff:
        return ADMIN
    if not user.is_staff and any(group.name == REVIEWERS for group in user.groups.all()):
        return REVIEWER
    return OTHER


def give(user: User, role: str) -> None:
    """Give a user one of the two roles, in place of whatever they had. Saves the user."""
    user.is_staff = user.is_superuser = role == ADMIN
    user.save(update_fields=["is_staff", "is_superuser"])
    user.user_permissions.clear()
    user.groups.set(Group.objects.filter(name=REVIEWERS) if role == REVIEWER else [])
