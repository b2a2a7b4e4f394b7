"""What the CRM's endpoints take and answer, for validation and for the OpenAPI document."""

from typing import Any

from rest_framework import serializers

from core.api.answers import answer, listed
from core.api.bodies import Text
from core.api.queries import PageQuery, one_of
from crm import consents, merging, notes, region_inference
from crm.models import Contact, ContactAddress, LawfulBasis, Suppression

S = serializers.Serializer[Any]
MOST_VALUES = 1000
# The OpenAPI document's enumeration is named after it (SPECTACULAR_SETTINGS).
SUPPRESSION_REASONS = Suppression.Reason.values

# The names of what can be chosen in a merge: merging.FIELDS as the API calls them.
CHOICES = {
    "firstName": "first_name",
    "lastName": "last_name",
    "jobTitle": "job_title",
    "seniority": "seniority",
    "department": "department",
    "linkedInUrl": "linkedin_url",
    "relationship": "relationship_status",
    "region": "region_code",
    "lawfulBasis": "lawful_basis",
    "ownerId": "owner",
}


def _text(longest: int, *, required: bool = False, blank: bool = False, **options: Any) -> Text:
    return Text(max_length=longest, required=required, allow_blank=blank, **options)


# What rows look like ----------------------------------------------------------------------------


class RegionSign(S):
    how = serializers.CharField()
    region = serializers.CharField(help_text="ISO 3166-1 alpha-2.")


class RegionBasis(S):
    """How a region is known; null where that is not written down."""

    how = serializers.CharField(help_text=f"One of {', '.join(region_inference.WORDS)}.")
    evidence = serializers.CharField(help_text="What says so, as it is written there.")
    url = serializers.CharField(help_text="Where that was read, or empty.")
    at = serializers.CharField(help_text="When (ISO 8601).")
    also = RegionSign(many=True, required=False, help_text="What weaker signs, or others, said.")


class CrmBrand(S):
    id = serializers.UUIDField()
    name = serializers.CharField()
    domain = serializers.CharField(allow_null=True)
    website = serializers.CharField()
    linkedInCompanyUrl = serializers.CharField()
    region = serializers.CharField(help_text="ISO 3166-1 alpha-2, or empty.")
    regionBasis = RegionBasis(allow_null=True)
    createdAt = serializers.DateTimeField()


class CrmAddress(S):
    id = serializers.UUIDField()
    email = serializers.CharField()
    primary = serializers.BooleanField()
    origin = serializers.ChoiceField(ContactAddress.Origin.values)
    probability = serializers.FloatField(allow_null=True, help_text="0-1; null: nothing was worked out.")
    verificationStatus = serializers.CharField()
    verificationScore = serializers.IntegerField(allow_null=True)


class CrmContact(S):
    id = serializers.UUIDField()
    brandId = serializers.UUIDField()
    company = serializers.CharField()
    firstName = serializers.CharField()
    lastName = serializers.CharField()
    jobTitle = serializers.CharField()
    seniority = serializers.CharField()
    department = serializers.CharField()
    linkedInUrl = serializers.CharField(allow_null=True)
    region = serializers.CharField(help_text="ISO 3166-1 alpha-2; empty: the brand's.")
    regionBasis = RegionBasis(allow_null=True)
    regionRulesApply = serializers.BooleanField(
        help_text="false: an admin's discovery had the rules of countries as warnings only (complianceMode)."
    )
    relationship = serializers.ChoiceField(Contact.Relationship.values)
    lawfulBasis = serializers.ChoiceField(LawfulBasis.values, allow_null=True)
    ownerId = serializers.IntegerField(allow_null=True)
    createdAt = serializers.DateTimeField()
    addresses = CrmAddress(many=True)


class ConsentShown(S):
    id = serializers.UUIDField()
    contactId = serializers.UUIDField()
    givenAt = serializers.DateTimeField()
    source = serializers.CharField()  # type: ignore[assignment]
    wording = serializers.CharField(help_text="What they agreed to, word for word; empty: not known.")
    withdrawnAt = serializers.DateTimeField(allow_null=True)


class MergeShown(S):
    id = serializers.UUIDField()
    keptId = serializers.UUIDField()
    goneId = serializers.UUIDField()
    createdAt = serializers.DateTimeField()
    undoneAt = serializers.DateTimeField(allow_null=True)


class CrmContactDetail(CrmContact):
    consents = ConsentShown(many=True)
    merges = MergeShown(many=True)
    suppressed = serializers.ListField(child=serializers.UUIDField(), help_text="Addresses on the suppression list.")
    openEnrolmentIds = serializers.ListField(child=serializers.UUIDField())


class NoteShown(S):
    id = serializers.UUIDField()
    text = serializers.CharField()
    author = serializers.CharField(help_text="A user name, or empty.")
    createdAt = serializers.DateTimeField()


class HistoryLine(S):
    id = serializers.UUIDField()
    kind = serializers.CharField(help_text="A word, such as sent; note for a note.")
    at = serializers.DateTimeField()
    text = serializers.CharField()
    actor = serializers.CharField(help_text="A user name, or empty.")


class DuplicateShown(S):
    contactId = serializers.UUIDField()
    firstName = serializers.CharField()
    lastName = serializers.CharField()
    jobTitle = serializers.CharField()
    company = serializers.CharField()
    reason = serializers.CharField()


class SuppressionShown(S):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(Suppression.Kind.values)
    fingerprint = serializers.CharField(help_text="Which value it is cannot be read from it.")
    reason = serializers.ChoiceField(SUPPRESSION_REASONS)
    createdAt = serializers.DateTimeField()


class Checked(S):
    value = serializers.CharField()
    suppressed = serializers.BooleanField(help_text="Itself, or because of its domain.")


class ImportProblem(S):
    line = serializers.IntegerField()
    column = serializers.CharField()
    message = serializers.CharField()


class ImportReport(S):
    rows = serializers.IntegerField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    suppressed = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    errors = ImportProblem(many=True)  # type: ignore[assignment]
    dryRun = serializers.BooleanField()


class OutcomeCounts(S):
    delivered = serializers.IntegerField()
    bounced = serializers.IntegerField()
    replied = serializers.IntegerField()
    complained = serializers.IntegerField()


# Answers ----------------------------------------------------------------------------------------

BrandAnswer = answer("BrandAnswer", "brand", CrmBrand)
BrandsAnswer = listed("BrandsAnswer", "brands", CrmBrand)
CrmContactAnswer = answer("CrmContactAnswer", "contact", CrmContactDetail)
CrmContactsAnswer = listed("CrmContactsAnswer", "contacts", CrmContact)
AddressAnswer = answer("AddressAnswer", "address", CrmAddress)
NoteAnswer = answer("NoteAnswer", "note", NoteShown)
NotesAnswer = listed("NotesAnswer", "notes", NoteShown)
HistoryAnswer = answer("HistoryAnswer", "history", HistoryLine, many=True)
DuplicatesAnswer = answer("DuplicatesAnswer", "duplicates", DuplicateShown, many=True)
ConsentAnswer = answer("ConsentAnswer", "consent", ConsentShown)
MergeAnswer = answer("MergeAnswer", "merge", MergeShown, contact=CrmContactDetail())
SuppressionsAnswer = listed("SuppressionsAnswer", "suppressions", SuppressionShown)
CheckedAnswer = answer("CheckedAnswer", "results", Checked, many=True)
ImportAnswer = answer("ImportAnswer", "report", ImportReport)
OutcomesAnswer = answer("OutcomesAnswer", "outcomes", OutcomeCounts)


class CrmDeleted(S):
    success = serializers.BooleanField()
    message = serializers.CharField()


class Removed(S):
    success = serializers.BooleanField()
    removed = serializers.IntegerField(help_text="How many of the values were on the list.")


# What is sent -----------------------------------------------------------------------------------


class Changes(S):
    """A body of which something has to be there."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError(f"Send at least one of {', '.join(self.fields)}.")
        return attrs


class BrandRequest(Changes):
    name = _text(200)
    website = _text(500, blank=True)
    linkedInCompanyUrl = _text(500, blank=True)
    region = _text(2, blank=True, help_text="ISO 3166-1 alpha-2; empty: not known.")


class CrmContactRequest(Changes):
    firstName = _text(200)
    lastName = _text(200)
    jobTitle = _text(300, blank=True)
    linkedInUrl = _text(500, blank=True, allow_null=True)
    region = _text(2, blank=True, help_text="ISO 3166-1 alpha-2; empty: the brand's.")
    relationship = serializers.ChoiceField(Contact.Relationship.values, required=False)
    ownerId = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=2**31 - 1, help_text="Of a staff user; null: nobody."
    )
    lawfulBasis = serializers.ChoiceField(LawfulBasis.values, required=False, allow_null=True)


class NewCrmContactRequest(S):
    brandId = serializers.UUIDField(required=False)
    brandName = _text(200, help_text="In place of brandId: found by its name, or made.")
    firstName = _text(200, required=True)
    lastName = _text(200, required=True)
    addresses = serializers.ListField(child=Text(max_length=320), max_length=20, help_text="The primary one first.")
    jobTitle = _text(300, blank=True)
    linkedInUrl = _text(500, blank=True, allow_null=True)
    region = _text(2, blank=True)
    lawfulBasis = serializers.ChoiceField(LawfulBasis.values, required=False, help_text="manual unless given.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("brandId" in attrs) == ("brandName" in attrs):
            raise serializers.ValidationError("Send exactly one of brandId and brandName.")
        return attrs


class AddressRequest(S):
    email = Text(max_length=320)


class PrimaryRequest(S):
    addressId = serializers.UUIDField()


class NoteRequest(S):
    text = Text(max_length=notes.LONGEST)


class ConsentRequest(S):
    givenAt = serializers.DateTimeField(help_text="Not in the future.")
    source = Text(max_length=consents.LONGEST_SOURCE, help_text="Where and how, such as a form.")  # type: ignore[assignment]
    wording = Text(
        max_length=consents.LONGEST_WORDING,
        required=False,
        allow_blank=True,
        help_text="What they were told and agreed to, word for word.",
    )


class MergeRequest(S):
    goneId = serializers.UUIDField(help_text="The contact that goes.")
    choices = serializers.DictField(
        child=serializers.ChoiceField([merging.KEPT, merging.GONE]),
        required=False,
        help_text=f"Whose value counts, by field: {', '.join(CHOICES)}. The kept contact's unless given.",
    )

    def validate_choices(self, choices: dict[str, str]) -> dict[str, str]:
        for name in choices:
            if name not in CHOICES:
                raise serializers.ValidationError(f'"{name}" cannot be chosen. There are: {", ".join(CHOICES)}.')
        return {CHOICES[name]: side for name, side in choices.items()}


class ValuesRequest(S):
    values = serializers.ListField(
        child=Text(max_length=320),
        allow_empty=False,
        max_length=MOST_VALUES,
        help_text="ada@acme.example, or acme.example for everybody there.",
    )


class SuppressRequest(ValuesRequest):
    reason = serializers.ChoiceField(SUPPRESSION_REASONS, default=Suppression.Reason.MANUAL)


# Query strings ----------------------------------------------------------------------------------

SEARCH = "Words of name, job title and company, which all have to occur; or a whole e-mail address."


class BrandQuery(PageQuery):
    search = serializers.CharField(required=False, allow_blank=True, max_length=200, help_text="Of name and domain.")
    ordering = one_of(["name", "-name", "createdAt", "-createdAt"], "name unless given.")


class CrmContactQuery(PageQuery):
    search = serializers.CharField(required=False, allow_blank=True, max_length=200, help_text=SEARCH)
    brandId = serializers.CharField(required=False)
    relationship = one_of(Contact.Relationship.values, "With this status only.")
    ownerId = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    region = serializers.CharField(required=False, max_length=2, help_text="ISO 3166-1 alpha-2.")
    ordering = one_of(["createdAt", "-createdAt", "lastName", "-lastName"], "-createdAt unless given.")


class HistoryQuery(S):
    limit = serializers.IntegerField(required=False, default=100, min_value=1, max_value=500)


class SuppressionQuery(PageQuery):
    kind = one_of(Suppression.Kind.values, "Of this kind only.")
    reason = one_of(SUPPRESSION_REASONS, "For this reason only.")


class ImportQuery(S):
    dryRun = serializers.BooleanField(required=False, default=False, help_text="true: say what would come of it.")
