"""Rows in the admin that only the product writes."""

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """Mixed into an admin class or inline: shown, deleted perhaps, never added or edited by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
