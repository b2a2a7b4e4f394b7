"""The list of found contacts: filters, order, pages, views, columns, and what is done with those selected."""

import csv
import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from enrichment.models import EnrichedContact, EnrichmentJob, JobContact, SavedView
from enrichment.review import filters
from tests.factories import BrandFactory, ContactFactory, CrmContactFactory, EmailFactory, JobFactory

pytestmark = pytest.mark.django_db

LIST = "/contacts/"
ROW = re.compile(r'<tr data-row id="row-([^"]+)"')
HTMX = {"HX-Request": "true", "HX-Target": "results"}


def page(client: Client, query: str = "sort=-found", **headers: str) -> str:
    answer = client.get(f"{LIST}?{query}", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def shown(client: Client, query: str) -> list[str]:
    """Return the last names of the contacts that a list shows, in its order."""
    names = {str(key): name for key, name in EnrichedContact.objects.values_list("pk", "last_name")}
    return [names[key] for key in ROW.findall(page(client, query))]


def words(text: str) -> str:
    """Return what a reader sees of some HTML."""
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", text).split()))


@pytest.fixture
def one(boss: User) -> EnrichedContact:
    """Somebody who differs from all others in everything that one filters by."""
    brand = BrandFactory(name="Zeta Works")
    contact = ContactFactory(
        first_name="Zoë",
        last_name="Müller",
        job_title="Chief Sales Wizard",
        company="Zeta Works",
        linked_brand=brand,
        source="linkedin",
        seniority="c_level",
        department="sales",
        region_code="DE",
        decision_maker=True,
        confidence_score=90,
        review_status="rejected",
        linked_contact=CrmContactFactory(brand=brand),
        discovered_at=timezone.now(),
    )
    EmailFactory(enriched_contact=contact, email="zoe@zeta.example", verification_status="risky", probability=0.9)
    return contact


@pytest.fixture
def others(one: EnrichedContact) -> list[EnrichedContact]:
    old = timezone.now() - timedelta(days=20)
    return [ContactFactory(last_name=name, region_code="US", discovered_at=old) for name in ("Alpha", "Beta")]


@pytest.mark.parametrize(
    ("query", "chip"),
    [
        ("q=muller+wizard", "“muller wizard”"),
        ("q=Zoe@Zeta.example", "“Zoe@Zeta.example”"),
        ("brand=zeta+works", "Brand: zeta works"),
        ("brand=eta+w", "Brand: eta w"),
        ("source=linkedin&source=manual", "Source: LinkedIn or Manual"),
        ("status=risky", "Address: Risky"),
        ("seniority=c_level&seniority=vp", "Seniority: C-level or VP"),
        ("department=sales", "Department: Sales"),
        ("region=germany", "Region: Germany"),
        ("reviewed=rejected", "Review: Rejected"),
        ("confidence_min=85", "Confidence from 85"),
        ("chance_min=80", "Chance from 80%"),
        ("address=yes", "Has an address: With an address"),
        ("decision_maker=yes", "Decision-maker: Decision-makers"),
        ("crm=yes", "CRM: In the CRM"),
        (f"since={timezone.now() - timedelta(days=2):%Y-%m-%d}", "Found since"),
    ],
)
def test_a_filter_leaves_whom_it_fits_and_says_so(staff: Client, others, query: str, chip: str) -> None:
    assert shown(staff, query) == ["Müller"]
    said = filters.in_words(QueryDict(query))
    assert len(said) == 1
    assert said[0].startswith(chip)
    text = page(staff, query)
    assert f"<bdi>{said[0]}</bdi>" in text.replace("&amp;", "&")
    assert f"Take “{said[0]}” away" in text
    assert len(shown(staff, "q=")) == len(others) + 1, "an empty filter is none"


@pytest.mark.parametrize(
    "query", ["confidence_max=80", "status=none", "address=no", "decision_maker=no", "crm=no", "reviewed=new"]
)
def test_a_filter_leaves_the_others_too(staff: Client, others, query: str) -> None:
    assert sorted(shown(staff, query)) == ["Alpha", "Beta"]


def test_the_ids_of_a_brand_and_of_a_job_filter(staff: Client, one, others) -> None:
    job = JobFactory(brand_name="Zeta Works")
    JobContact.objects.create(job=job, contact=one)
    assert shown(staff, f"job={job.pk}") == ["Müller"]
    assert filters.in_words(QueryDict(f"job={job.pk}")) == ["Found by the job for Zeta Works"]
    assert shown(staff, f"brand={one.linked_brand_id}") == ["Müller"]
    assert filters.in_words(QueryDict(f"brand={one.linked_brand_id}")) == ["Brand: Zeta Works"]
    for nothing in (f"job={others[0].pk}", f"brand={others[0].pk}", "brand=nobody+at+all"):
        assert shown(staff, nothing) == []
        assert "Nobody matches." in page(staff, nothing)


@pytest.mark.parametrize(
    "query",
    [
        "seniority=king&source=fax&status=good",
        "confidence_min=high&chance_min=900&since=yesterday",
        "reviewed=maybe&region=Atlantis&job=1&crm=perhaps",
        "q=" + "x" * 300,
        "q=a%00b",
        "sort=email&per=7&page=nine&columns=nothing",
        "sort=--found&page=-3",
        f"page={'9' * 50}",
        "per=%F0%9F%A6%8A&page=²",
    ],
)
def test_what_there_is_not_is_left_out_of_account(staff: Client, others, query: str) -> None:
    assert shown(staff, query) == ["Müller", "Beta", "Alpha"] or shown(staff, query) == ["Müller", "Alpha", "Beta"]
    assert filters.in_words(QueryDict(query)) == []


def test_a_chip_takes_its_own_filter_away_and_nothing_else(staff: Client, others) -> None:
    text = page(staff, "reviewed=rejected&region=DE&sort=name&per=100")
    links = re.findall(r'<a href="\?([^"]+)" title="Take this filter away"', text)
    assert [unescape(link) for link in links] == [
        "region=DE&sort=name&per=100",
        "reviewed=rejected&sort=name&per=100",
    ]
    assert '<a href="?sort=name&amp;per=100">Clear all</a>' in text


SORTED = {
    "name": "last_name",
    "title": "job_title",
    "company": "company",
    "seniority": "seniority_rank",
    "score": "best_score",
    "confidence": "confidence_score",
    "chance": "best_probability",
    "found": "discovered_at",
    "purge": "discovered_at",
}
COLUMN_OF = {"name": "person", "score": "address"}


@pytest.mark.parametrize("sort", [f"{sign}{name}" for name in SORTED for sign in ("", "-")])
def test_every_column_sorts_both_ways_with_blanks_last_and_says_so(staff: Client, sort: str) -> None:
    now = timezone.now()
    for number, company in enumerate(["Bolt", None, "Acme", None, "Acme"]):
        contact = ContactFactory(
            company=company,
            linked_brand=None,
            job_title=company and f"Head of {company}",
            last_name=f"N{number % 3}",
            seniority=["vp", "founder", "staff"][number % 3],
            confidence_score=50 + number % 2,
            discovered_at=now - timedelta(days=number),
        )
        if number % 2:
            EmailFactory(enriched_contact=contact, verification_score=40 + number, probability=number / 10)
    name, descending = SORTED[sort.removeprefix("-")], sort.startswith("-")
    rows = list(EnrichedContact.objects.values_list(name, "pk"))
    filled = sorted((row for row in rows if row[0] is not None), reverse=descending)
    empty = sorted((row for row in rows if row[0] is None), reverse=descending)
    text = page(staff, f"sort={sort}")
    assert ROW.findall(text) == [str(key) for _, key in [*filled, *empty]]
    direction = "descending" if descending else "ascending"
    column = COLUMN_OF.get(sort.removeprefix("-"), sort.removeprefix("-"))
    if column != "found":  # not shown unless it is chosen
        assert re.search(rf'aria-sort="{direction}"><a id="sort-{column}" href="\?sort=', text)
    assert text.count("aria-sort") == 1


def test_a_heading_turns_the_order_round(staff: Client, one) -> None:
    link = re.compile(r'id="sort-confidence" href="\?([^"]+)"')
    first = unescape(link.findall(page(staff, "sort=name&reviewed=rejected&page=3"))[0])
    assert first == "reviewed=rejected&sort=-confidence"
    assert unescape(link.findall(page(staff, first))[0]) == "reviewed=rejected&sort=confidence"


@pytest.fixture
def crowd(boss: User) -> list[str]:
    """So many that there are three pages, some without a company; their last names by the order of the list."""
    now = timezone.now()
    for number in range(120):
        ContactFactory(
            last_name=f"N{number:03}",
            company=None if number % 40 == 7 else f"C{number:03}",
            linked_brand=None,
            discovered_at=now - timedelta(minutes=number),
        )
    return [f"N{number:03}" for number in range(120)]


@pytest.mark.parametrize("sort", ["-found", "-company", "company", "name"])
@pytest.mark.parametrize("extra", ["", "&q=example"])
def test_pages_show_everybody_once(staff: Client, crowd, monkeypatch, sort: str, extra: str) -> None:
    EnrichedContact.objects.update(job_title="Example")
    monkeypatch.setattr("enrichment.review.listing.FEW", 10)
    monkeypatch.setattr("enrichment.review.listing.DEEP", 20)
    found = [name for number in (1, 2, 3) for name in shown(staff, f"sort={sort}{extra}&page={number}")]
    assert sorted(found) == crowd
    if sort.endswith("company"):
        filled = [name for name in crowd if int(name[1:]) % 40 != 7]
        assert found[:-3] == (filled[::-1] if sort == "-company" else filled)
    else:
        assert found == crowd
    assert shown(staff, f"sort={sort}{extra}&page=99") == found[100:]


def test_the_pages_are_numbered_and_counted(staff: Client, crowd) -> None:
    text = page(staff, "sort=name&page=2&region=")
    assert "51–100 of 120 contacts" in words(text)
    assert 'href="?sort=name&amp;page=3" hx-get="?sort=name&amp;page=3" rel="next"' in text
    assert 'href="?sort=name" hx-get="?sort=name" rel="prev"' in text
    assert '<a href="?sort=name&amp;page=2" aria-current="page">2</a>' in text
    assert len(shown(staff, "per=200")) == 120
    assert "1–100 of 120" in page(staff, "per=100")


def test_the_number_of_queries_does_not_grow_with_the_rows(staff: Client, reviewer: Client, boss: User) -> None:
    SavedView.objects.create(user=boss, name="All", query="sort=-found")

    def queries(client: Client, query: str) -> int:
        page(client, query)  # a session is renewed now and then
        with CaptureQueriesContext(connection) as captured:
            page(client, query)
        return len(captured)

    def most(rows: int) -> list[int]:
        for _ in range(rows):
            contact = ContactFactory(linked_contact=CrmContactFactory(), linkedin_url="https://www.linkedin.com/in/a")
            EmailFactory(enriched_contact=contact)
            EmailFactory(enriched_contact=contact)
        asked = ["sort=-company&per=200&reviewed=new", f"q=example&brand={contact.linked_brand_id}", "sort=-found"]
        return [queries(client, query) for client in (staff, reviewer) for query in asked]

    few = most(2)
    assert most(40) == few
    assert max(few) <= 12


def test_htmx_gets_the_results_alone_and_their_address(staff: Client, one) -> None:
    answer = staff.get(f"{LIST}?q=&reviewed=rejected&sort=name&region=", headers=HTMX)
    text = answer.content.decode()
    assert answer["HX-Push-Url"] == f"{LIST}?reviewed=rejected&sort=name"
    assert "<html" not in text
    assert 'id="filters"' not in text
    assert '<div id="results"' in text
    assert "Müller" in text
    assert re.search(r'<p id="found" hx-swap-oob="innerHTML">\s*1–1 of 1 contact\s*</p>', text)


def test_a_view_keeps_filters_order_and_columns_and_can_open_the_list(staff: Client, boss: User, others) -> None:
    query = "reviewed=new&sort=name&per=100&columns=title,address"
    answer = staff.post(reverse("review:view-save"), {"name": " Mine ", "query": f"{query}&page=3&junk=1"})
    view = SavedView.objects.get(user=boss)
    assert (view.name, view.query) == ("Mine", "reviewed=new&sort=name&per=100&columns=title%2Caddress")
    assert answer["Location"] == f"{LIST}?{view.query}"
    text = page(staff, view.query)
    assert f'<a href="?{view.query.replace("&", "&amp;")}" aria-current="page"><bdi>Mine</bdi></a>' in text
    assert "Confidence</a>" not in text
    assert 'aria-current="page">All' not in text

    assert shown(staff, "")[0] == "Müller", "opened bare, all are shown"
    staff.post(reverse("review:view-default", args=[view.pk]))
    assert staff.get(LIST)["Location"] == f"{LIST}?{view.query}"
    assert shown(staff, "sort=-found")[0] == "Müller"
    staff.post(reverse("review:view-default", args=[view.pk]), {"default": "0"})
    assert staff.get(LIST).status_code == 200

    staff.post(reverse("review:view-save"), {"name": "Mine", "query": "sort=-chance"})
    assert SavedView.objects.get(user=boss).query == "sort=-chance"
    staff.post(reverse("review:view-delete", args=[view.pk]))
    assert not SavedView.objects.exists()


def test_a_view_is_its_owners_alone(staff: Client, boss: User, reviewer: Client) -> None:
    view = SavedView.objects.create(user=boss, name="<i>Mine</i>", query="sort=name")
    assert "Mine" not in page(reviewer)
    for action in ("view-delete", "view-default"):
        assert reviewer.post(reverse(f"review:{action}", args=[view.pk])).status_code == 404
    assert "&lt;i&gt;Mine&lt;/i&gt;" in page(staff)


@pytest.mark.parametrize("name", ["", " ", "x" * 61])
def test_a_view_needs_a_name(staff: Client, name: str) -> None:
    text = staff.post(reverse("review:view-save"), {"name": name, "query": "sort=name"}, follow=True).content.decode()
    assert "give it a name of at most 60 characters" in text
    assert not SavedView.objects.exists()


def test_one_cannot_keep_views_without_end(staff: Client, boss: User) -> None:
    for number in range(30):
        SavedView.objects.create(user=boss, name=f"V{number}", query="sort=name")
    answer = staff.post(reverse("review:view-save"), {"name": "More", "query": "sort=name"}, follow=True)
    assert "You keep 30 views already" in answer.content.decode()
    staff.post(reverse("review:view-save"), {"name": "V1", "query": "sort=-name"})
    assert SavedView.objects.get(name="V1").query == "sort=-name"


def test_columns_can_be_left_out_and_added(staff: Client, one) -> None:
    text = page(staff, "columns=person&columns=found&columns=company")
    assert re.findall(r'id="sort-(\w+)"', text) == ["person", "company", "found"]
    assert "zoe@zeta.example" not in text
    assert 'name="columns" value="company,found" form="filters"' in text
    assert re.findall(r'id="sort-(\w+)"', page(staff, "columns=person")) == ["person"]
    assert "zoe@zeta.example" in page(staff, "columns=address").replace("<wbr>", "")


def test_a_row_shows_what_is_known(staff: Client, one) -> None:
    EmailFactory(enriched_contact=one, email="zm@zeta.example", probability=0.2)
    text = page(staff, "columns=title,company,seniority,address,confidence,chance,sources,region,review,purge,found")
    row = words(text[text.index("<tr data-row") :].replace("<wbr>", ""))
    for expected in ("Zoë Müller", "Chief Sales Wizard", "Zeta Works", "C-level", "zoe@zeta.example", "risky"):
        assert expected in row
    for expected in ("never checked", "+1 more", "90 high", "90%", "DE", "Rejected", "in the CRM", "never", "today"):
        assert expected in row
    assert reverse("crm:contact", args=[one.linked_contact_id]) in text
    assert reverse("crm:brand", args=[one.linked_brand_id]) in text
    assert f'hx-get="{reverse("review:contact", args=[one.pk])}"' in text
    assert 'aria-label="LinkedIn"' in text
    assert 'aria-label="Website"' in text, "a source of the evidence"


def test_odd_names_break_nothing(staff: Client) -> None:
    odd = [
        {"first_name": "Teller", "last_name": "", "job_title": None, "company": None, "linked_brand": None},
        {"first_name": "Ada" * 40, "last_name": "Example" * 28, "job_title": "Head of " * 37, "company": "C" * 200},
        {"first_name": "محمد", "last_name": "الأحمد", "job_title": "🦊"},
        {"first_name": "<script>alert(1)</script>", "last_name": '"><img src=x>', "job_title": "{{ 7|add:7 }}"},
        {"first_name": "Ada", "last_name": "Link", "linkedin_url": "javascript:alert(1)"},
    ]
    for values in odd:
        ContactFactory(**{"discovered_at": timezone.now() - timedelta(days=40), **values})
    many = ContactFactory(last_name="Many")
    for number in range(100):
        EmailFactory(enriched_contact=many, email=f"a{number}@acme.example", probability=number / 100)
    text = page(staff)
    assert len(ROW.findall(text)) == len(odd) + 1
    assert "<script>alert" not in text
    assert "<img src=x>" not in text
    assert "javascript:" not in text
    assert "{{ 7|add:7 }}" in text
    assert "a99@acme.example" in text.replace("<wbr>", "")
    assert "+99 more" in words(text)
    assert 'aria-label="Select Teller"' in text
    assert "no address" in text
    assert 'class="badge bad">today' in text, "due to be purged"


def exported(answer: Any) -> list[list[str]]:
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_the_selection_and_all_that_match_are_exported_and_no_cell_is_a_formula(staff: Client, one, others) -> None:
    EnrichedContact.objects.filter(pk=one.pk).update(job_title='=HYPERLINK("https://x.example")')
    EmailFactory(enriched_contact=one, email="zm@zeta.example", probability=0.2)
    url = reverse("review:contacts-export")
    header, row = exported(staff.post(url, {"contact": [str(one.pk)]}))
    cells = dict(zip(header, row, strict=True))
    assert cells["job title"] == '\'=HYPERLINK("https://x.example")'
    assert (cells["email"], cells["further emails"]) == ("zoe@zeta.example", "zm@zeta.example")
    assert (cells["last name"], cells["chance"], cells["review"]) == ("Müller", "0.90", "rejected")
    everything = {"everything": "1", "filters": "reviewed=new", "contact": [str(one.pk)]}
    assert sorted(line[3] for line in exported(staff.post(url, everything))[1:]) == ["Alpha", "Beta"]


def test_a_long_export_has_everybody_once(staff: Client, crowd, monkeypatch) -> None:
    monkeypatch.setattr("enrichment.review.exporting.PAGE", 50)
    lines = exported(staff.post(reverse("review:contacts-export"), {"everything": "1", "filters": ""}))
    assert sorted(line[3] for line in lines[1:]) == crowd


@pytest.mark.parametrize("name", ["contacts-export", "contacts-verify"])
@pytest.mark.parametrize("data", [{}, {"contact": "nonsense"}])
def test_nothing_selected_is_said(staff: Client, one, name: str, data: dict[str, str]) -> None:
    answer = staff.post(reverse(f"review:{name}"), {**data, "next": f"{LIST}?sort=name"}, follow=True)
    assert answer.redirect_chain == [(f"{LIST}?sort=name", 302)]
    assert "Nothing was selected" in answer.content.decode()


def test_the_addresses_of_the_selection_are_verified_by_a_job(staff: Client, boss: User, one, others) -> None:
    data = {"everything": "1", "filters": "reviewed=new"}
    answer = staff.post(reverse("review:contacts-verify"), data, follow=True)
    job = EnrichmentJob.objects.get()
    assert (job.created_by, job.items_total) == (boss, 2)
    assert set(job.items.values_list("contact", flat=True)) == {contact.pk for contact in others}
    text = answer.content.decode()
    assert "The addresses of 2 contacts are being verified." in text
    assert reverse("review:job", args=[job.pk]) in text


def test_too_many_to_verify_at_once_are_refused_with_a_sentence(staff: Client, others, monkeypatch) -> None:
    monkeypatch.setattr("enrichment.jobs.MAX_ITEMS", 2)
    answer = staff.post(reverse("review:contacts-verify"), {"everything": "1", "filters": ""}, follow=True)
    assert "One job takes 2 at most" in answer.content.decode()
    assert not EnrichmentJob.objects.exists()


def test_a_reviewer_rejects_and_does_no_more(reviewer: Client, staff: Client, one) -> None:
    text = page(reviewer)
    assert 'value="reject"' in text
    for forbidden in ('value="approve"', 'value="delete"', "contacts/verify/"):
        assert forbidden in page(staff)
        assert forbidden not in text
    assert reviewer.post(reverse("review:contacts-verify"), {"contact": str(one.pk)}).status_code == 403
    assert reviewer.post(reverse("review:contacts-export"), {"contact": str(one.pk)}).status_code == 403


def test_addresses_are_for_those_who_may_see_them(one) -> None:
    user = User.objects.create_user("some")
    user.user_permissions.set(Permission.objects.filter(codename="view_enrichedcontact"))
    client = Client()
    client.force_login(user)
    text = page(client)
    assert "Müller" in text
    for hidden in ("zeta.example", 'id="sort-address"', 'id="sort-chance"', "contacts/export/", "in the CRM</a>"):
        assert hidden not in text
    assert client.post(reverse("review:contacts-export"), {"contact": str(one.pk)}).status_code == 403
    stranger = Client()
    stranger.force_login(User.objects.create_user("stranger"))
    assert stranger.get(LIST).status_code == 403


def test_an_empty_list_leads_to_discovering(staff: Client, reviewer: Client) -> None:
    text = page(staff)
    assert "Nobody has been found yet." in text
    assert f'href="{reverse("review:discover")}"' in text
    assert "As soon as an administrator has discovered a brand" in page(reviewer)
