"""The tables are the specification's: columns, defaults, indexes, constraints. Raw SQL, as another program would."""

import uuid

import pytest
from django.db import IntegrityError, connection, transaction

from enrichment.models import ContactEmail, EnrichedContact, EnrichmentJob
from tests.factories import ContactFactory, EmailFactory, JobFactory

pytestmark = pytest.mark.django_db

COLUMNS = {
    "enriched_contact": (
        "id first_name last_name job_title company linkedin_url linkedin_id confidence_score source discovery_method "
        "linked_brand_id linked_contact_id compliance_check_passed lawful_basis discovered_at verified_at "
        "added_to_crm_at activity created_at updated_at"
    ),
    "contact_email": (
        "id email verification_status verification_method verification_score generation_method name_permutations "
        "mx_check_passed smtp_check_passed api_source enriched_contact_id last_checked_at created_at updated_at"
    ),
    "enrichment_job": (
        "id job_type status brand_id brand_name brand_website linkedin_company_url contacts_discovered "
        "contacts_enriched error_message retry_count max_retries region_code compliance_mode volume_limited "
        "started_at completed_at created_at updated_at"
    ),
}
INDEXES = {
    "enriched_contact": [
        ["linked_brand_id"],
        ["linkedin_id_index"],
        ["company"],
        ["confidence_score"],
        ["created_at", "id"],
    ],
    "contact_email": [["enriched_contact_id"], ["verification_status"], ["verification_status", "enriched_contact_id"]],
    "enrichment_job": [["brand_id"], ["status"], ["created_at", "id"]],
}
# Columns that the database fills in by itself: what the specification's DEFAULT says.
DEFAULTS = {
    EnrichedContact: {"confidence_score": 50, "compliance_check_passed": False, "activity": []},
    ContactEmail: {"verification_status": "unknown", "verification_score": 50, "name_permutations": []},
    EnrichmentJob: {
        "status": "pending",
        "contacts_discovered": 0,
        "contacts_enriched": 0,
        "retry_count": 0,
        "max_retries": 3,
        "compliance_mode": True,
        "volume_limited": False,
    },
}


@pytest.mark.parametrize("table", COLUMNS)
def test_every_column_and_index_of_the_specification_is_there(table: str) -> None:
    with connection.cursor() as cursor:
        columns = {column.name for column in connection.introspection.get_table_description(cursor, table)}
        constraints = connection.introspection.get_constraints(cursor, table).values()
    assert set(COLUMNS[table].split()) <= columns
    indexed = [constraint["columns"] for constraint in constraints if constraint["index"]]
    assert [columns for columns in INDEXES[table] if columns not in indexed] == []


@pytest.mark.parametrize(
    ("model", "factory"),
    [(EnrichedContact, ContactFactory), (ContactEmail, EmailFactory), (EnrichmentJob, JobFactory)],
    ids=["contact", "email", "job"],
)
def test_the_database_itself_has_the_defaults(model, factory) -> None:
    """Copy a row by raw SQL, leaving out what the database is to fill in."""
    row = factory()
    left_out = {"id", "created_at", *DEFAULTS[model]}
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    columns = [field.column for field in fields if field.column not in left_out]
    values = ["'another'" if column == "email_index" else column for column in columns]  # unique per contact
    key = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} (id, {', '.join(columns)}) "
            f"SELECT %s, {', '.join(values)} FROM {model._meta.db_table}",
            [key.hex if connection.vendor == "sqlite" else key],
        )
    made = model.objects.get(pk=key)
    assert {name: getattr(made, name) for name in DEFAULTS[model]} == DEFAULTS[model]
    assert made.created_at is not None
    assert made.pk != row.pk


@pytest.mark.parametrize(
    ("factory", "fields"),
    [
        (ContactFactory, {"confidence_score": 101}),
        (ContactFactory, {"source": "hearsay"}),
        (ContactFactory, {"lawful_basis": "none"}),
        (EmailFactory, {"verification_score": 101}),
        (EmailFactory, {"probability": 1.5}),
        (EmailFactory, {"verification_status": "sure"}),
        (EmailFactory, {"verification_method": "guess"}),
        (EmailFactory, {"generation_method": "guess"}),
        (EmailFactory, {"api_source": "apollo"}),
        (JobFactory, {"status": "sleeping"}),
        (JobFactory, {"job_type": "other"}),
    ],
)
def test_the_database_refuses_what_has_no_meaning(factory, fields) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        factory(**fields)


def test_an_address_stands_once_per_contact_whatever_its_case() -> None:
    email = EmailFactory(email="ada@acme.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        EmailFactory(email="ADA@acme.example", enriched_contact=email.enriched_contact)
    EmailFactory(email="ada@acme.example")
