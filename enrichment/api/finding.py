"""`POST email-finder`: the addresses of one person, without those who objected."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm import suppression
from enrichment import proving, screening
from enrichment.api.means import SECONDS
from enrichment.api.serializers.email_bodies import Wanted
from enrichment.discovery.base import Diagnostic
from enrichment.emails.finder import Candidate


@dataclass(frozen=True, slots=True)
class Found:
    """A person's addresses, likeliest first; none for one who is on the suppression list, or works where that is.

    `diagnostics` say what could not be asked.
    """

    candidates: Sequence[Candidate] = ()
    suppressed: bool = False
    diagnostics: Sequence[Diagnostic] = ()

    @property
    def best(self) -> str | None:
        """The likeliest address, None when even that one is risky."""
        best = next(iter(self.candidates), None)
        return best.email if best and best.status != "risky" else None


def find(wanted: Wanted) -> Found:
    """Return a person's addresses, asking nobody outside about a domain that is on the suppression list."""
    if suppression.domain_suppressed(wanted.domain):
        return Found(suppressed=True)
    proved = proving.find(
        wanted.first_name, wanted.last_name, wanted.domain, wanted.means, known=wanted.known, seconds=SECONDS
    )
    (candidates,) = proved.candidates
    emails = [candidate.email for candidate in candidates]
    kept = screening.screen(emails, screening.look_up(emails))
    if kept is None:
        return Found(suppressed=True)
    shown = [candidate for candidate in candidates if candidate.email in kept]
    return Found(shown, diagnostics=proved.diagnostics)
