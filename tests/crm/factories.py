"""CRM rows for these tests. People are invented, addresses lie at example domains."""

import factory
from factory.django import DjangoModelFactory

from crm.models import Contact, ContactAddress
from tests.factories import BrandFactory


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
