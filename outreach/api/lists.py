"""What the lists of outreach have in common: that somebody read them is in the audit trail."""

from collections.abc import Iterable

from core.api.rows import Json
from outreach import audited

PLACE = {"limit", "cursor", "sort", "page", "order"}  # of a query, what is no filter


def noted(name: str, answer: Json, query: Iterable[str]) -> Json:
    """Return the answer to a list's query as it is; which rows of `name` it shows is written down."""
    audited.listed(f"{name}.listed", [row["id"] for row in answer[name]], set(query) - PLACE)
    return answer
