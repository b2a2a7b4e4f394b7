"""Posting forms of outreach and reading its pages."""

from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse


def post(client: Client, name: str, /, *args: Any, **data: Any) -> str:
    """Post a form and return the page that follows it."""
    answer: HttpResponse = client.post(reverse(f"outreach:{name}", args=args), data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def get(client: Client, name: str, /, *args: Any, **query: Any) -> str:
    answer = client.get(reverse(f"outreach:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()
