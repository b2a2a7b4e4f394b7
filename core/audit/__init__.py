"""The audit trail: `record` what somebody did, in the transaction that did it. The one way to write it.

    audit.record("contact.changed", of=contact, subject=audit.person(contact), before={…}, after={…}, fields=["…"])

Names of actions are `thing.done` in the past tense. `details` and `before`/`after` without a subject are kept in clear
for ever: no personal data in them, but ids. With a subject, `before` and `after` are encrypted under the person's own
key (subjects.py). See docs/adr/0024-audit.md.
"""

from .acting import acting_as, current
from .chain import seal
from .forgetting import forget_old
from .recording import Act, record, record_many
from .subjects import address, forget, of, people, person, values_of
from .verifying import Broken, anchor, end, verify

__all__ = [
    "Act",
    "Broken",
    "acting_as",
    "address",
    "anchor",
    "current",
    "end",
    "forget",
    "forget_old",
    "of",
    "people",
    "person",
    "record",
    "record_many",
    "seal",
    "values_of",
    "verify",
]
