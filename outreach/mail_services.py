"""Who carries our mail, such as the mail services that django-anymail knows, and where outsiders sit."""

from urllib.parse import urlsplit

from django.conf import settings

# Name and seat (ISO 3166-1 alpha-2) of the company, as its own terms name it; of one not here nothing is known.
SERVICES = {
    "amazon_ses": ("Amazon SES", "US"),
    "brevo": ("Brevo", "FR"),
    "mailersend": ("MailerSend", "US"),
    "mailgun": ("Mailgun", "US"),
    "mailjet": ("Mailjet", "FR"),
    "mandrill": ("Mandrill (Mailchimp)", "US"),
    "postal": ("Postal, run by ourselves", ""),
    "postmark": ("Postmark", "US"),
    "resend": ("Resend", "US"),
    "scaleway": ("Scaleway", "FR"),
    "sendgrid": ("SendGrid", "US"),
    "sparkpost": ("SparkPost", "US"),
}
# Where providers of data sit, by their names as notice_sources writes them.
PROVIDER_SEATS = {"Clearbit": "US", "Hunter": "US", "Snov": "US"}
# The European Economic Area: to others data is “transferred” (GDPR chapter V).
EEA = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()  # noqa: SIM905
)


def service() -> tuple[str, str]:
    """Return the name and the seat of the mail service in use; empty ones where there is none, or it is not known."""
    name = settings.ANYMAIL_ESP
    return SERVICES.get(name, (name.replace("_", " ").capitalize(), "")) if name else ("", "")


def server() -> str:
    """Return the host of the mail server in use; empty without one, or where a mail service is used."""
    if settings.ANYMAIL_ESP or not settings.EMAIL_URL:
        return ""
    try:
        return urlsplit(settings.EMAIL_URL).hostname or ""
    except ValueError:
        return ""
