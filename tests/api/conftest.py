import pytest
from django.contrib.auth import get_user_model
from rest_framework.test import APIClient


@pytest.fixture(autouse=True)
def _quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def admin(db):
    return get_user_model().objects.create_user("boss", password="correct horse battery", is_staff=True)


@pytest.fixture
def visitor(db):
    return get_user_model().objects.create_user("visitor", password="correct horse battery")


@pytest.fixture
def api(admin) -> APIClient:
    """A client signed in as an admin by JWT, as scripts are."""
    client = APIClient()
    answer = client.post("/api/auth/token", {"username": "boss", "password": "correct horse battery"}, format="json")
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    return client
