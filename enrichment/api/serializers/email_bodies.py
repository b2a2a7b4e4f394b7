"""What requests about addresses have in their bodies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from core.api.bodies import Flag, Text
from core.refusals import InputError
from enrichment import verifying
from enrichment.api.means import means
from enrichment.emails import names
from enrichment.emails.finder import Known
from enrichment.emails.verification import syntax

MAX_NAME = 200
MAX_KNOWN = 1000
MAX_ADDRESSES = 10_000  # in one request


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose address to find. `domain` is in A-labels; `known` are pairs of name and address at the company."""

    first_name: str
    last_name: str
    domain: str
    known: tuple[Known, ...]
    means: verifying.Means


@dataclass(frozen=True, slots=True)
class ToVerify:
    """What to verify: addresses as given, or contacts by their ids; `single` when the answer is one result."""

    addresses: tuple[str, ...]
    contact_ids: tuple[str, ...]
    means: verifying.Means
    single: bool = False
    as_job: bool = False


class Given(serializers.CharField):
    """A JSON string as it came: what is no address is a result, not an error."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_blank=True, trim_whitespace=False, **kwargs)
        self.validators = []

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return data


class MeansRequest(serializers.Serializer[Any]):
    """By what means an address is proved; `POST contacts/:id/verify` takes no more, and the body may be left out."""

    smtp = Flag(required=False, help_text="Ask the mail servers; ENRICHMENT_SMTP_PROBE unless given.")
    providers = Flag(required=False, help_text="Ask the providers, which costs money; false unless given.")
    fresh = Flag(required=False, help_text="Ask anew what was answered lately; false unless given.")

    def cleaned_means(self) -> verifying.Means:
        """Return the means asked for. Raises InputError for those that are not to be had here, or ValidationError."""
        self.is_valid(raise_exception=True)
        return means(self.validated_data)


class KnownPair(serializers.Serializer[Any]):
    name = Text(max_length=MAX_NAME)
    email = Text(max_length=syntax.MAX_LENGTH)


class FinderRequest(MeansRequest):
    """What `POST email-finder` takes: `name`, or `firstName` and `lastName`; and `domain`."""

    name = Text(required=False, max_length=MAX_NAME)
    firstName = Text(required=False, allow_blank=True, max_length=MAX_NAME)
    lastName = Text(required=False, allow_blank=True, max_length=MAX_NAME)
    domain = Text(max_length=syntax.MAX_LENGTH, help_text="The domain of the company's mail.")
    known = serializers.ListField(
        child=KnownPair(),
        required=False,
        max_length=MAX_KNOWN,
        help_text="People whose addresses at this domain you know.",
    )

    def cleaned(self) -> Wanted:
        """Return whom to find. Raises InputError or ValidationError."""
        wanted_means = self.cleaned_means()
        data = self.validated_data
        domain = syntax.ascii_domain(data["domain"])
        if domain is None:
            raise InputError("invalid_domain", "domain must be a mail domain, such as acme.example.")
        first, last = _name(data)
        known = tuple(Known(pair["name"], pair["email"]) for pair in data.get("known", []))
        return Wanted(first, last, domain, known, wanted_means)


class VerifierRequest(MeansRequest):
    """What `POST email-verifier` takes: one of `email`, `emails` and `contactIds`."""

    email = Given(required=False)
    emails = serializers.ListField(
        child=Given(), required=False, min_length=1, max_length=MAX_ADDRESSES, help_text="More than 1,000 become a job."
    )
    contactIds = serializers.ListField(
        child=Text(max_length=100),
        required=False,
        min_length=1,
        max_length=MAX_ADDRESSES,
        help_text="Verify all addresses of these contacts, in a job.",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # `async` is a word of Python's own.
        return {**super().get_fields(), "async": Flag(required=False, help_text="Make a job of fewer addresses too.")}

    def cleaned(self) -> ToVerify:
        """Return what to verify. Raises InputError or ValidationError."""
        wanted_means = self.cleaned_means()
        data = self.validated_data
        if len({"email", "emails", "contactIds"} & data.keys()) != 1:
            raise InputError("invalid_input", "Give one of email, emails and contactIds.")
        single = "email" in data
        addresses: Sequence[str] = [data["email"]] if single else data.get("emails", [])
        return ToVerify(
            tuple(addresses), tuple(data.get("contactIds", [])), wanted_means, single, data.get("async", False)
        )


def _name(data: dict[str, Any]) -> tuple[str, str]:
    """Return first and last name. Raises InputError."""
    if "name" in data:
        return names.split(data["name"])
    first, last = data.get("firstName", ""), data.get("lastName", "")
    if not (first or last):
        raise InputError("invalid_name", "Give name, or firstName and lastName.")
    return first, last
