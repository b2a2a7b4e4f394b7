"""Rows for tests. People are invented, addresses lie at example domains."""

import factory
from factory.django import DjangoModelFactory

from core.names import name_key
from crm.models import Brand, Contact, ContactAddress
from enrichment import store
from enrichment.models import ContactEmail, EnrichedContact, EnrichmentJob, JobType


class BrandFactory(DjangoModelFactory):
    class Meta:
        model = Brand

    name = factory.Sequence(lambda n: f"Acme {n}")
    name_key = factory.LazyAttribute(lambda brand: brand.name.lower())
    domain = factory.Sequence(lambda n: f"acme{n}.example")


class ContactFactory(DjangoModelFactory):
    class Meta:
        model = EnrichedContact

    first_name = "Ada"
    last_name = factory.Sequence(lambda n: f"Example{n}")
    name_key = factory.LazyAttribute(lambda contact: name_key(contact.first_name, contact.last_name))
    job_title = "Head of Marketing"
    company = "Acme"
    source = "website"
    discovery_method = "website_team_page"
    confidence_score = 75
    linked_brand = factory.SubFactory(BrandFactory)
    evidence = factory.LazyAttribute(
        lambda contact: [
            {
                "field": "name",
                "value": f"{contact.first_name} {contact.last_name}",
                "url": "https://acme.example/team",
                "snippet": f"{contact.first_name} {contact.last_name}, Head of Marketing",
                "source": "website",
                "seenAt": "2026-11-24T10:00:00Z",
            }
        ]
    )


class EmailFactory(DjangoModelFactory):
    class Meta:
        model = ContactEmail
        skip_postgeneration_save = True

    enriched_contact = factory.SubFactory(ContactFactory)
    email = factory.Sequence(lambda n: f"ada.example{n}@acme.example")
    domain = "acme.example"
    pattern = "first.last"
    confidence = 95
    probability = 0.42
    verification_score = 100
    verification_status = "verified"
    verification_method = "mx_check"
    generation_method = "pattern_detection"
    name_permutations = ["first.last", "flast"]
    mx_check_passed = True
    score_breakdown = [
        {"label": "Pattern", "points": 75, "evidence": "first.last"},
        {"label": "Mail server", "points": 15, "evidence": "mx.acme.example"},
        {"label": "Format", "points": 10, "evidence": "valid"},
    ]

    @factory.post_generation
    def noted(self, create, extracted, **kwargs):
        """As every writer of addresses does."""
        if create:
            store.note_best([self.enriched_contact])


class JobFactory(DjangoModelFactory):
    class Meta:
        model = EnrichmentJob

    job_type = JobType.BRAND_CONTACT_DISCOVERY
    brand = factory.SubFactory(BrandFactory)
    brand_name = factory.LazyAttribute(lambda job: job.brand.name)


class CrmContactFactory(DjangoModelFactory):
    class Meta:
        model = Contact

    brand = factory.SubFactory(BrandFactory)
    first_name = "Ada"
    last_name = factory.Sequence(lambda n: f"Example{n}")
    job_title = "Head of Marketing"


class CrmAddressFactory(DjangoModelFactory):
    class Meta:
        model = ContactAddress

    contact = factory.SubFactory(CrmContactFactory)
    email = factory.Sequence(lambda n: f"ada.example{n}@acme.example")
    is_primary = True
    origin = ContactAddress.Origin.GUESSED
    probability = 0.42
    verification_status = "verified"
    verification_score = 100
