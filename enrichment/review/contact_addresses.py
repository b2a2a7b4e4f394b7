"""What the pages show of a contact's addresses: where each comes from, why it scores so, what would change it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.fields import normalise_email
from enrichment.models import ApiSource, ContactEmail, GenerationMethod, VerificationMethod

from . import prospects
from .prospects import Available

OPEN = 3  # addresses that are shown without unfolding

ORIGINS = {
    GenerationMethod.PATTERN_DETECTION: "formed from the name",
    GenerationMethod.PUBLISHED: "published by the company",
    GenerationMethod.API_ENRICHMENT: "given by a provider",
    GenerationMethod.MANUAL: "entered by hand",
}
METHODS = {
    VerificationMethod.PATTERN: "Judged by the company's pattern; nobody was asked.",
    VerificationMethod.MX_CHECK: "Judged by how it is formed and whether its domain takes mail.",
    VerificationMethod.API: "Confirmed, or refused, by a provider.",
    VerificationMethod.MANUAL: "Somebody vouches for it.",
    VerificationMethod.PUBLISHED: "The company publishes it.",
}
DOMAIN_SAYS = {True: "takes mail", False: "takes no mail", None: "not known"}
SERVER_SAYS = {True: "the mailbox is there", False: "the mailbox is refused", None: "nothing clear, or not asked"}
HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the breakdown; `points` with their sign."""

    label: str
    points: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Card:
    """An address with all that is said of it. `total` is what the rows add up to."""

    email: ContactEmail
    rows: list[Row]
    total: int
    origin: str
    method: str
    chance: str
    domain_says: str
    server_says: str
    provider: str
    changes: list[str]
    suppressed: bool


def cards(
    emails: Sequence[ContactEmail], suppressed: Collection[str], *, left_out: bool, means: Available
) -> list[Card]:
    """Return the contact's addresses, in their order.

    `suppressed` are those on the suppression list; `left_out`: the person is on it as a whole.
    """
    return [_card(email, normalise_email(email.email) in suppressed, left_out, means) for email in emails]


def _card(email: ContactEmail, suppressed: bool, left_out: bool, means: Available) -> Card:
    rows = email.score_breakdown
    return Card(
        email=email,
        rows=[Row(row["label"], _signed(row["points"]), row["evidence"]) for row in rows],
        total=sum(row["points"] for row in rows),
        origin=_origin(email),
        method=_method(email),
        chance=_chance(email.probability),
        domain_says=DOMAIN_SAYS[email.mx_check_passed],
        server_says=SERVER_SAYS[email.smtp_check_passed],
        provider=ApiSource(email.api_source).label if email.api_source else "",
        changes=prospects.prospects(email, means, suppressed=suppressed or left_out),
        suppressed=suppressed,
    )


def _signed(points: int) -> str:
    return f"+{points}" if points > 0 else f"\N{MINUS SIGN}{-points}" if points < 0 else "0"


def _origin(email: ContactEmail) -> str:
    if email.generation_method is None:
        return "not recorded"
    return ORIGINS[GenerationMethod(email.generation_method)]


def _method(email: ContactEmail) -> str:
    """Return by what the address was judged, in a sentence."""
    if email.verification_method is None:
        return "Judged by nothing yet."
    if email.verification_method == VerificationMethod.SMTP_PING:
        said = "Refused" if email.smtp_check_passed is False else "Confirmed"
        return f"{said} by the mail server, or by what became of a message."
    return METHODS[VerificationMethod(email.verification_method)]


def _chance(probability: float | None) -> str:
    """Return what a chance means, in a sentence."""
    if probability is None:
        return "Nobody has worked out how likely it is right."
    many = round(HUNDRED * probability)
    if not many:
        return "Of a hundred addresses like this one, not even one is right."
    return f"Of a hundred addresses like this one, about {many} {'is' if many == 1 else 'are'} right."
