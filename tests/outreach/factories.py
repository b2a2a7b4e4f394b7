"""CRM contacts with an address, and sequences, for the tests of this package."""

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from crm.models import ContactAddress, LawfulBasis
from outreach.models import Enrolment, Mailbox, Message, Sequence, SequenceVersion, Step, Template
from tests.factories import CrmAddressFactory, CrmContactFactory


class ReachableFactory(CrmContactFactory):
    """A contact to whom the law allows a first message."""

    lawful_basis = LawfulBasis.B2B_LEGITIMATE_INTEREST
    linkedin_url = "https://www.linkedin.com/in/ada-example"
    seniority = "head"
    region_code = "US"
    evidence = [{"field": "name", "value": "Ada", "url": "https://www.acme.example/team", "snippet": "Ada"}]


class AddressFactory(CrmAddressFactory):
    contact = factory.SubFactory(ReachableFactory)
    origin = ContactAddress.Origin.PUBLISHED
    probability = 0.95


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


class VersionFactory(DjangoModelFactory):
    class Meta:
        model = SequenceVersion

    sequence = factory.SubFactory(SequenceFactory)
    number = 1


class StepFactory(DjangoModelFactory):
    class Meta:
        model = Step

    version = factory.SubFactory(VersionFactory)
    position = factory.Sequence(lambda n: n + 1)
    delay_days = 1
    template = factory.SubFactory(TemplateFactory)


class MailboxFactory(DjangoModelFactory):
    """A sender of whom all is known and whose domain is in order."""

    class Meta:
        model = Mailbox

    address = factory.Sequence(lambda n: f"grace{n}@sender.example")
    sender_name = "Grace Sender"
    company = "Sender Ltd"
    postal_address = "1 Sample Street, 12345 Sampletown"
    preflight = {name: {"result": True, "sentence": "in order"} for name in ("spf", "dkim", "dmarc", "mx")}
    preflight_at = factory.LazyFunction(timezone.now)


class EnrolmentFactory(DjangoModelFactory):
    """An active enrolment of a reachable contact, without messages."""

    class Meta:
        model = Enrolment

    address = factory.SubFactory(AddressFactory)
    contact = factory.SelfAttribute("address.contact")
    version = factory.SubFactory(VersionFactory)
    sequence = factory.SelfAttribute("version.sequence")
    mailbox = factory.SubFactory(MailboxFactory)
    zone = "America/New_York"


class MessageFactory(DjangoModelFactory):
    class Meta:
        model = Message

    enrolment = factory.SubFactory(EnrolmentFactory)
    step = factory.SubFactory(StepFactory, version=factory.SelfAttribute("..enrolment.version"))
    mailbox = factory.SelfAttribute("enrolment.mailbox")
    due_at = factory.LazyFunction(timezone.now)
