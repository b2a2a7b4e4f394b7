"""What somebody chose on the page of an approval: the sequence, other texts for its steps, whom to preview."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import QueryDict

from core.ids import parse_id
from outreach import choosing, sequences
from outreach.models import Sequence, Step, Template


@dataclass(frozen=True, slots=True)
class StepChoice:
    """A step, the templates it can be written from, and which it is to be."""

    step: Step
    options: list[Template]
    template: Template

    @property
    def field(self) -> str:
        return _field(self.step.position)

    @property
    def is_other(self) -> bool:
        """Whether the template is not the step's own."""
        return self.template.pk != self.step.template_id


@dataclass(frozen=True, slots=True)
class Choice:
    """The sequence, None when none is active; `options` are those to choose from."""

    options: list[Sequence]
    sequence: Sequence | None
    steps: list[StepChoice]

    @property
    def templates(self) -> Mapping[int, Template]:
        """The templates chosen instead of the steps' own, by the steps' positions."""
        return {one.step.position: one.template for one in self.steps if one.is_other}

    @property
    def template_ids(self) -> Mapping[int, UUID]:
        return {position: template.pk for position, template in self.templates.items()}

    @property
    def fingerprint(self) -> str:
        """What tells whether the steps were changed since they were shown: new steps have new ids."""
        return str(self.steps[0].step.pk) if self.steps else ""


def read(data: QueryDict) -> Choice:
    """Return what is chosen; the oldest active sequence and the steps' own templates for what is not, or not valid."""
    options = list(Sequence.objects.filter(active=True).select_related("mailbox").order_by("created_at", "id"))
    wanted = parse_id(data.get("sequence", ""))
    sequence = next((row for row in options if row.pk == wanted), next(iter(options), None))
    return Choice(options, sequence, _steps(sequence, data) if sequence else [])


def _steps(sequence: Sequence, data: QueryDict) -> list[StepChoice]:
    steps = list(sequences.current(sequence).steps.select_related("template").order_by("position"))
    fit = choosing.alternatives(steps)
    return [_chosen(step, fit[step.position], data.get(_field(step.position), "")) for step in steps]


def _chosen(step: Step, options: list[Template], text: str) -> StepChoice:
    wanted = parse_id(text)
    return StepChoice(step, options, next((row for row in options if row.pk == wanted), step.template))


def _field(position: int) -> str:
    return f"text-{position}"
