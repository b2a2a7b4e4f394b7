"""Where a person finds whom to write to on LinkedIn. Nothing here asks LinkedIn for anything."""

from urllib.parse import urlencode

from crm.models import Contact

SEARCH = "https://www.linkedin.com/search/results/people/"


def link_for(contact: Contact) -> str:
    """Return the contact's profile; without one, LinkedIn's search for name and company, to be opened by a person."""
    known = contact.linkedin_url or ""
    return (
        known if known.startswith("https://") else f"{SEARCH}?{urlencode({'keywords': f'{contact} {contact.brand}'})}"
    )
