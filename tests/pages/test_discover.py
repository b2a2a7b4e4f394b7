"""Starting discoveries from the pages: one brand, a list of them, and what is said beside the form."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisGone

from enrichment import jobs
from enrichment.models import EnrichmentJob, JobStatus
from enrichment.review import brand_lists
from tests.factories import BrandFactory, ContactFactory, JobFactory

pytestmark = pytest.mark.django_db

ONE, MANY, REGION = "/discover/", "/discover/many/", "/discover/region/"


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> Iterator[list[Any]]:
    """No worker is told of the jobs; the list says of which it would have been."""
    told: list[Any] = []
    monkeypatch.setattr(jobs, "wake", told.append)
    return told


def shown(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


# One brand ----------------------------------------------------------------------------------------------------------


def test_the_form_starts_a_discovery_and_leads_to_its_job(staff: Client, boss: User) -> None:
    sent = {
        "brand": " Acme  Inc ",
        "website": "acme.example",
        "linkedin": "linkedin.com/company/acme/about",
        "region": "US",
    }
    answer = staff.post(ONE, sent)
    job = EnrichmentJob.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/jobs/{job.pk}/")
    assert (job.brand_name, job.brand_website, job.region_code) == ("Acme Inc", "https://acme.example/", "US")
    assert job.linkedin_company_url == "https://www.linkedin.com/company/acme"
    assert job.created_by == boss


def test_all_mistakes_stand_beside_their_fields_at_once_in_peoples_words_and_nothing_typed_is_lost(
    staff: Client,
) -> None:
    sent = {"brand": "???", "website": "ftp://acme.example", "linkedin": "https://example.com/<b>", "region": "XX"}
    answer = staff.post(ONE, sent)
    assert answer.status_code == 400
    errors = {name: messages[0] for name, messages in answer.context["form"].errors.items()}
    assert set(errors) == {"brand", "website", "linkedin", "region"}
    assert errors["brand"].startswith("The brand name has no letter or digit")
    assert errors["website"].startswith("The website cannot be used")
    assert errors["linkedin"].startswith("The LinkedIn URL must be a company page")
    text = shown(answer)
    assert 'value="ftp://acme.example"' in text
    assert 'value="https://example.com/&lt;b&gt;"' in text
    assert "brandName" not in text
    assert "linkedInCompanyUrl" not in text
    assert not EnrichmentJob.objects.exists()


def test_without_a_name_the_form_says_what_to_give(staff: Client) -> None:
    assert staff.post(ONE, {"brand": "  "}).context["form"].errors["brand"] == [
        "Give the brand's name, for example Acme."
    ]


def test_pressing_the_button_twice_starts_one_job(staff: Client) -> None:
    once = staff.get(ONE).context["form"].initial["once"]
    first, second = (staff.post(ONE, {"brand": "Acme", "once": once})["Location"] for _ in range(2))
    assert first == second
    assert staff.post(ONE, {"brand": "Other", "once": once})["Location"] != first
    assert EnrichmentJob.objects.count() == 2


def test_a_restricted_region_is_said_before_and_after(staff: Client, settings: Any) -> None:
    settings.ENRICHMENT_RESTRICTED_REGIONS = ["KP"]
    assert "Switched off here: North Korea" in shown(staff.get(ONE))
    answer = staff.post(ONE, {"brand": "Acme", "region": "KP"})
    assert answer.status_code == 400
    assert "Discovery in North Korea is switched off" in answer.context["form"].errors["region"][0]
    assert "is switched off" in shown(staff.get(REGION, {"region": "KP"}))
    BrandFactory(name="Beta", name_key="beta", region_code="KP")
    answer = staff.post(ONE, {"brand": "Beta"})
    assert (answer.status_code, EnrichmentJob.objects.count()) == (400, 0)
    assert "Discovery in North Korea is switched off" in shown(answer)


def test_a_limit_that_is_used_up_is_said_with_what_was_typed(staff: Client, settings: Any) -> None:
    settings.ENRICHMENT_LIMIT_DISCOVERIES = 1
    staff.post(ONE, {"brand": "Acme"})
    assert "used up" in shown(staff.get(ONE))
    answer = staff.post(ONE, {"brand": "Beta", "website": "beta.example"})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "You have started 1 of 1 discoveries in the last 24 hours." in shown(answer)
    assert 'value="beta.example"' in shown(answer)


def test_when_redis_is_gone_the_page_says_so_and_keeps_what_was_typed(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_args: Any) -> None:
        raise RedisGone

    monkeypatch.setattr("enrichment.limits.gate", gone)
    answer = staff.post(ONE, {"brand": "Acme"})
    assert (answer.status_code, EnrichmentJob.objects.count()) == (503, 0)
    assert "The queue does not answer" in shown(answer)
    assert 'value="Acme"' in shown(answer)


def test_a_brand_that_is_known_is_said_to_be(staff: Client, boss: User) -> None:
    brand = BrandFactory(name="Acme", name_key="acme", domain="acme.example")
    ContactFactory.create_batch(2, linked_brand=brand)
    JobFactory(brand=brand, status=JobStatus.COMPLETED, created_at=timezone.now() - timedelta(days=3))
    part = staff.get(ONE, {"brand": "ACME GmbH"}, headers={"HX-Request": "true", "HX-Target": "brand-known"})
    assert "<html" not in part.content.decode()
    assert "Last looked into <time" in shown(part)
    assert "2 contacts known: they are updated, not doubled." in shown(part)
    text = shown(staff.get(ONE, {"brand": "Acme"}))
    assert "2 contacts known" in text
    assert '<option value="Acme">' in text
    answer = staff.post(ONE, {"brand": "Acme"}, follow=True)
    assert "updated, not doubled" in shown(answer)
    assert "It is being looked into now" in shown(staff.get(ONE, {"brand": "Acme"}))
    assert "2 contacts known" not in shown(staff.get(ONE, {"brand": "Acme", "website": "other.example"}))


def test_the_page_says_which_sources_run_and_why_others_do_not(staff: Client, settings: Any) -> None:
    settings.ENRICHMENT_SOURCES = []
    text = shown(staff.get(ONE))
    asked, not_asked = text.split("What will not, and why")
    assert "Norway&#x27;s register" in asked
    assert "Brave Search" not in asked
    assert "Set BRAVE_API_KEY to ask it." in not_asked
    settings.ENRICHMENT_SOURCES = ["website", "brave"]
    assert "No discovery can run: A source that is named needs BRAVE_API_KEY" in shown(staff.get(ONE))


def test_what_is_left_stands_beside_the_form(staff: Client, settings: Any) -> None:
    settings.ENRICHMENT_LIMIT_PARALLEL_JOBS = 7
    staff.post(ONE, {"brand": "Acme"})
    assert "<dt>Jobs at once</dt><dd><b>6</b> of 7" in shown(staff.get(ONE))
    assert "<dt>Discoveries in 24 h</dt><dd><b>99</b> of 100" in shown(staff.get(ONE))


# Regions ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "published", "guessed"), [("US", "allow", "allow"), ("DE", "block", "block"), ("AU", "hold", "block")]
)
def test_a_regions_rule_is_explained(staff: Client, code: str, published: str, guessed: str) -> None:
    rule = staff.get(REGION, {"region": code}).context["rule"]
    assert (rule.published, rule.guessed) == (published, guessed)
    text = shown(staff.get(REGION, {"region": code}))
    assert "This is not legal advice." in text
    assert 'rel="noreferrer noopener"' in text
    assert f"/discover/?region={code}" in text
    part = staff.get(REGION, {"region": code}, headers={"HX-Request": "true", "HX-Target": "region-rule"})
    assert "<html" not in part.content.decode()
    assert rule.reasons[0] in part.content.decode()


def test_every_country_can_be_chosen_and_one_without_a_rule_is_held(staff: Client) -> None:
    text = shown(staff.get(ONE))
    assert text.count("<option value=") >= 249
    assert '<option value="BO">Bolivia</option>' in text
    assert "We have no rule for this country." in shown(staff.get(REGION, {"region": "BO"}))
    assert "is held until a person has decided" in shown(staff.get(REGION, {"region": "nowhere"}))


# Many ---------------------------------------------------------------------------------------------------------------

LIST = """Brand;Website;LinkedIn URL;Country;Employees
Acme, Inc.;acme.example;linkedin.com/company/acme;Germany;12
Beta;;;;
beta GmbH;;;US;
Gamma;http://;https://example.com;Nowhere;
;delta.example;;;
"""


def words(answer: Any) -> list[str]:
    return [row.word for row in answer.context["rows"]]


def test_a_list_is_looked_at_line_by_line_before_anything_starts(staff: Client) -> None:
    answer = staff.post(MANY, {"text": LIST})
    assert words(answer) == ["Will start", "Will start", "Twice", "To correct", "Will start"]
    assert answer.context["rows"][0].line.request.region == "DE"
    assert answer.context["rows"][4].line.request.brand_name == "delta.example"
    text = shown(answer)
    assert "The same brand as in line 3." in text
    assert "The LinkedIn URL must be a company page" in text
    assert "This is no country" in text
    assert "These columns are not used: Employees." in text
    assert "Start 3 discoveries" in text
    assert answer.context["form"].initial["text"] == LIST.strip()
    assert not EnrichmentJob.objects.exists()


def test_what_was_not_started_stays_in_the_field(staff: Client, settings: Any) -> None:
    settings.ENRICHMENT_LIMIT_PARALLEL_JOBS = 2
    assert words(staff.post(MANY, {"text": LIST}))[-1] == "No room now"
    answer = staff.post(MANY, {"text": LIST, "start": "1"})
    assert answer.status_code == 200
    assert words(answer) == ["Started", "Started", "Twice", "To correct", "Not started"]
    assert set(EnrichmentJob.objects.values_list("brand_name", flat=True)) == {"Acme, Inc.", "Beta"}
    header, _, _, *rest = LIST.strip().split("\n")
    assert answer.context["form"].initial["text"].split("\n") == [header, *rest]
    text = shown(answer)
    assert "2 of 5 started" in text
    assert "2 of 2 jobs of one user are under way." in text
    again = staff.post(MANY, {"text": "Alpha", "start": "1"})
    assert (again.status_code, again.context["form"].initial["text"]) == (429, "Alpha")


def test_sending_a_list_twice_starts_its_jobs_once(staff: Client) -> None:
    sent = {"text": "Acme\nBeta", "start": "1", "once": staff.get(MANY).context["once"]}
    first = staff.post(MANY, sent)
    EnrichmentJob.objects.update(status=JobStatus.COMPLETED)
    second = staff.post(MANY, sent)
    assert [row.job for row in first.context["rows"]] == [row.job for row in second.context["rows"]]
    assert EnrichmentJob.objects.count() == 2


def test_a_brand_that_is_being_looked_into_is_not_started_again(staff: Client) -> None:
    job = JobFactory(brand=BrandFactory(name="Acme", name_key="acme"))
    answer = staff.post(MANY, {"text": "Acme\nBeta", "start": "1"})
    assert words(answer) == ["Under way", "Started"]
    assert answer.context["rows"][0].job == str(job.pk)


def test_one_brands_limit_does_not_stop_the_others(staff: Client, settings: Any) -> None:
    settings.ENRICHMENT_LIMIT_BRAND_JOBS = 1
    staff.post(ONE, {"brand": "Acme"})
    EnrichmentJob.objects.update(status=JobStatus.COMPLETED)
    answer = staff.post(MANY, {"text": "Acme\nBeta", "start": "1"})
    assert words(answer) == ["Not started", "Started"]
    assert "discoveries of this brand" in shown(answer)


def test_when_redis_is_gone_the_list_stays(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_args: Any) -> None:
        raise RedisGone

    monkeypatch.setattr("enrichment.limits.gate", gone)
    answer = staff.post(MANY, {"text": "Acme\nBeta", "start": "1"})
    assert (answer.status_code, words(answer)) == (503, ["Not started", "Not started"])
    assert answer.context["form"].initial["text"] == "Acme\nBeta"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_in_any_usual_encoding_is_read(staff: Client, encoding: str) -> None:
    file = SimpleUploadedFile("brands.csv", "Name\tWeb site\r\nMüller\tmueller.example\r\n".encode(encoding))
    answer = staff.post(MANY, {"text": "", "file": file})
    assert answer.context["rows"][0].line.request.brand_name == "Müller"
    assert answer.context["rows"][0].line.request.domain == "mueller.example"
    assert answer.context["form"].initial["text"] == "Name\tWeb site\nMüller\tmueller.example"


@pytest.mark.parametrize(
    ("text", "content", "field", "sentence"),
    [
        ("", None, "text", "Paste a list"),
        ("", b"", "text", "Paste a list"),
        ("Acme", b"Beta", "file", "There is a list in the field already"),
        ("", b"PK\x03\x04\0\0", "file", "save the sheet as CSV"),
        ("", b"\x7fELF\x01\0\0\x02\0", "file", "This is no text file"),
        ("", b"a" * 1_000_001, "file", "larger than 1 MB"),
        ("a" * 1_000_001, None, "text", "longer than 1 MB"),
    ],
)
def test_what_is_no_list_is_said_beside_its_field(
    staff: Client, text: str, content: bytes | None, field: str, sentence: str
) -> None:
    sent: dict[str, Any] = {"text": text}
    if content is not None:
        sent["file"] = SimpleUploadedFile("brands.csv", content)
    answer = staff.post(MANY, sent)
    assert answer.status_code == 400
    assert sentence in str(answer.context["form"].errors[field])
    assert answer.context["form"]["text"].value() == text


def test_a_list_of_more_than_a_hundred_keeps_the_rest(staff: Client, settings: Any) -> None:
    settings.ENRICHMENT_LIMIT_PARALLEL_JOBS = 1
    text = "\n".join(f"Brand {number}" for number in range(1, 151))
    answer = staff.post(MANY, {"text": text})
    assert len(answer.context["rows"]) == 100
    assert "50 more stay in the field" in shown(answer)
    left = staff.post(MANY, {"text": text, "start": "1"}).context["form"].initial["text"]
    assert left.split("\n") == [f"Brand {number}" for number in range(2, 151)]


@pytest.mark.parametrize(
    ("line", "understood"),
    [
        ("Acme", ("Acme", None, None, None)),
        ("Acme, Inc.", ("Acme, Inc.", None, None, None)),
        ("Acme, AG, acme.example, CH", ("Acme, AG", "acme.example", None, "CH")),
        ("Acme,,,de", ("Acme", None, None, "DE")),
        ("Acme, United Kingdom", ("Acme", None, None, "GB")),
        ('"Smith, Jones & Co";sj.example', ("Smith, Jones & Co", "sj.example", None, None)),
        ("Acme\thttps://www.linkedin.com/company/acme/\tFrance", ("Acme", None, "acme", "FR")),
        ("https://www.acme.example/about", ("acme.example", "acme.example", None, None)),
        (",https://www.acme.example/about", ("acme.example", "acme.example", None, None)),
        ("acme.example", ("acme.example", "acme.example", None, None)),
        ("Dr.Oetker", ("Dr.Oetker", None, None, None)),
        ("Acme, something else", None),
        ("Acme, a.example, b.example", None),
        ('"Acme', None),
    ],
)
def test_without_a_header_cells_are_told_apart_by_their_form(line: str, understood: tuple[Any, ...] | None) -> None:
    (found,) = brand_lists.parse(line).lines
    if understood is None:
        assert found.problems
        assert found.raw == line
        return
    name, domain, linkedin, region = understood
    request = found.request
    assert request is not None, found.problems
    assert (request.brand_name, request.domain, request.region) == (name, domain, region)
    assert request.linkedin_company_url == (linkedin and f"https://www.linkedin.com/company/{linkedin}")


def test_records_over_several_lines_and_broken_ones_keep_their_text() -> None:
    text = 'sep=;\nCompany;Name;URL\n"Acme\nHoldings";Ada Example;acme.example\n\n"Open;;\nBeta;;'
    found = brand_lists.parse(text)
    assert [line.number for line in found.lines] == [3, 6, 7]
    assert found.ignored == ["Name"]
    assert [line.is_good for line in found.lines] == [True, False, True]
    assert found.without({3}) == 'Company;Name;URL\n"Open;;\nBeta;;'
    assert found.without({3, 6, 7}) == ""


def test_one_name_at_two_domains_is_two_brands() -> None:
    lines = brand_lists.parse("Acme, a.example\nAcme, b.example\nACME Ltd\nOther, b.example").lines
    assert [line.repeats for line in lines] == [0, 0, 1, 2]


@pytest.mark.parametrize("url", [ONE, MANY, REGION])
def test_whoever_may_not_start_discoveries_gets_403(reviewer: Client, client: Client, url: str) -> None:
    answer = reviewer.get(url)
    assert answer.status_code == 403
    assert "lacks the permission" in answer.content.decode()
    assert client.get(url).status_code == 302


@pytest.mark.parametrize("url", [ONE, MANY, REGION])
def test_pages_have_no_style_or_script_of_their_own(staff: Client, url: str) -> None:
    text = staff.get(url, {"brand": "Acme", "region": "DE"}).content.decode()
    assert " style=" not in text
    assert " onclick=" not in text
    assert text.count("<h1>") == 1
