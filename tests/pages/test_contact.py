"""One found contact: what its page and the drawer show, and to whom."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm import suppression
from enrichment import editing, notes
from enrichment.models import EnrichedContact, JobContact
from tests.factories import ContactFactory, CrmContactFactory, EmailFactory, JobFactory

pytestmark = pytest.mark.django_db

PAGE = "https://acme.example/team"
DRAWER = {"HX-Request": "true", "HX-Target": "drawer-body", "HX-Current-URL": "http://testserver/contacts/?q=ada"}
HTMX = {**DRAWER, "HX-Target": "contact-body"}


def entry(field: str, value: str, url: str = PAGE, snippet: str = "", source: str = "website", **more: Any) -> dict:
    seen = {"seenAt": "2026-11-24T10:00:00Z"}
    return {"field": field, "value": value, "url": url, "snippet": snippet, "source": source, **seen, **more}


@pytest.fixture
def ada() -> EnrichedContact:
    contact = ContactFactory(first_name="Ada", last_name="Moss", region_code="GB")
    EmailFactory(enriched_contact=contact, email="ada.moss@acme.example")
    return contact


def url(name: str, contact: EnrichedContact) -> str:
    return reverse(f"review:{name}", args=[contact.pk])


def seen(client: Client, contact: EnrichedContact, **headers: Any) -> str:
    answer = client.get(url("contact", contact), headers=headers.get("headers"))
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, name: str, contact: EnrichedContact, headers: Any = None, **data: Any) -> HttpResponse:
    return client.post(url(name, contact), data, follow=True, headers=headers)


def plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


# What is shown


def test_the_page_is_whole_and_the_drawer_has_its_body(staff: Client, ada: EnrichedContact) -> None:
    page, drawer = seen(staff, ada), seen(staff, ada, headers=DRAWER)
    assert "<h1>" in page
    assert "<html" in page
    assert "<html" not in drawer
    assert "data-close" in drawer
    assert "Open as a page" in drawer
    for text in (page, drawer):
        assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=|hx-on", text)
        assert "ada.moss@acme.example" in text
        assert text.count('data-key="a"') == text.count('data-key="r"') == 1
    assert 'name="next" value="/contacts/?q=ada"' in drawer  # decisions lead back to the list
    assert f'name="next" value="{url("contact", ada)}"' in page


def test_the_breakdown_adds_up_and_says_so_where_it_does_not(staff: Client, ada: EnrichedContact) -> None:
    assert re.search(r"<tfoot>.*?<b>100</b></td><td></td>", seen(staff, ada), re.DOTALL)
    ada.emails.update(verification_score=79)
    assert "The score is 79: these rows are of an earlier check." in seen(staff, ada)


def test_deductions_are_shown_with_their_sign(staff: Client, ada: EnrichedContact) -> None:
    row = ada.emails.get()
    row.score_breakdown = [*row.score_breakdown, {"label": "No DNS answer", "points": -21, "evidence": "At most 79"}]
    row.verification_score = 79
    row.save()
    assert "No DNS answer \u221221 At most 79" in plain(seen(staff, ada))


def test_the_three_likeliest_of_a_hundred_addresses_are_open(staff: Client, ada: EnrichedContact) -> None:
    for place in range(99):
        EmailFactory(enriched_contact=ada, email=f"guess{place}@acme.example", probability=0.3 / (place + 1))
    text = seen(staff, ada)
    opened, folded = text.split("97 less likely addresses")
    assert (opened.count('<article class="card address">'), folded.count('<article class="card address">')) == (3, 97)


def test_queries_do_not_grow_with_addresses_and_evidence(staff: Client, ada: EnrichedContact, boss: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            seen(staff, ada)
        return len(caught)

    seen(staff, ada)
    few = queries()
    for place in range(40):
        EmailFactory(enriched_contact=ada, email=f"guess{place}@acme.example")
        notes.add(ada, f"Note {place}", boss)
    ada.evidence = [entry("title", f"Head of {place}") for place in range(40)]
    ada.save()
    assert queries() == few <= 20


def test_evidence_says_where_it_stands_and_whether_it_is_what_is_stored(staff: Client, ada: EnrichedContact) -> None:
    ada.evidence = [
        entry("name", "Dr. Ada Moss", snippet="Dr. Ada Moss, our head of marketing"),
        entry("title", "Head of Sales", checkedAt="2026-11-24T11:00:00Z", stillThere=False),
        entry("email", "ada@other.example", source="hunter", url=""),
        entry("linkedin", "https://www.linkedin.com/in/ada", "https://www.linkedin.com/in/ada"),
    ]
    ada.save()
    text = seen(staff, ada)
    words = plain(text)
    assert f'<a href="{PAGE}" rel="noreferrer noopener">acme.example</a>' in text
    assert "“Dr. Ada Moss, our head of marketing”" in words
    assert "Dr. Ada Moss not what is stored now" not in words  # a title before the name contradicts nothing
    assert "Head of Sales not what is stored now" in words
    assert "not there any more" in words
    assert "ada@other.example not what is stored now" in words
    assert text.count(url("contact-evidence", ada)) == 4  # of two pages, twice each: nobody looks at LinkedIn's


@pytest.mark.parametrize(
    ("answer", "words"), [(True, "still there"), (False, "not there any more"), (None, "could not tell")]
)
def test_what_was_seen_when_looking_again_is_said_in_words(
    staff: Client, ada: EnrichedContact, answer: bool | None, words: str
) -> None:
    ada.evidence = [entry("name", "Ada Moss", checkedAt="2026-11-24T11:00:00Z", stillThere=answer)]
    ada.save()
    assert f"{words} 24 Nov 2026 Look again" in plain(seen(staff, ada))


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "//acme.example/x", "http://[broken", "ftp://x/"]
)
def test_only_pages_are_links(staff: Client, ada: EnrichedContact, link: str) -> None:
    ada.evidence, ada.linkedin_url = [entry("name", "Ada Moss", link)], link
    ada.save()
    text = seen(staff, ada)
    assert f'href="{link}' not in text
    assert url("contact-evidence", ada) not in text


def test_hostile_and_unusual_text_breaks_nothing(staff: Client, ada: EnrichedContact) -> None:
    evil = "<script>alert(1)</script>'\"><img src=x onerror=alert(1)>"
    ada.first_name, ada.last_name = "م" * 120, "🌙" * 60
    ada.job_title = ada.company = evil
    ada.evidence = [entry("name", evil, f'{PAGE}/{"x" * 2000}?q="><b>', evil), {"field": "odd"}]
    ada.record(evil)
    ada.save()
    notes.add(ada, evil, None)
    for headers in ({}, DRAWER):
        text = seen(staff, ada, headers=headers)
        assert "<script>" not in text
        assert "<img" not in text.replace('<img src="/static/core/icon.svg"', "")
        assert "م" * 120 in text


def test_a_contact_of_whom_nothing_is_known(staff: Client) -> None:
    bare = ContactFactory(evidence=[], job_title=None, company=None, linked_brand=None, activity=[])
    words = plain(seen(staff, bare))
    for said in ("No address is known.", "No evidence is kept", "Title not known", "Without an address"):
        assert said in words


def test_the_suppressed_are_not_offered_for_approval(staff: Client, ada: EnrichedContact, boss: User) -> None:
    suppression.add(["ada.moss@acme.example"], "objection", boss)
    text = seen(staff, ada)
    assert "may not be written to" in text
    assert 'value="approve"' not in text
    assert "nobody is asked about it" in text


def test_one_suppressed_address_of_several_does_not_bar_the_person(
    staff: Client, ada: EnrichedContact, boss: User
) -> None:
    EmailFactory(enriched_contact=ada, email="amoss@acme.example", probability=0.01)
    suppression.add(["amoss@acme.example"], "bounced", boss)
    text = seen(staff, ada)
    assert "may not be written to" not in text
    assert 'value="approve"' in text
    assert text.count(">suppressed</span>") == 1


@pytest.mark.parametrize(("age", "words"), [(29, "1 more day"), (29.5, "less than a day"), (3, "27 more days")])
def test_it_says_when_a_contact_is_purged(
    staff: Client, ada: EnrichedContact, settings, age: float, words: str
) -> None:
    settings.ENRICHMENT_RETENTION_DAYS = 30
    ada.discovered_at = timezone.now() - timedelta(days=age) + timedelta(hours=1)
    ada.save()
    assert words in plain(seen(staff, ada))


def test_an_approved_contact_leads_to_the_crm(staff: Client, ada: EnrichedContact) -> None:
    ada.review_status, ada.linked_contact = "approved", CrmContactFactory(last_name="Moss")
    ada.save()
    text = seen(staff, ada)
    assert reverse("crm:contact", args=[ada.linked_contact_id]) in text
    assert 'value="approve"' not in text
    assert 'value="reject"' not in text
    assert "as long as its contact in the CRM" in plain(text)


def test_what_happened_stands_newest_first_in_the_words_of_the_page(
    staff: Client, ada: EnrichedContact, boss: User
) -> None:
    job = JobFactory(brand_name="Acme", completed_at=timezone.now() - timedelta(days=2))
    JobContact.objects.create(job=job, contact=ada)
    editing.edit(ada.pk, {"jobTitle": "Head of Sales", "email": "ada@home.example"}, boss)
    editing.reject(ada.pk, "left the company", boss)
    text = seen(staff, ada)
    history = plain(text.split("<h2>What happened</h2>")[1])
    order = ["Rejected by boss: left the company", "Edited by boss:", "Among the results of the job “Acme”"]
    places = [history.index(line) for line in order]
    assert places == sorted(places)
    assert "an address added" in history
    assert "@" not in history
    assert "jobTitle" not in history
    assert reverse("review:job", args=[job.pk]) in text


def test_duplicates_lead_to_merging(staff: Client, ada: EnrichedContact) -> None:
    twin = ContactFactory(first_name="Ada", last_name="Moss", linked_brand=ada.linked_brand)
    text = seen(staff, ada)
    assert reverse("review:merge", args=[ada.pk, twin.pk]) in text
    assert url("duplicates", ada) in text


# Who may do what


def test_a_reviewer_reads_everything_rejects_and_writes_notes(reviewer: Client, ada: EnrichedContact) -> None:
    text = seen(reviewer, ada)
    assert "ada.moss@acme.example" in text
    assert 'value="reject"' in text
    assert url("contact-note", ada) in text
    offered = ["approve", "delete"]
    assert not any(f'value="{kind}"' in text for kind in offered)
    assert not any(url(f"contact-{name}", ada) in text for name in ("verify", "edit", "evidence"))
    assert "administration" not in plain(text.split("</header>")[1])
    assert post(reviewer, "contact-note", ada, text="Met her.").status_code == 200
    assert ada.notes.get().text == "Met her."


@pytest.mark.parametrize("name", ["contact-verify", "contact-evidence", "contact-edit"])
@pytest.mark.parametrize("who", ["reviewer", "reader"])
def test_only_those_who_may_change_contacts_do(
    request: pytest.FixtureRequest, ada: EnrichedContact, who: str, name: str
) -> None:
    client = request.getfixturevalue(who)
    assert client.post(url(name, ada), {"entry": "0"}).status_code == 403


def test_without_the_permission_no_address_is_shown(client: Client, ada: EnrichedContact) -> None:
    from django.contrib.auth.models import Permission

    user = User.objects.create_user("half")
    user.user_permissions.set(Permission.objects.filter(codename="view_enrichedcontact"))
    client.force_login(user)
    ada.evidence = [entry("email", "ada.moss@acme.example"), entry("name", "Ada", snippet="Ada, ada.moss@acme.example")]
    ada.save()
    text = seen(client, ada)
    assert "ada.moss@acme.example" not in text
    assert "1 address, not shown to you" in plain(text)


@pytest.mark.parametrize("name", ["contact", "contact-edit"])
def test_a_contact_that_is_gone(staff: Client, ada: EnrichedContact, name: str) -> None:
    where = url(name, ada)
    ada.delete()
    assert staff.get(where).status_code == 404
