"""Who carries our mail: a mail service that django-anymail knows, or a mail server."""

from urllib.parse import urlsplit

from django.conf import settings

from core import whereabouts


def service() -> tuple[str, str]:
    """Return the name and the seat (ISO 3166-1 alpha-2) of the mail service in use; "" for what there is not."""
    if not settings.ANYMAIL_ESP:
        return "", ""
    seat = whereabouts.mail_service(settings.ANYMAIL_ESP)
    return seat.company, seat.code


def server() -> str:
    """Return the host of the mail server in use; empty without one, or where a mail service is used."""
    if settings.ANYMAIL_ESP or not settings.EMAIL_URL:
        return ""
    try:
        return urlsplit(settings.EMAIL_URL).hostname or ""
    except ValueError:
        return ""
