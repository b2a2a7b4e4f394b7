"""One job from top to bottom: sources side by side, one person from many findings, addresses, storage.

    claim -> sources -> dedupe -> known addresses and MX -> candidates -> suppression list
          -> address limit, store and complete (one transaction)

A region or a brand that may not be looked into ends the attempt before any request goes out.

Sources run in threads without the database; this thread keeps the lease alive, then works out and stores.
"""

import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from threading import Event
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import counts, dns, http
from core.domains import registrable_domain
from core.names import name_key
from crm import brands, facts, region_inference, regions, suppression
from enrichment import (
    attempts,
    contact_checks,
    domain_profiles,
    intake,
    jobs,
    kept_answers,
    known_addresses,
    limits,
    progress,
    providers,
    proving,
    screening,
    sources,
    store,
    verifying,
)
from enrichment.attempts import Progress
from enrichment.discovery import dedupe
from enrichment.discovery.answers import Answers
from enrichment.discovery.base import Brand, Context, Diagnostic, Evidence, Limits, Person
from enrichment.discovery.side_by_side import Discovered
from enrichment.emails.domains import domain_of, mail_domain
from enrichment.emails.patterns import Known
from enrichment.emails.providers.base import Found
from enrichment.emails.verification.mx import Mx
from enrichment.models import EnrichmentJob

log = structlog.get_logger(__name__)

TIME_LIMIT = (
    "The job took longer than {seconds} seconds and was stopped. Give a more specific website, or raise "
    "ENRICHMENT_JOB_TIME_LIMIT_SECONDS."
)
UNEXPECTED = (
    "Discovery stopped on an unexpected error ({kind}). Retry the job; if it fails again, look for {job} in the log."
)


NO_MAIL_DOMAIN = "No domain is known for this brand, so no address could be worked out: give its website."
MAIL_TROUBLE = {
    "null": "{domain} says that it takes no mail (null MX): look for the company's mail domain.",
    "none": "{domain} has no mail server: look for the company's mail domain.",
    "unknown": "The mail servers of {domain} could not be looked up just now: the scores are held back; run it again.",
}
REGION_RESTRICTED = (
    "The company sits in {country} ({how}), where discovery is refused (ENRICHMENT_RESTRICTED_REGIONS): nobody was "
    "kept. If it sits elsewhere, correct the brand's region and start again."
)
SUPPRESSED_DOMAIN = "{domain} is on the suppression list: nobody was looked for there."
SUPPRESSED_PEOPLE = "People left out for being on the suppression list: {count}."
VOLUME_LIMITED = (
    "{count} of the people found are stored without addresses: the limit of {limit} people in 24 hours{of_what} is "
    "reached. "
    "Start the discovery again later."
)


def run(job_id: uuid.UUID, say: Progress = lambda _text: None) -> bool:
    """Run one attempt of the job; False when it was not due or another worker holds it.

    Never raises for what happens inside the attempt: the job's row says how it went. `say` is told how far it is.
    """
    return attempts.run(job_id, lambda held: _attempt(held, say), out_of_time=TIME_LIMIT, unexpected=UNEXPECTED)


def _attempt(held: jobs.Claim, say: Progress) -> None:
    log.info("[ENRICHMENT JOB] Started job for brand", attempt=held.job.retry_count + 1)
    intake.refuse_restricted(held.job.region_code)
    brand = brand_of(held.job)
    if brand.domain and suppression.domain_suppressed(brand.domain):
        note = Diagnostic("suppressed_domain", SUPPRESSED_DOMAIN.format(domain=brand.domain), "suppression")
        stored = _store(held, _Result(diagnostics=[note]))
    else:
        with progress.watched(held, say) as watch:
            stored = _find_and_store(held, brand, watch)
    log.info("[EMAIL ENRICHMENT] Generated %d verified emails", stored.verified)
    log.info("[ENRICHMENT JOB] Completed: %d contacts, %d emails", stored.contacts, stored.addresses)


def _find_and_store(held: jobs.Claim, brand: Brand, watch: progress.Watch) -> store.Stored:
    answers = kept_answers.load(held.job.brand_id)
    found = discover(brand, watch, answers)
    where = _where(held.job, found.company)
    if intake.is_restricted(where.region):
        return _turn_away(held, where, found)
    watch.step(progress.PEOPLE, at_once=False)
    people = dedupe.merge(found.people, found.departed)
    published = [*(person.email for person in people if person.email), *found.addresses]
    domains = {domain_of(address) for address in published}
    log.info("[CONTACT DISCOVERY] Discovered %d unique domains", len(domains), people=len(people))

    watch.say(f"Working out addresses for {len(people)} people")
    watch.note(progress.PEOPLE, f"{len(people)} people")
    watch.step(progress.ADDRESSES)
    own = {brand.domain} if brand.domain else set()
    profiles = domain_profiles.load(domains | own, dns.from_settings(), http.config_from_settings().allowed)
    mx = {name: profile.mx for name, profile in profiles.items()}
    domain = mail_domain(brand.domain, published, mx)
    proved = _prove(held.job, people, domain, profiles, watch)
    people = [_with_evidence(person, proved.found.get(place)) for place, person in enumerate(people)]
    screened = screening.screen_people(list(zip(people, proved.candidates, strict=True)))
    diagnostics = [*found.diagnostics, *mail_diagnostics(domain, people, mx), *proved.diagnostics]
    if screened.left_out:
        sentence = SUPPRESSED_PEOPLE.format(count=len(screened.left_out))
        diagnostics.append(Diagnostic("suppressed_people", sentence, "suppression"))
    watch.step(progress.STORING)
    result = _Result(diagnostics, screened, list(profiles.values()), found.company, answers, proved.learnt, where)
    return _store(held, result)


def _where(job: EnrichmentJob, company: Sequence[Evidence]) -> store.Where:
    """Return where the people of a job work: as it was given or corrected by hand, else what the findings say."""
    brand = job.brand
    if job.region_code and (brand is None or not brand.region_code or job.options.get("region") == "given"):
        return store.Where(job.region_code, region_inference.given(job.created_at))
    if brand is None:
        return store.Where()
    claims, domain = [claim.as_json() for claim in company], brand_of(job).domain
    inferred = region_inference.infer(claims, domain or brand.domain, timezone.now())
    if inferred is None or not region_inference.is_better(inferred, brand.region_code, brand.region_basis):
        return store.Where(brand.region_code or None, brand.region_basis)
    return store.Where(inferred.region, inferred.basis)


def _turn_away(held: jobs.Claim, where: store.Where, found: Discovered) -> store.Stored:
    """Keep nobody: only now is it known that discovery is refused where the company sits."""
    region = where.region or ""
    sentence = REGION_RESTRICTED.format(
        country=regions.country_name(region), how=region_inference.sentence(where.basis) or "known before"
    )
    note = Diagnostic("region_restricted", sentence, "regions")
    stored = _store(held, _Result(diagnostics=[*found.diagnostics, note], company=found.company, where=where))
    if held.job.brand_id:
        with transaction.atomic():
            kept_answers.forget({held.job.brand_id})  # pages that name people
    counts.add(counts.REGION_REFUSED, region)
    return stored


def _prove(
    job: EnrichmentJob,
    people: Sequence[Person],
    domain: str | None,
    profiles: Mapping[str, domain_profiles.Profile],
    watch: progress.Watch,
) -> proving.Proved:
    """Work out everybody's addresses, renewing the lease while mail servers and providers are asked."""
    began = time.monotonic()
    means = verifying.Means(smtp=settings.ENRICHMENT_SMTP_PROBE, providers=bool(providers.from_settings()))

    def tick() -> None:
        watch.tick()
        watch.say(f"Proving the addresses of {len(people)} people ({time.monotonic() - began:.0f} s)")

    remembered = known_addresses.at(domain, {job.brand_id} if job.brand_id else ())
    published = domain_profiles.known_at(profiles, domain, people)
    known = {pair.email: pair for pair in [*published, *remembered]}
    found = contact_checks.found_before(job.brand_id)
    team = proving.Team([_sought(person, found) for person in people], domain, list(known.values()))
    (proved,) = proving.prove([team], profiles, means, tick=tick)
    return proved


def _sought(person: Person, found: Mapping[str, Found]) -> proving.Sought:
    published = next((item for item in person.evidence if item.field == "email"), None)
    return proving.Sought(
        person.first_name,
        person.last_name,
        person.email,
        published.url if published else None,
        person.decision_maker,
        found.get(name_key(person.first_name, person.last_name)),
    )


def _with_evidence(person: Person, found: Found | None) -> Person:
    return replace(person, evidence=(*person.evidence, *found.evidence)) if found else person


@dataclass(frozen=True, slots=True)
class _Result:
    """What a job has to write down."""

    diagnostics: Sequence[Diagnostic]
    screened: screening.Screened = field(default_factory=lambda: screening.Screened([], []))
    profiles: Sequence[domain_profiles.Profile] = ()
    company: Sequence[Evidence] = ()
    answers: Answers = field(default_factory=Answers)
    learnt: Sequence[Known] = ()
    where: store.Where | None = None


def _store(held: jobs.Claim, result: _Result) -> store.Stored:
    """Write everything down and complete the job, in one transaction."""
    diagnostics = result.diagnostics
    with jobs.fenced(held) as job:
        screened = _screened_again(job, result.screened)
        addressed, unaddressed, limit = _within_budget(job, screened.kept)
        if result.where is not None and result.where.region and result.where.basis:
            brands.locate(job.brand_id, result.where.region, result.where.basis)
        stored = store.save(job, addressed, result.where)
        # Of those left out, what earlier runs remembered goes.
        kept = [person for person, _ in screened.kept]
        domain_profiles.save(result.profiles, kept, screened.left_out, result.learnt)
        facts.record(job.brand_id, [item.as_json() for item in result.company])
        if not screened.left_out:  # the pages name them too
            kept_answers.save(job.brand_id, result.answers)
        if limit is not None:
            of_what = " of the API token" if limit.name in limits.TOKEN_LIMITS else ""
            sentence = VOLUME_LIMITED.format(count=unaddressed, limit=limit.limit, of_what=of_what)
            diagnostics = [*diagnostics, Diagnostic("volume_limited", sentence, "limits")]
        jobs.complete(
            job,
            discovered=stored.contacts,
            enriched=stored.enriched,
            diagnostics=diagnostics,
            volume_limited=unaddressed > 0,
        )
    if limit is not None:
        counts.add(counts.LIMIT_HIT, limit.name)
    return stored


def _screened_again(job: EnrichmentJob, screened: screening.Screened) -> screening.Screened:
    """Return whom to store, without those who objected or were erased since the first look.

    Whoever erases somebody puts their addresses on the list first, and then waits for the brand's lock.
    """
    store.lock_brand(job)
    again = screening.screen_people(screened.kept)
    return screening.Screened(again.kept, [*screened.left_out, *again.left_out])


def _within_budget(
    job: EnrichmentJob, people: Sequence[store.Addressed]
) -> tuple[Sequence[store.Addressed], int, limits.Budget | None]:
    """Take addresses away from those beyond the user's limit, decision-makers served first.

    Return whom it leaves addresses, from how many they were taken, and which limit was reached, if one was. A job
    without a user has no limit. Call in the job's transaction: what is used is written down in it.
    """
    if job.created_by is None:
        return people, 0, None
    wanting = [index for index, (_, candidates) in enumerate(people) if candidates]
    wanting.sort(key=lambda index: (not people[index][0].decision_maker, -people[index][0].confidence))
    token = jobs.token_of(job)
    budget = limits.hold_addresses(job.created_by, token)
    served = set(wanting[: budget.remaining])
    limits.use_addresses(job.created_by, len(served), job.brand, token)
    addressed = [(person, candidates if index in served else []) for index, (person, candidates) in enumerate(people)]
    return addressed, len(wanting) - len(served), budget if len(served) < len(wanting) else None


def brand_of(job: EnrichmentJob) -> Brand:
    """Return the job's brand as the sources take it."""
    return Brand(
        name=job.brand_name or "",
        website=job.brand_website,
        domain=registrable_domain(urlsplit(job.brand_website or "").hostname or ""),
        linkedin_company_url=job.linkedin_company_url,
        region=job.region_code,
    )


def discover(brand: Brand, watch: progress.Watch, answers: Answers) -> Discovered:
    """Ask every source that is switched on, side by side, renewing the lease meanwhile.

    A source that fails is named in the diagnostics. Raises ClaimLost when the job was taken away, and the
    first source's error when every one of them failed unexpectedly.
    """
    chosen = sources.from_settings()
    limits = Limits(settings.ENRICHMENT_CRAWL_MAX_PAGES, settings.ENRICHMENT_CRAWL_MAX_SECONDS)
    stopped = Event()
    with closing(http.from_settings()) as client:
        context = Context(client, limits, stopped.is_set, answers=answers)
        try:
            every = min(1.0, jobs.lease().total_seconds() / 4)
            found = sources.side_by_side().ask(chosen, brand, context, watch.sources, every)
        finally:
            stopped.set()
    if found.crashes:
        raise found.crashes[0]
    return found


def mail_diagnostics(domain: str | None, people: Sequence[Person], mx: Mapping[str, Mx]) -> list[Diagnostic]:
    """Return what the user should know about the domain the addresses were worked out for."""
    if not people:
        return []
    if domain is None:
        return [Diagnostic("no_mail_domain", NO_MAIL_DOMAIN, "emails")]
    sentence = MAIL_TROUBLE.get(mx[domain].status) if domain in mx else None
    return [Diagnostic("mail_domain", sentence.format(domain=domain), "emails")] if sentence else []
