"""What somebody can choose before people are enrolled: a sequence, and other templates for its steps."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from . import sequences
from .enrolments import NoSequence
from .models import Channel, Sequence, Step, Template
from .planning import NONE_CHOSEN

SWITCHED_OFF = "The sequence is switched off, or gone: choose another one."
OTHER_STEPS = "The steps of the sequence were changed, or a text is gone: choose the texts again."


def open_sequence(pk: UUID, templates: Mapping[int, UUID] = NONE_CHOSEN) -> Sequence:
    """Return a sequence, read anew, in which one may enrol with these templates, by the positions of its steps.

    Raises NoSequence when it is gone or switched off, and for a template that does not suit its step. Few queries.
    """
    sequence = Sequence.objects.select_related("mailbox").filter(pk=pk, active=True).first()
    if sequence is None:
        raise NoSequence(SWITCHED_OFF)
    if templates:
        fit = alternatives(sequences.current(sequence).steps.order_by("position"))
        if any(pk not in {row.pk for row in fit.get(position, [])} for position, pk in templates.items()):
            raise NoSequence(OTHER_STEPS)
    return sequence


def alternatives(steps: Iterable[Step]) -> dict[int, list[Template]]:
    """Return the templates that a step can be written from, its own among them, by the step's position. Two queries.

    They are those for its channel, and those that no step uses yet. `steps` are all of a version, in their order: the
    first e-mail needs a subject.
    """
    used: dict[UUID, set[bool]] = {}
    for template_id, channel in Step.objects.order_by().values_list("template_id", "channel").distinct():
        used.setdefault(template_id, set()).add(channel == Channel.LINKEDIN)
    templates = list(Template.objects.order_by("name").defer("body"))
    found, begun = dict[int, list[Template]](), False  # begun: there is an e-mail before the step
    for step in steps:
        by_hand = step.channel == Channel.LINKEDIN
        bare = by_hand or begun  # may be without a subject
        fit = [row for row in templates if by_hand in used.get(row.pk, {by_hand}) and (bare or row.subject.strip())]
        found[step.position] = [row for row in templates if row in fit or row.pk == step.template_id]
        begun = begun or not by_hand
    return found
