"""People of one domain whose addresses are wanted, and what is known of them while they are proven.

When to ask whom stands here; proving.py has the order of the asking.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.utils import timezone

from core.fields import normalise_email
from crm import suppression
from crm.models import Suppression
from enrichment import address_checks, domain_profiles, providers, smtp_notes, verifying
from enrichment.discovery.base import Diagnostic
from enrichment.domain_profiles import Profile
from enrichment.emails import finder
from enrichment.emails.checks import SMTP, Check, Result
from enrichment.emails.finder import Candidate
from enrichment.emails.patterns import Known
from enrichment.emails.providers.base import Found
from enrichment.emails.reliability import Calibrator
from enrichment.verifying import Means

# When to stop asking mail servers about a person: the next guess is too unlikely, or enough were asked. One who has an
# address this likely is asked about at no other.
MOST_PROBED = 4
LEAST_CHANCE = 0.02
SETTLED = 0.97

# Providers cost money: they are asked about addresses less likely than this, and about a domain of which little is
# known.
OPEN = 0.8
FEW_KNOWN = 3
# Of somebody who objected to a provider only the name is known: these guesses go on the suppression list.
LIKELY = 0.1

_CLEAR = (Result.DELIVERABLE, Result.UNDELIVERABLE)


@dataclass(frozen=True, slots=True)
class Sought:
    """A person whose address is wanted. `published` is an address found with them, at `published_url`.

    `important`: worth a provider's fee. `found`: what a provider gave for them before.
    """

    first_name: str
    last_name: str
    published: str | None = None
    published_url: str | None = None
    important: bool = True
    found: Found | None = None

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(slots=True)
class Proved:
    """The candidates of each person, likeliest first, in the order of the people asked for.

    `learnt` are pairs proved right or wrong on the way, `found` what providers gave, by the person's place.
    """

    candidates: list[list[Candidate]] = field(default_factory=list)
    learnt: list[Known] = field(default_factory=list)
    found: dict[int, Found] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Team:
    """People whose addresses are at one `domain` (None: not known), and the pairs of name and address known there.

    `checks`: what was said just now of addresses that may be among theirs; it counts whatever the means.
    """

    people: Sequence[Sought]
    domain: str | None
    known: Sequence[Known] = ()
    checks: Mapping[str, Sequence[Check]] = field(default_factory=dict)


class TeamWork:
    """What is known of a team so far."""

    def __init__(self, team: Team, profiles: dict[str, Profile], means: Means, calibrator: Calibrator) -> None:
        self.people, self.domain, self.known = team.people, team.domain, list(team.known)
        self.profiles, self.means, self.just_said = profiles, means, team.checks
        self.order = sorted(range(len(team.people)), key=lambda place: not team.people[place].important)
        self.mx = {name: profile.mx for name, profile in profiles.items()}
        self.calibrator = calibrator
        self.checks: verifying.Known = {}
        self.objected: set[str] = set()
        self.proved = Proved(found={place: sought.found for place, sought in enumerate(team.people) if sought.found})

    def guess(self) -> None:
        """Work out the candidates of everybody, with what is known by now."""
        self.proved.candidates = [self._candidates(place) for place in range(len(self.people))]

    def unseen(self) -> list[str]:
        """Return the likelier candidates of which nobody looked up yet what was said before."""
        return [
            candidate.email
            for candidates in self.proved.candidates
            for candidate in candidates[: 2 * MOST_PROBED]
            if candidate.email not in self.checks
        ]

    def recall(self, told: verifying.Known, objected: Collection[str]) -> None:
        """Take in what was said of the unseen before, and which of them are on the suppression list."""
        own = {email: address_checks.joined(told[email], self.just_said.get(email, ())) for email in self.unseen()}
        self.checks |= own
        self.objected |= own.keys() & set(objected)
        if any(own.values()):
            self.guess()

    def ask_about_domain(self, tick: Callable[[], None]) -> None:
        """Ask providers for addresses at a domain of which little is known, unless one has lately told all it knows.

        What was paid for is kept at once, but for what is known of the team itself: whether that is kept is for the
        callers.
        """
        if self.domain is None or not self._takes_mail() or not self._is_little_known(self.domain):
            return
        tick()
        answer, now = providers.domain(self.domain), timezone.now()
        self._say(answer.diagnostics)
        if answer.findings is not None:
            names = {sought.name for sought in self.people}
            colleagues = [pair for pair in answer.findings.known if pair.name not in names]
            domain_profiles.save_from_providers(self.domain, colleagues, now)
            self.profiles[self.domain] = replace(self.profiles[self.domain], providers_asked_at=now)
            self._learn(answer.findings.known)

    def _is_little_known(self, domain: str) -> bool:
        asked_at = self.profiles[domain].providers_asked_at
        if asked_at is not None and timezone.now() - asked_at < address_checks.PROVIDER_KEPT:
            return False
        return sum(pair.right for pair in self.known) < FEW_KNOWN

    def ask_about_people(self, tick: Callable[[], None]) -> None:
        """Ask providers for the addresses of the important people whom nothing else has settled."""
        if self.domain and self._takes_mail():
            for place in self.order:
                if self.people[place].important and self.is_open(place):
                    tick()
                    self._ask_about_person(place, self.domain)

    def _takes_mail(self) -> bool:
        return self.domain is not None and self.profiles[self.domain].mx.passed is not False

    def take(self, place: int, checks: Sequence[Check]) -> None:
        """Take in what mail servers said of a person's candidates."""
        verifying.add(self.checks, checks)
        self._learn(self._lessons(place, checks))

    def say_what_servers_left_open(self) -> None:
        """Note of how many addresses mail servers could not tell, and why."""
        answers = (address_checks.fresh(checks, SMTP) for checks in self.checks.values())
        self._say(smtp_notes.of(filter(None, answers), self.mx))

    def is_open(self, place: int) -> bool:
        """Whether nobody knows this person's address well enough, and others may be asked about them."""
        candidates, sought = self.proved.candidates[place], self.people[place]
        if not (sought.first_name and sought.last_name) or self._has_objected(place) or self._was_found_lately(place):
            return False
        return not candidates or candidates[0].probability < OPEN

    def _ask_about_person(self, place: int, domain: str) -> None:
        sought = self.people[place]
        answer = providers.find(sought.first_name, sought.last_name, domain)
        self._say(answer.diagnostics)
        if answer.objected:
            self._suppress(place)
        if answer.found is not None:
            self.proved.found[place] = answer.found
            if answer.found.check is not None:
                address_checks.save([answer.found.check])
                verifying.add(self.checks, [answer.found.check])
            self.proved.candidates[place] = self._candidates(place)

    def _say(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Note what is to be said, once however many people it meets."""
        self.proved.diagnostics += [note for note in diagnostics if note not in self.proved.diagnostics]

    def _candidates(self, place: int) -> list[Candidate]:
        sought, found = self.people[place], self.proved.found.get(place)
        before = self.proved.candidates[place] if self.proved.candidates else []
        own = {candidate.email for candidate in before} | ({found.email} if found else set())
        return finder.find(
            sought.first_name,
            sought.last_name,
            self.domain,
            known=[pair for pair in self.known if pair.name != sought.name],  # nobody's own address is a clue to it
            published=sought.published,
            published_url=sought.published_url,
            mx=self.mx,
            checks=[check for email in own for check in self.checks.get(email, ())],
            found=[found] if found else [],
            calibrator=self.calibrator,
            now=timezone.now(),
        )

    def worth_probing(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the people whose mailboxes to ask about, the important ones first, each with their likeliest guesses.

        Those are left out about whom asking would tell nothing.
        """
        for place in self.order:
            candidates = self.proved.candidates[place]
            if not candidates or candidates[0].probability >= SETTLED or self._has_objected(place):
                continue
            answers = [self._answer(candidate) for candidate in candidates]
            if Result.DELIVERABLE in answers:
                continue
            open_ones = [
                candidate.email
                for candidate, answer in zip(candidates, answers, strict=True)
                if answer is None and candidate.probability >= LEAST_CHANCE and candidate.domain in self.profiles
            ]
            found = self.proved.found.get(place)
            bought = [found.email] if found and found.email in open_ones else []  # whatever was asked before
            asked = sum(answer is not None for answer in answers)
            if group := [*bought, *open_ones][: max(len(bought), MOST_PROBED - asked)]:
                yield place, list(dict.fromkeys(group))

    def _suppress(self, place: int) -> None:
        """Put a person who has objected on the suppression list, by the addresses that are likely theirs."""
        candidates = self.proved.candidates[place]
        likely = [candidate.email for candidate in candidates if candidate.probability >= LIKELY]
        likely = likely or [candidate.email for candidate in candidates[:1]]
        suppression.add(likely, Suppression.Reason.OBJECTION)
        self.objected |= set(likely)

    def _has_objected(self, place: int) -> bool:
        """Whether an address that may be this person's is on the suppression list: nobody is asked about them."""
        return any(candidate.email in self.objected for candidate in self.proved.candidates[place])

    def _was_found_lately(self, place: int) -> bool:
        found = None if self.means.fresh else self.proved.found.get(place)
        return found is not None and timezone.now() - found.at < address_checks.PROVIDER_KEPT

    def _answer(self, candidate: Candidate) -> Result | None:
        """Return the mail server's answer that is still good."""
        check = address_checks.fresh(self.checks.get(candidate.email, ()), SMTP)
        return check.result if check else None

    def _lessons(self, place: int, checks: Sequence[Check]) -> list[Known]:
        """Return what clear answers about guesses teach of the domain's pattern.

        An address that was published and is gone tells that its person left, not that the pattern is another one.
        """
        sought = self.people[place]
        published = normalise_email(sought.published) if sought.published else None
        return [
            Known(sought.name, check.email, SMTP, check.at, check.result is Result.DELIVERABLE)
            for check in checks
            if check.result in _CLEAR and (check.email != published or check.result is Result.DELIVERABLE)
        ]

    def _learn(self, pairs: Sequence[Known]) -> None:
        self.proved.learnt += pairs
        self.known += pairs
