"""Clearbit (legacy): people by address, and people of a domain with their addresses.

Its service was taken over and is being closed, so it is asked only when ENRICHMENT_PROVIDERS names it. It knows who has
an address; it does not ask mail servers, and so says nothing of a mailbox unless its prospector calls an address
verified. Status 202 means that it is still looking.
"""

import base64
import re
from collections.abc import Mapping
from typing import Any

from core.names import name_key
from enrichment.discovery.base import Context
from enrichment.discovery.name_variants import may_be_one
from enrichment.discovery.service import Service, listed, text_of
from enrichment.emails.checks import Check
from enrichment.emails.providers.base import FIND, LATE, VERIFY, Found, Provider, StillWorking
from enrichment.emails.providers.reading import address, entry, flag, past
from enrichment.emails.providers.sayings import said

PERSON_URL = "https://person.clearbit.com"
PROSPECTOR_URL = "https://prospector.clearbit.com"
PAUSES = (1.0, 2.0, 4.0, 8.0)  # seconds before each repetition of a question that it is still working on
PAGE = 20  # people

_ID = re.compile(r"[\w-]{1,100}", re.ASCII)
_PENDING = 202


class Clearbit(Provider):
    """See the module. `api_key` is the user name of HTTP Basic; `base_url` stands for all hosts, "" for Clearbit's."""

    name = "clearbit"
    title = "Clearbit"
    can = frozenset({FIND, VERIFY})
    costs = {FIND: 2}

    def __init__(self, *, api_key: str, base_url: str = "") -> None:
        credentials = base64.b64encode(f"{api_key}:".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}"}
        self._people, self._prospector = (
            Service(self.name, self.title, base_url or own, headers=headers, parallel=True)
            for own in (PERSON_URL, PROSPECTOR_URL)
        )

    def find(self, context: Context, first: str, last: str, domain: str) -> Found | None:
        params = {"domain": domain, "page_size": str(PAGE)}
        answer = self._ask(context, self._prospector, "/v1/people/search", params)
        people = listed(entry(answer).get("results") if isinstance(answer, dict) else answer)
        name = name_key(first, last)
        meant = [
            person for person in people if _ID.fullmatch(text_of(person.get("id"))) and may_be_one(_name(person), name)
        ]
        if len(meant) != 1:  # of namesakes, nobody can be told to be meant
            return None
        path = f"/v1/people/{text_of(meant[0].get('id'))}/email"
        contact, now = entry(self._ask(context, self._prospector, path, {})), context.now()
        email = address(contact.get("email"))
        if email is None:
            return None
        verified = flag(contact.get("verified"))
        check = said(self.name, self.title, email, "valid", now) if verified else None
        return Found(email=email, by=self.name, confidence=None, evidence=(), check=check, at=now)

    def verify(self, context: Context, email: str) -> Check:
        try:
            person = entry(self._ask(context, self._people, "/v2/people/find", {"email": email}))
        except StillWorking:
            return said(self.name, self.title, email, "still_checking", context.now())
        now = context.now()
        if not text_of(person.get("id")):
            return said(self.name, self.title, email, "unknown_person", now)
        return said(self.name, self.title, email, "known_person", past(person.get("indexedAt"), now) or now)

    def _ask(self, context: Context, service: Service, path: str, params: Mapping[str, str]) -> Any:
        """Return the JSON at `path`, None where there is nothing. Raises SourceError, StillWorking after some time."""
        for pause in (*PAUSES, None):
            answer = service.ask(context, path, params)
            if answer.status == 404:
                return None
            if answer.status == 200:
                return service.json(answer)
            if answer.status != _PENDING:
                raise service.refusal(answer)
            if pause is None or context.stopped():
                break
            context.sleep(pause)
        raise StillWorking(service.trouble("timeout", LATE).diagnostic)


def _name(person: Mapping[str, Any]) -> str:
    name = entry(person.get("name"))
    return name_key(text_of(name.get("givenName")), text_of(name.get("familyName")))
