"""What the tests of outreach in the admin do there: open a page, post a form, run an action on rows of a list."""

from typing import Any

from django.contrib.auth.models import Permission, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse


def page(client: Client, name: str, /, *args: Any, **query: Any) -> str:
    """Return a page such as `message_changelist`."""
    answer = client.get(reverse(f"admin:outreach_{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, name: str, /, *args: Any, **data: Any) -> str:
    """Post a form and return the page that follows."""
    answer = client.post(reverse(f"admin:outreach_{name}", args=args), data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def act(client: Client, action: str, *rows: Model) -> str:
    """Run an action on the rows as their list's form does; return the messages that the next page shows."""
    url = reverse(f"admin:outreach_{rows[0]._meta.model_name}_changelist")
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    answer = client.post(url, data, follow=True)
    assert answer.status_code == 200
    return " ".join(str(message) for message in answer.context["messages"])


def sign_in_with(client: Client, *permissions: str) -> User:
    """Sign in somebody of the staff with these permissions, such as `view_message`."""
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return user


def inline(prefix: str, rows: list[dict[str, Any]], initial: int = 0) -> dict[str, Any]:
    """Return what a browser posts for the rows of an inline, of which the first `initial` are there already."""
    data: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    for index, row in enumerate(rows):
        data |= {f"{prefix}-{index}-{name}": value for name, value in row.items()}
    return data
