"""People go in, proven addresses come out: a few teach the pattern, and nobody is asked more than it takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from threading import Event

import pytest
import time_machine
from django.utils import timezone

from core import dns, http
from crm import suppression
from enrichment import domain_profiles, outcomes, pipeline, providers, proving
from enrichment.discovery import registry
from enrichment.discovery.base import Brand, Context, Findings, Person
from enrichment.discovery.breakers import Breakers
from enrichment.emails.patterns import Known
from enrichment.emails.providers.base import Found
from enrichment.models import AddressCheck, DomainProfile, EnrichedContact, EnrichmentJob, ProviderUsage
from enrichment.proving import Proved, Sought, Team
from enrichment.teams import MOST_PROBED
from enrichment.verifying import Means
from tests.factories import JobFactory
from tests.kit import providers as kit
from tests.kit.mail import Mail, mail
from tests.kit.providers import BODIES, DOMAIN, EMAIL, PAGE, Providers, hunter_error
from tests.kit.web import Request

pytestmark = pytest.mark.django_db

SERVERS, PAID, ALL = Means(smtp=True), Means(providers=True), Means(smtp=True, providers=True)
NAMES = ("Ada Moss", "Bo Fern", "Cy Reed", "Dan Hill", "Eve Lake", "Fay Pool", "Gus Wood", "Hal Dale")
PEOPLE = [Sought(*name.split()) for name in NAMES]


@pytest.fixture
def running(settings) -> Iterator[Mail]:
    """A mail server of domains that form addresses as `amoss`."""
    accepted = [f"{sought.first_name[0]}{sought.last_name}".lower() for sought in PEOPLE]
    with mail(settings, {f"{local}@acme.example": "250 OK" for local in accepted}) as running:
        yield running


def prove(people: Sequence[Sought], means: Means = SERVERS, *, domain: str = "acme.example", **options) -> Proved:
    (proved,) = prove_teams([Team(people, domain, options.pop("known", ()))], means, **options)
    return proved


def prove_teams(teams: Sequence[Team], means: Means = SERVERS, **options) -> list[Proved]:
    published = [sought.published for team in teams for sought in team.people if sought.published]
    domains = {team.domain for team in teams if team.domain} | {address.partition("@")[2] for address in published}
    profiles = domain_profiles.load(domains, dns.from_settings(), http.config_from_settings().allowed)
    return proving.prove(teams, profiles, means, **options)


def best(proved: Proved) -> list[str]:
    return [candidates[0].email.partition("@")[0] for candidates in proved.candidates]


def asked_of(running: Mail, sought: Sought) -> list[str]:
    """Return the guesses asked about for one person (their surnames are in all of those that are likely)."""
    return [name for name in running.names if sought.last_name.lower() in name]


# Mail servers -------------------------------------------------------------------------------------


def test_without_means_nobody_is_asked(running: Mail) -> None:
    proved = prove(PEOPLE, Means())
    assert best(proved)[:2] == ["ada.moss", "bo.fern"]
    assert (running.server.commands, proved.learnt) == ([], [])


def test_the_answers_about_a_few_teach_the_pattern_for_everybody_else(running: Mail) -> None:
    proved = prove(PEOPLE)
    assert best(proved) == ["amoss", "bfern", "creed", "dhill", "elake", "fpool", "gwood", "hdale"]
    assert {candidates[0].method for candidates in proved.candidates} == {"smtp_ping"}
    assert [len(asked_of(running, sought)) for sought in PEOPLE] == [2, 2, 2, 1, 1, 1, 1, 1]
    assert len(running.names) == 11 + 1, "and one made-up name"
    taught = {pair.email.partition("@")[0]: pair.right for pair in proved.learnt}
    assert (taught["amoss"], taught["ada.moss"], taught["hdale"]) == (True, False, True)
    assert {pair.source for pair in proved.learnt} == {"smtp"}
    assert "DATA" not in running.server.verbs


def test_nobody_is_asked_about_without_end(running: Mail) -> None:
    running.replies.clear()
    for _ in range(2):
        prove(PEOPLE)
        assert len(running.names) == len(set(running.names)) == MOST_PROBED * len(PEOPLE)


def test_who_is_settled_is_not_asked_about(running: Mail) -> None:
    prove(PEOPLE[:1])
    outcomes.record("bo.fern@acme.example", "replied")
    heard = len(running.names)
    proved = prove(PEOPLE[:2])
    assert best(proved) == ["amoss", "bo.fern"]
    assert len(running.names) == heard


def test_what_was_said_long_ago_is_asked_again(running: Mail) -> None:
    prove(PEOPLE[:1])
    running.replies["amoss@acme.example"] = "550 5.1.1 No such user"
    with time_machine.travel(timezone.now() + timedelta(days=300)):
        (candidates,) = prove(PEOPLE[:1]).candidates
    assert next(item for item in candidates if item.email == "amoss@acme.example").smtp_passed is False


GONE = Sought("Ada", "Moss", "ada.moss@acme.example", "https://acme.example/team")


@pytest.mark.parametrize("place", [0, 5])
def test_where_the_published_address_is_gone_the_next_guesses_are_tried(running: Mail, place) -> None:
    """Whichever wave the person is in."""
    people = PEOPLE[1:6]
    people.insert(place, GONE)
    candidates = prove(people).candidates[place]
    assert (candidates[0].email, candidates[0].smtp_passed) == ("amoss@acme.example", True)
    refused = next(item for item in candidates if item.generation == "published")
    assert (refused.smtp_passed, refused.score) == (False, 10)


def test_they_are_tried_even_where_the_others_teach_nothing(settings) -> None:
    replies = {"ada.moss@acme.example": "550 5.1.1 No such user", "amoss@acme.example": "250 OK"}
    domain_profiles.save_catch_all({"acme.example": False})
    with mail(settings, replies, otherwise="450 4.2.0 Greylisted"):
        candidates = prove([*PEOPLE[1:6], GONE]).candidates[5]
    assert (candidates[0].email, candidates[0].smtp_passed) == ("amoss@acme.example", True)


def test_that_a_published_address_is_gone_says_nothing_against_the_pattern(running: Mail) -> None:
    proved = prove([GONE])
    assert running.names[0] == "ada.moss"
    assert "ada.moss@acme.example" not in {pair.email for pair in proved.learnt}


def test_a_published_address_that_works_is_settled_by_one_question_and_teaches(running: Mail) -> None:
    proved = prove([Sought("Ada", "Moss", "amoss@acme.example"), *PEOPLE[3:]])
    assert asked_of(running, PEOPLE[0]) == ["amoss"]
    assert asked_of(running, PEOPLE[7]) == ["hdale"]
    assert ("amoss@acme.example", True) in {(pair.email, pair.right) for pair in proved.learnt}


def test_a_domain_that_takes_every_address_proves_nothing_and_is_asked_once(settings) -> None:
    with mail(settings, otherwise="250 OK") as running:
        proved = prove(PEOPLE)
        assert len(running.names) == 2, "one guess, and one made-up name"
        prove(PEOPLE)
        assert len(running.names) == 2
    tops = [candidates[0] for candidates in proved.candidates]
    assert [(top.score <= 79, top.smtp_passed, top.method) for top in tops] == [(True, None, "mx_check")] * len(PEOPLE)
    assert proved.learnt == []
    assert DomainProfile.objects.get().catch_all is True


def test_important_people_come_first(running: Mail) -> None:
    people = [Sought(item.first_name, item.last_name, important=item is PEOPLE[7]) for item in PEOPLE]
    prove(people)
    assert running.names[0] == "hal.dale"


def test_a_team_is_not_mixed_up_with_another(running: Mail) -> None:
    running.replies |= {"ada.moss@other.example": "250 OK"}
    first, second, third = prove_teams(
        [Team(PEOPLE[:2], "acme.example"), Team(PEOPLE[:1], "other.example"), Team(PEOPLE[:1], None)]
    )
    assert (best(first), best(second)) == (["amoss", "bfern"], ["ada.moss"])
    assert third.candidates == [[]]
    assert {pair.email.partition("@")[2] for pair in second.learnt} == {"other.example"}


def test_nobody_is_asked_about_who_may_be_on_the_suppression_list(running: Mail) -> None:
    suppression.add(["ada@acme.example"], "objection")
    prove(PEOPLE[:2])
    assert asked_of(running, PEOPLE[0]) == []
    assert asked_of(running, PEOPLE[1]) == ["bo.fern", "bfern"]


def test_without_time_nobody_is_asked(running: Mail) -> None:
    assert best(prove(PEOPLE, seconds=0)) == best(prove(PEOPLE, Means()))
    assert running.server.commands == []
    assert not AddressCheck.objects.exists()


def test_many_teams_take_no_query_each(running: Mail, django_assert_max_num_queries) -> None:
    teams = [Team(PEOPLE[:1], f"acme{n}.example") for n in range(60)]
    with django_assert_max_num_queries(40):
        prove_teams(teams)


# What they leave open --------------------------------------------------------------------------------


def said(proved: Proved) -> dict[str, str]:
    assert {note.source for note in proved.diagnostics} <= {"smtp"}
    assert "@" not in str(proved.diagnostics)
    return {note.code: note.sentence for note in proved.diagnostics}


def test_of_what_they_told_nothing_is_said(running: Mail) -> None:
    assert said(prove(PEOPLE)) == {}


@pytest.mark.parametrize(
    ("reply", "counts"),
    [
        ("450 4.2.0 Greylisted", {"temporary": MOST_PROBED * len(PEOPLE)}),
        ("451 4.3.0 Try again", {"temporary": MOST_PROBED * len(PEOPLE)}),
        ("554 5.7.1 Your address is on a block list", {"paused": MOST_PROBED * len(PEOPLE) - 1, "servers_block": 1}),
        ("250 OK", {"catch_all": MOST_PROBED * len(PEOPLE)}),
    ],
)
def test_what_they_leave_open_is_counted_and_why(settings, reply, counts) -> None:
    with mail(settings, otherwise=reply):
        first, again = said(prove(PEOPLE)), said(prove(PEOPLE))
    assert {code: f": {count}." in first[code] for code, count in counts.items()} == dict.fromkeys(first, True)
    assert again == first, "what is kept counts too"
    assert ("(acme.example)" in str(first)) == ("paused" in first)


def test_a_hidden_directory_is_named(running: Mail) -> None:
    DomainProfile.objects.create(
        domain="acme.example",
        mx_status="found",
        mx_hosts=["acme-example.mail.protection.outlook.com"],
        mx_checked_at=timezone.now(),
        catch_all=True,
        catch_all_checked_at=timezone.now(),
    )
    notes = said(prove(PEOPLE[:1]))
    assert list(notes) == ["directory_hidden"]
    assert f"(microsoft): {MOST_PROBED}." in notes["directory_hidden"]


def test_where_no_mail_server_can_be_reached_the_port_is_named(running: Mail, settings, monkeypatch) -> None:
    settings.ENRICHMENT_SMTP_PORT = 1  # where nobody listens
    job = discover(monkeypatch, *(Person(item.first_name, item.last_name, "CEO") for item in PEOPLE[:2]))
    (note,) = job.diagnostics
    assert (note["code"], note["source"]) == ("servers_unreachable", "smtp")
    assert f": {2 * MOST_PROBED}." in note["sentence"]
    assert "port 25" in note["sentence"]
    assert said(prove(PEOPLE[:2], Means(), domain=DOMAIN)) == {}, "who does not ask wants to know nothing of it"


def test_a_firewall_that_swallows_everything_shows_as_unreachable_too(running: Mail) -> None:
    let_go = Event()
    running.replies |= {f"{local}@acme.example": lambda: str(let_go.wait(30)) for local in ("ada.moss", "amoss")}
    try:
        assert list(said(prove(PEOPLE[:1], seconds=0.5))) == ["servers_unreachable"]
    finally:
        let_go.set()


# Providers ---------------------------------------------------------------------------------------

FINDER, SEARCH, COUNT = "/v2/email-finder", "/v2/domain-search", "/v2/email-count"
NOTHING = {COUNT: {"data": {"total": 0, "personal_emails": 0}}}
INES = Sought("Ines", "Fontana")
COLLEAGUES = [Known(f"P{n} Roe", f"p{n}.roe@{DOMAIN}") for n in range(2)]


@pytest.fixture
def hunter(settings, running: Mail, monkeypatch) -> Iterator[Providers]:
    monkeypatch.setattr(providers, "BREAKERS", Breakers())
    with kit.providers("hunter") as hunter:
        settings.ENRICHMENT_PROVIDER_ACCESS = hunter.access
        settings.ENRICHMENT_PROVIDERS = ["hunter"]
        hunter.say("hunter", NOTHING)
        yield hunter


def finder_calls(hunter: Providers) -> int:
    return hunter.asked("hunter").count(FINDER)


def test_what_a_provider_finds_is_taken_with_its_evidence(hunter: Providers) -> None:
    proved = prove([INES], PAID, domain=DOMAIN)
    top = proved.candidates[0][0]
    assert (top.email, top.method, top.api_source) == (EMAIL, "api", "hunter")
    assert [item.url for item in proved.found[0].evidence] == [PAGE]
    assert proved.diagnostics == []


def test_providers_are_asked_about_the_important_people_who_are_open_and_nobody_else(
    hunter: Providers, running: Mail
) -> None:
    running.replies[f"ada.moss@{DOMAIN}"] = "250 OK"
    people = [PEOPLE[0], Sought("Bo", "Fern", important=False), Sought("Cher", ""), INES]
    proved = prove(people, ALL, domain=DOMAIN)
    assert proved.candidates[0][0].email == f"ada.moss@{DOMAIN}"
    assert [path for path in hunter.webs["hunter"].paths if path.startswith(FINDER)] == [
        f"{FINDER}?domain={DOMAIN}&first_name=Ines&last_name=Fontana"
    ]


def test_a_domain_of_which_little_is_known_is_asked_about_and_teaches(hunter: Providers) -> None:
    hunter.say("hunter", {})
    proved = prove([Sought("Zoe", "Brandt", important=False)], PAID, domain=DOMAIN, known=COLLEAGUES)
    assert hunter.asked("hunter") == [COUNT, SEARCH]
    assert [(pair.name, pair.source) for pair in proved.learnt] == [
        ("Marta Lindqvist", "provider"), ("Jonas Okafor", "provider"),
    ]  # fmt: skip
    assert proved.candidates[0][0].method == "pattern"


def test_a_domain_that_is_known_well_is_not(hunter: Providers) -> None:
    known = [*COLLEAGUES, Known("Cy Poe", f"cy.poe@{DOMAIN}")]
    prove([Sought("Zoe", "Brandt", important=False)], PAID, domain=DOMAIN, known=known)
    assert hunter.asked("hunter") == []
    refused = [*COLLEAGUES, Known("Cy Poe", f"cpoe@{DOMAIN}", right=False)]
    prove([Sought("Zoe", "Brandt", important=False)], PAID, domain=DOMAIN, known=refused)
    assert hunter.asked("hunter") == [COUNT]


ZOE = Sought("Zoe", "Brandt", important=False)


@pytest.mark.parametrize("bodies", [{}, NOTHING])
def test_a_domain_is_asked_about_once_a_month(hunter: Providers, bodies) -> None:
    hunter.say("hunter", bodies)
    prove([ZOE], PAID, domain=DOMAIN)
    paid = hunter.asked("hunter")
    assert paid[0] == COUNT
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        prove([ZOE], PAID, domain=DOMAIN)
    assert hunter.asked("hunter") == paid
    assert {entry["name"] for entry in DomainProfile.objects.get().known_addresses} == (
        {"Marta Lindqvist", "Jonas Okafor"} if bodies == {} else set()
    ), "what was paid for is kept"
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        prove([ZOE], PAID, domain=DOMAIN)
    assert hunter.asked("hunter") == paid * 2


def test_it_is_asked_about_sooner_where_all_is_to_be_asked_anew(hunter: Providers) -> None:
    for _ in range(2):
        proving.find("Zoe", "Brandt", DOMAIN, Means(providers=True, fresh=True))
    assert hunter.asked("hunter").count(COUNT) == 2


def test_a_provider_that_failed_was_not_asked(hunter: Providers) -> None:
    hunter.say("hunter", {COUNT: hunter_error(500)})
    assert [note.source for note in prove([ZOE], PAID, domain=DOMAIN).diagnostics] == ["hunter"]
    hunter.say("hunter", {})
    assert len(prove([ZOE], PAID, domain=DOMAIN).learnt) == 2


def test_who_is_looked_for_is_not_kept_from_what_is_known_of_the_domain(hunter: Providers) -> None:
    hunter.say("hunter", {})
    proved = proving.find("Marta", "Lindqvist", DOMAIN, PAID)
    assert {pair.name for pair in proved.learnt} == {"Marta Lindqvist", "Jonas Okafor"}
    assert [entry["name"] for entry in DomainProfile.objects.get().known_addresses] == ["Jonas Okafor"]


def test_beyond_the_budget_nobody_is_asked_and_that_is_said_once(hunter: Providers, settings) -> None:
    settings.ENRICHMENT_PROVIDER_BUDGET = [
        "hunter=2"
    ]  # a search, which may be of two pages and is of one, and one person
    hunter.say("hunter", {FINDER: hunter_error(404)})
    proved = prove([Sought("Kim", f"Stone{letter}") for letter in "abcd"], PAID, domain=DOMAIN, known=COLLEAGUES)
    assert finder_calls(hunter) == 1
    assert sum(ProviderUsage.objects.values_list("calls", flat=True)) == 2
    assert [note.code for note in proved.diagnostics] == ["budget"]


def test_what_a_provider_found_is_asked_of_the_mail_server(hunter: Providers, running: Mail) -> None:
    odd = {"first_name": "Ines", "last_name": "Fontana", "email": f"fi7@{DOMAIN}", "score": 90, "sources": []}
    hunter.say("hunter", {FINDER: {"data": odd}, **NOTHING})
    running.replies[f"fi7@{DOMAIN}"] = "250 OK"
    top = prove([INES], ALL, domain=DOMAIN).candidates[0][0]
    assert (top.email, top.smtp_passed, top.generation, top.api_source) == (
        f"fi7@{DOMAIN}", True, "api_enrichment", "hunter",
    )  # fmt: skip
    assert running.names.index("fi7") == MOST_PROBED, "after the guesses"


def test_what_a_provider_gave_lately_is_not_paid_for_again(hunter: Providers) -> None:
    given = Found(f"fi7@{DOMAIN}", "hunter", 0.5, (), None, timezone.now() - timedelta(days=3))
    sought = Sought("Ines", "Fontana", found=given)
    proved = prove([sought], PAID, domain=DOMAIN)
    assert "fi7" in {item.email.partition("@")[0] for item in proved.candidates[0]}
    assert finder_calls(hunter) == 0
    prove([sought], Means(providers=True, fresh=True), domain=DOMAIN)
    assert finder_calls(hunter) == 1
    with time_machine.travel(timezone.now() + timedelta(days=40)):
        prove([sought], PAID, domain=DOMAIN)
    assert finder_calls(hunter) == 2


def test_a_providers_check_of_what_it_found_is_kept(hunter: Providers) -> None:
    prove([INES], PAID, domain=DOMAIN)
    proved = prove([INES], Means(), domain=DOMAIN)
    assert (proved.candidates[0][0].method, [check.by for check in proved.candidates[0][0].checks]) == (
        "api",
        ["hunter"],
    )


def test_somebody_is_told_before_each_request(hunter: Providers) -> None:
    told: list[int] = []
    hunter.say("hunter", {FINDER: hunter_error(404), **NOTHING})
    prove(PEOPLE[:2], PAID, domain=DOMAIN, tick=lambda: told.append(len(hunter.asked("hunter"))))
    assert told == [0, 1, 2]


def test_who_objected_with_a_provider_is_suppressed_and_nobody_else_is_asked(hunter: Providers, running: Mail) -> None:
    hunter.say("hunter", {FINDER: hunter_error(451), **NOTHING})
    proved = prove([INES], ALL, domain=DOMAIN)
    assert [note.code for note in proved.diagnostics] == ["objected"]
    assert suppression.suppressed([best(proved)[0] + f"@{DOMAIN}"])
    heard = len(running.names)
    prove([INES], ALL, domain=DOMAIN)
    assert (len(running.names), finder_calls(hunter)) == (heard, 1)


# One person -----------------------------------------------------------------------------------------


def test_a_person_who_is_no_contact_leaves_nothing_behind_but_fingerprints(running: Mail) -> None:
    proved = proving.find("Ada", "Moss", "acme.example", SERVERS)
    assert best(proved) == ["amoss"]
    profile = DomainProfile.objects.get()
    assert (profile.mx_status, profile.catch_all, profile.known_addresses) == ("found", False, [])
    assert AddressCheck.objects.count() == 2
    assert not EnrichedContact.objects.exists()


def test_what_a_provider_knows_of_colleagues_is_kept_for_the_next(hunter: Providers) -> None:
    hunter.say("hunter", {})
    proving.find("Ines", "Fontana", DOMAIN, PAID)
    names = [entry["name"] for entry in DomainProfile.objects.get().known_addresses]
    assert names == ["Marta Lindqvist", "Jonas Okafor"]
    known = [Known("Cy Poe", f"cy.poe@{DOMAIN}")]
    proving.find("Zoe", "Brandt", DOMAIN, PAID, known=known)
    assert hunter.asked("hunter").count(SEARCH) == 1


# Within a job ---------------------------------------------------------------------------------------


@dataclass
class Says:
    """A source that finds these people."""

    people: tuple[Person, ...]
    name: str = "website"
    seconds: float = 60.0

    def find(self, brand: Brand, context: Context) -> Findings:
        return Findings(self.people)


def discover(monkeypatch, *people: Person) -> EnrichmentJob:
    monkeypatch.setattr(registry, "sources", lambda _names, _configuration: [Says(people)])
    job = JobFactory(brand_website=f"https://{DOMAIN}/")
    assert pipeline.run(job.pk)
    job.refresh_from_db()
    assert job.status == "completed", job.error_message
    return job


def test_a_job_leaves_out_who_objected_with_a_provider(hunter: Providers, settings, monkeypatch) -> None:
    settings.ENRICHMENT_SMTP_PROBE = False

    def finder(request: Request) -> object:
        return hunter_error(451 if "Ines" in request.path else 404)

    hunter.say("hunter", {FINDER: finder, **NOTHING})
    people = [Person(first, last, "CEO", decision_maker=True) for first, last in (("Ines", "Fontana"), ("Bo", "Fern"))]
    job = discover(monkeypatch, *people)
    assert [contact.first_name for contact in EnrichedContact.objects.all()] == ["Bo"]
    assert [entry["code"] for entry in job.diagnostics] == ["objected", "suppressed_people"]
    assert "Ines" not in str(job.diagnostics)


def test_what_providers_cannot_do_is_said_with_the_job(hunter: Providers, settings, monkeypatch) -> None:
    settings.ENRICHMENT_SMTP_PROBE = False
    hunter.say("hunter", {FINDER: hunter_error(401), COUNT: hunter_error(401)})
    job = discover(monkeypatch, Person("Ines", "Fontana", "CEO", decision_maker=True))
    assert {entry["source"] for entry in job.diagnostics} == {"hunter"}


def test_what_a_job_proves_is_remembered_of_the_domain(running: Mail, monkeypatch) -> None:
    running.replies[f"moss@{DOMAIN}"] = "250 OK"
    discover(monkeypatch, Person("Ada", "Moss", "CEO"))
    known = {entry["email"]: entry["right"] for entry in DomainProfile.objects.get().known_addresses}
    assert set(known.values()) == {False}, "the fifth guess is not asked about"
    running.replies[f"bo.fern@{DOMAIN}"] = "250 OK"
    discover(monkeypatch, Person("Bo", "Fern", "CTO"))
    known = {entry["email"]: entry["right"] for entry in DomainProfile.objects.get().known_addresses}
    assert known[f"bo.fern@{DOMAIN}"] is True


def test_what_a_provider_gave_is_not_bought_again_by_the_next_job(hunter: Providers, settings, monkeypatch) -> None:
    settings.ENRICHMENT_SMTP_PROBE = False
    unsure = BODIES["hunter"][FINDER]["data"] | {"score": 55, "verification": {"date": None, "status": None}}
    hunter.say("hunter", {**NOTHING, FINDER: {"data": unsure}})
    first = discover(monkeypatch, Person("Ines", "Fontana", "CEO", decision_maker=True))
    assert hunter.asked("hunter").count(FINDER) == 1
    bought = EnrichedContact.objects.get().emails.get(generation_method="api_enrichment")
    assert (bought.email, bought.api_source) == (EMAIL, "hunter")
    again = JobFactory(brand=first.brand, brand_name=first.brand_name, brand_website=first.brand_website)
    assert pipeline.run(again.pk)
    assert hunter.asked("hunter").count(FINDER) == 1
    assert EnrichedContact.objects.get().emails.filter(email_index=bought.email_index).exists()
