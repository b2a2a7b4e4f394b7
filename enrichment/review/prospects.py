"""What would change an address' score, in sentences: only what scoring.py would do, and what can happen here.

What is known of the address is read back from the rows of its breakdown, and scoring itself is asked what it would
make of another answer.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.conf import settings

from enrichment import providers
from enrichment.emails import scoring
from enrichment.emails.providers.base import FIND, VERIFY
from enrichment.emails.scoring import PROVEN, REFUSED, RIVAL, UNDECIDED, Points, Proof
from enrichment.emails.verification.lists import is_disposable
from enrichment.emails.verification.mx import Mx
from enrichment.models import ContactEmail, GenerationMethod
from enrichment.teams import LEAST_CHANCE

TAKES_MAIL = Mx("found")
_MX = {True: TAKES_MAIL, False: Mx("none"), None: Mx("unknown")}
_MX_ROW = "MX record"
# What one answer about the mailbox takes the place of.
_ANSWERS = {Proof.DELIVERABLE, Proof.REJECTED, Proof.FULL, Proof.RIVAL}
_MUTE = {Proof.CATCH_ALL, Proof.HIDDEN_DIRECTORY}

SMTP_OFF = (
    "Mail servers are not asked by this installation. ENRICHMENT_SMTP_PROBE=true allows it, where port 25 is open."
)
NO_PROVIDER = "No provider is configured. A key such as HUNTER_API_KEY would let one judge the address."
SUPPRESSED = "It is on the suppression list: nobody is asked about it, so its score stays."


@dataclass(frozen=True, slots=True)
class Available:
    """Who can be asked in this installation: mail servers, providers, the company's own pages."""

    smtp: bool
    provider: bool
    website: bool


def available() -> Available:
    """Return who can be asked, by the settings."""
    able = any({FIND, VERIFY} & provider.can for provider in providers.from_settings())
    return Available(settings.ENRICHMENT_SMTP_PROBE, able, "website" in settings.ENRICHMENT_SOURCES)


@dataclass(frozen=True, slots=True)
class Known:
    """What an address' breakdown says of it."""

    claims: tuple[Points, ...]
    mx: Mx
    proofs: frozenset[Proof]
    disposable: bool

    def score(self, proofs: Collection[Proof], *, mx: Mx | None = None, claims: Iterable[Points] | None = None) -> int:
        """Return the score with these proofs, and with another look-up or other claims where they are given."""
        rows = self.claims if claims is None else tuple(claims)
        return scoring.total(rows, mx or self.mx, disposable=self.disposable, proofs=proofs).value

    def answered(self, proof: Proof) -> int:
        """Return the score once somebody gives this answer about the mailbox."""
        return self.score((self.proofs - _ANSWERS) | {proof})


def read(email: ContactEmail) -> Known | None:
    """Return what is known of an address; None where its breakdown is not one of scoring's."""
    rows = [Points(row["label"], row["points"], row["evidence"]) for row in email.score_breakdown]
    labels = [row.label for row in rows]
    if _MX_ROW not in labels:
        return None
    return Known(
        claims=tuple(rows[: labels.index(_MX_ROW)]),
        mx=_MX[email.mx_check_passed],
        proofs=frozenset(proof for proof in Proof if proof.value in labels),
        disposable=is_disposable(email.domain),
    )


def prospects(email: ContactEmail, means: Available, *, suppressed: bool = False) -> list[str]:
    """Return what would change the score of an address, as sentences: what bounds it first, then what moves it.

    `suppressed`: the address, or its person, is on the suppression list.
    """
    if suppressed:
        return [SUPPRESSED]
    known = read(email)
    if known is None:
        return ["Verify it anew to see what would change its score: this one was worked out differently."]
    if known.disposable:
        return [f"Its domain hands out throw-away addresses: {REFUSED} is the most, whatever else is known."]
    if known.mx.passed is False:
        better = known.score(known.proofs, mx=TAKES_MAIL)
        return [f"Its domain takes no mail: {REFUSED} is the most. Once it does, {_by_now(better)}."]
    return [*_bounds(email, known, means), *_moves(email, known, means), *_missing(known, means)]


def _by_now(score: int) -> str:
    return f"the score is {score} by what is known now"


def _bounds(email: ContactEmail, known: Known, means: Available) -> Iterable[str]:
    """Yield what holds the score where it is."""
    if known.mx.passed is None:
        better = known.score(known.proofs, mx=TAKES_MAIL)
        limit = "" if known.proofs - _MUTE else f": {UNDECIDED} is the most without proof"
        if better != email.verification_score:
            yield f"Whether its domain takes mail is not known{limit}. If it does, {_by_now(better)}."
    if Proof.REJECTED in known.proofs:
        yield f"The mailbox was refused: {REFUSED} is the most until a later answer says otherwise."
    elif Proof.FULL in known.proofs:
        yield f"The mailbox is there and takes nothing: {scoring.FULL} is the most as long as it is full."
    elif Proof.RIVAL in known.proofs:
        alone = known.score(known.proofs - {Proof.RIVAL})
        yield (
            f"Another address of this person was confirmed: {RIVAL} is the most for a guess, and nobody is asked "
            f"about it. If the other one is refused, {_by_now(alone)}."
        )
    elif not known.proofs & {Proof.DELIVERABLE, Proof.VOUCHED}:
        if Proof.CATCH_ALL in known.proofs:
            yield (
                "The domain accepts every address (catch-all), so its mail server cannot prove this one: "
                f"{UNDECIDED} is the most until somebody else confirms it."
            )
        elif Proof.HIDDEN_DIRECTORY in known.proofs:
            yield (
                "The mail server does not tell which mailboxes exist: "
                f"{UNDECIDED} is the most until somebody else confirms it."
            )
        elif means.smtp and _is_unlikely(email):
            yield f"Mail servers are not asked about a guess with a chance of less than {LEAST_CHANCE:.0%}."


def _moves(email: ContactEmail, known: Known, means: Available) -> Iterable[str]:
    """Yield what would move the score, and where to."""
    proven = known.proofs & {Proof.DELIVERABLE, Proof.VOUCHED}
    confirmed = "" if proven and Proof.FULL not in known.proofs else _confirmed(email, known, means)
    if confirmed and known.answered(Proof.DELIVERABLE) >= PROVEN:
        stays = email.verification_score >= PROVEN
        where = f"stays at {PROVEN} or more, and rests on proof then" if stays else f"rises to at least {PROVEN}"
        yield f"If {confirmed}, the score {where}."
    if not known.proofs & {Proof.REJECTED, Proof.RIVAL} and known.answered(Proof.REJECTED) <= REFUSED:
        yield f"If {_refused(email, known, means)}, it falls to {REFUSED} or less."
    if proven or known.proofs & {Proof.REJECTED, Proof.FULL}:
        return
    if email.verification_score < PROVEN:
        yield f"If somebody who knows the address enters it by hand, the score is at least {PROVEN}."
    published = known.score(known.proofs - {Proof.RIVAL}, claims=scoring.published_points(None))
    if means.website and published > email.verification_score and not _is_published(email):
        yield f"If a discovery finds it on the company's own pages, the score rises to {published}."


def _confirmed(email: ContactEmail, known: Known, means: Available) -> str:
    """Return by whom the mailbox could be confirmed, and believed; "" when by nobody."""
    server = _server_can_tell(email, known, means)
    if Proof.REJECTED in known.proofs:  # only who is closer to the mailbox than a provider is believed
        return "the mail server itself confirms it" if server and email.smtp_check_passed is None else ""
    if Proof.RIVAL in known.proofs:
        return ""
    asked = _either(server, means.provider and Proof.FULL not in known.proofs)
    return f"{asked} confirms it, or the person answers a message to it" if asked else "the person answers a message"


def _refused(email: ContactEmail, known: Known, means: Available) -> str:
    """Return who could say that there is no such mailbox, and would be believed."""
    if email.smtp_check_passed or Proof.FULL in known.proofs:  # the server's own word, or a reply
        return "a message to it bounces"
    asked = _either(_server_can_tell(email, known, means), means.provider)
    return f"{asked} says that there is no such mailbox, or a message to it bounces" if asked else "a message bounces"


def _either(server: bool, provider: bool) -> str:
    return " or ".join(["the mail server"] * server + ["a provider"] * provider)


def _server_can_tell(email: ContactEmail, known: Known, means: Available) -> bool:
    reachable = means.smtp and known.mx.passed is True
    return reachable and not known.proofs & (_MUTE | {Proof.RIVAL}) and not _is_unlikely(email)


def _missing(known: Known, means: Available) -> Iterable[str]:
    """Yield which settings would let somebody be asked who could tell."""
    if known.proofs & (_ANSWERS | {Proof.VOUCHED}):
        return
    if not means.smtp and not known.proofs & _MUTE:
        yield SMTP_OFF
    if not means.provider:
        yield NO_PROVIDER


def _is_unlikely(email: ContactEmail) -> bool:
    guessed = email.generation_method in {GenerationMethod.PATTERN_DETECTION, None}
    return guessed and email.verification_method != "manual" and (email.probability or 0.0) < LEAST_CHANCE


def _is_published(email: ContactEmail) -> bool:
    return email.generation_method == GenerationMethod.PUBLISHED
