"""CRM contacts with an address, and sequences, for the tests of this package."""

import factory
from factory.django import DjangoModelFactory

from crm.models import ContactAddress
from outreach.models import Sequence, Step, Template
from tests.factories import CrmAddressFactory, CrmContactFactory


class ReachableFactory(CrmContactFactory):
    """A contact whose region and role allow a first message."""

    seniority = "head"
    region_code = "US"
    evidence = [{"field": "name", "value": "Ada", "url": "https://www.acme.example/team", "snippet": "Ada"}]


class AddressFactory(CrmAddressFactory):
    contact = factory.SubFactory(ReachableFactory)
    origin = ContactAddress.Origin.PUBLISHED


class TemplateFactory(DjangoModelFactory):
    class Meta:
        model = Template

    name = factory.Sequence(lambda n: f"Text {n}")
    subject = "Hello {{ first_name | there }}"
    body = "A question for {{ company }}."


class SequenceFactory(DjangoModelFactory):
    class Meta:
        model = Sequence

    name = factory.Sequence(lambda n: f"Sequence {n}")


class StepFactory(DjangoModelFactory):
    class Meta:
        model = Step

    sequence = factory.SubFactory(SequenceFactory)
    position = factory.Sequence(lambda n: n + 1)
    delay_days = 1
    template = factory.SubFactory(TemplateFactory)
