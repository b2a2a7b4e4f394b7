"""Every form on every page, filled in with anything: no answer is a fault of ours.

The pages are found by the URLconf and the forms in the pages themselves, so that a new one is filled in as well.
FUZZ_EXAMPLES (`make fuzz`) is the number of posts over all forms; without it there are few.
"""

import os
import random
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import html

from tests.security import every_page
from tests.security.every_page import Everything

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(3600 if "FUZZ_EXAMPLES" in os.environ else 120)]

POSTS = int(os.environ.get("FUZZ_EXAMPLES", "48"))
AT_ONCE = 4  # hypothesis gives this many fillings a time; each goes to the next forms in turn
HTMX = {"HX-Request": "true"}
ODD = [
    *("", " ", "\0", "a\0b", "\r\n", "\u202eabc", "\u2028", "\ud800", "\ufffe", "é" * 300, "x" * 20_000, "0" * 5_000),
    *("-1", "0", "1e400", "NaN", "9" * 40, "²", "١٢٣", "1,5", "true", "on", "null", "[]", "{", '{"a":1}', "%00", "%s"),
    *("not-a-uuid", str(UUID(int=0)), str(UUID(int=1)), "{00000000-0000-0000-0000-000000000001}", "../../etc/passwd"),
    *(
        "0001-01-01",
        "9999-12-31",
        "2026-02-30",
        "2026-11-24T25:61",
        "24:00",
        "a@b",
        "a@acme.example",
        '"a b"@acme.example',
    ),
    *(
        "http://[",
        "javascript:alert(1)",
        "//evil.example",
        "https://127.0.0.1/",
        "{{ 7*7 }}",
        "{% debug %}",
        "{first_name",
        "}",
    ),
    *("'; DROP TABLE x; --", "<script>", "=1+1", "Europe/Nowhere", "DE", "XX", "en", "q=%00&page=x"),
]


@dataclass(frozen=True)
class Form:
    """A form as a page shows it: where it goes, and what each of its fields would send."""

    action: str
    method: str
    fields: dict[str, tuple[str, ...]]


VALUES = st.one_of(st.sampled_from(ODD), st.text(max_size=40), st.integers().map(str), st.uuids().map(str))
# How a field is filled in: as it stands, left out, with a choice of its own, with something odd, or with two of them.
FILLINGS = st.lists(
    st.one_of(st.none(), st.just(()), st.integers(0, 20), st.tuples(VALUES), st.tuples(VALUES, VALUES)),
    min_size=1,
    max_size=12,
)


def forms_of(page: bytes, url: str) -> Iterator[Form]:
    for form in html.fromstring(page).iter("form"):
        action = form.get("action") or form.get("hx-post") or url
        fields: dict[str, tuple[str, ...]] = {}
        for element in form.iter("input", "textarea", "select", "button"):
            name = element.get("name")
            if name and name != "csrfmiddlewaretoken":
                choices = [option.get("value", "") for option in element.iter("option")]
                given_value = element.get("value") or (element.text or "" if element.tag == "textarea" else "")
                fields[name] = (*fields.get(name, ()), *(choices or [given_value]))
        yield Form(action.partition("#")[0], (form.get("method") or "get").lower(), fields)


def all_forms(staff: Client, everything: Everything) -> list[Form]:
    """Return every form once: those of one action and the same fields are one."""
    known: dict[tuple[Any, ...], Form] = {}
    places = every_page.pages(everything)
    if "FUZZ_EXAMPLES" in os.environ:
        places |= every_page.admin_pages(everything)
    for url in places.values():
        answer = staff.get(url, follow=True)
        assert answer.status_code < 500, url
        text = every_page.body_of(answer)
        if answer.status_code == 200 and "html" in answer["Content-Type"] and text.strip():
            for form in forms_of(text, url):
                known.setdefault((form.action, form.method, *sorted(form.fields)), form)
    return list(known.values())


def filled(form: Form, fillings: list[Any]) -> dict[str, list[str]]:
    data: dict[str, list[str]] = {}
    for place, (name, values) in enumerate(form.fields.items()):
        filling = fillings[place % len(fillings)]
        if filling is None:
            data[name] = [values[0]]
        elif isinstance(filling, int):
            data[name] = [values[filling % len(values)]]
        elif filling:
            data[name] = [value.encode("utf-8", "replace").decode() for value in filling]
    return data


@pytest.fixture
def forms(boss: User, staff: Client, monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[Form]:
    """Every form of every page; nothing that would ask a name server or send mail is done."""
    settings.TOKEN_ATTEMPTS_RATE = "100000/s"
    settings.ENRICHMENT_DNS_SERVERS = ["127.0.0.1:9"]
    monkeypatch.setattr("enrichment.contact_checks.verify", lambda *_, **__: {})
    monkeypatch.setattr("outreach.mailboxes.check", lambda *_, **__: None, raising=False)
    found = all_forms(staff, Everything.make(boss))
    random.Random(1).shuffle(found)
    assert len(found) > 60
    return found


def test_no_form_can_be_filled_in_so_that_it_breaks(forms: list[Form], staff: Client, boss: User) -> None:
    turns = iter(range(10**9))
    staff.raise_request_exception = False
    faults: dict[str, str] = {}

    @given(st.lists(FILLINGS, min_size=AT_ONCE, max_size=AT_ONCE))
    @settings(
        max_examples=max(1, POSTS // AT_ONCE), deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def fill(several: list[list[Any]]) -> None:
        for fillings in several:
            turn = next(turns)
            form = forms[turn % len(forms)]
            if fault := post(staff, boss, form, fillings, HTMX if turn % 7 == 3 else {}):
                faults.setdefault(form.action, fault)

    fill()
    assert not faults, "\n".join(f"{where}: {fault}" for where, fault in faults.items())


class Undo(Exception):
    """Takes back what a form did, so that the next finds what it is about."""


def post(staff: Client, boss: User, form: Form, fillings: list[Any], headers: dict[str, str]) -> str:
    """Return what went wrong, if anything did."""
    data = filled(form, fillings)
    try:
        with transaction.atomic():
            if form.method == "get":
                answer = staff.get(form.action, data, headers=headers)
            else:
                answer = staff.post(form.action, data, headers=headers)
            every_page.body_of(answer)
            raise Undo
    except Undo:
        if "_auth_user_id" not in staff.session:
            staff.force_login(boss)
    if answer.status_code < 500:
        return ""
    kind, error, trace = getattr(answer, "exc_info", None) or (None, None, None)
    return f"{answer.status_code} {kind} {error} {traceback.extract_tb(trace)[-1:]} {data!r:.600}"
