"""Texts, their other wordings, and how they read for a real contact."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Model, ProtectedError
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core import audit
from core.api import cursors
from core.api.errors import NotFound
from core.api.queries import PageQuery
from core.api.rows import one, page
from core.api.schema import ERRORS, ID, MISSING
from core.refusals import InputError
from crm.models import Contact
from outreach import audited, composing, experiments, mailboxes, rendering
from outreach.api import representations, serializers
from outreach.models import Template, Variant

TEMPLATES = cursors.Listing("templates", {"name": "name"}, default="name")
ROWS = Template.objects.prefetch_related("variants")
ANSWER = {200: serializers.TemplateAnswer, **ERRORS}


class TemplateViewSet(ViewSet):
    """Texts with variables: `{{ first_name | there }}`."""

    @extend_schema(
        operation_id="list_templates", parameters=[PageQuery], responses={200: serializers.TemplatesAnswer, **ERRORS}
    )
    def list(self, request: Request) -> Response:
        """List the templates by name."""
        query = PageQuery(data=request.query_params).cleaned()
        return Response(page("templates", TEMPLATES, ROWS, query, representations.template))

    @extend_schema(operation_id="create_template", request=serializers.NewTemplateRequest, responses=ANSWER)
    def create(self, request: Request) -> Response:
        """Write a template."""
        return _answer(_saved(Template(), serializers.NewTemplateRequest(data=request.data), "template"))

    @extend_schema(operation_id="get_template", parameters=[ID], responses={**ANSWER, **MISSING})
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return a template with its variants."""
        return _answer(one(ROWS, pk, "template"))

    @extend_schema(
        operation_id="edit_template",
        parameters=[ID],
        request=serializers.TemplateRequest,
        responses={**ANSWER, **MISSING},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a template: for every message that has not gone out yet."""
        template = one(ROWS, pk, "template")
        return _answer(_saved(template, serializers.TemplateRequest(data=request.data), "template"))

    @extend_schema(
        operation_id="delete_template", parameters=[ID], responses={200: serializers.Done, **ERRORS, **MISSING}
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a template that no step uses."""
        return _delete(one(Template.objects.all(), pk, "template"), "template")

    @extend_schema(
        operation_id="preview_template",
        parameters=[ID],
        request=serializers.PreviewRequest,
        responses={200: serializers.PreviewAnswer, **ERRORS, **MISSING},
    )
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, pk: str) -> Response:
        """Show how a template or one of its variants reads for a contact. Nothing is sent or kept."""
        query = serializers.PreviewRequest(data=request.data)
        query.is_valid(raise_exception=True)
        template = one(ROWS, pk, "template")
        wording: Template | Variant = template
        if "variantId" in query.validated_data:
            wording = one(template.variants.all(), str(query.validated_data["variantId"]), "variant")
        contact = one(Contact.objects.select_related("brand"), str(query.validated_data["contactId"]), "contact")
        shown = composing.preview(wording, contact, mailboxes.default(), cast(User, request.user))
        fields = {name: getattr(shown, name) for name in ("subject", "text", "html", "problem")}
        return Response({"success": True, "preview": fields})

    @extend_schema(
        operation_id="create_variant",
        parameters=[ID],
        request=serializers.NewTemplateRequest,
        responses={**ANSWER, **MISSING},
    )
    @action(detail=True, methods=["post"])
    def variants(self, request: Request, pk: str) -> Response:
        """Write another wording of a template, for an experiment."""
        variant = Variant(template=one(Template.objects.all(), pk, "template"))
        _saved(variant, serializers.NewTemplateRequest(data=request.data), "variant")
        return _answer(one(ROWS, pk, "template"))


class VariantViewSet(ViewSet):
    """Other wordings of templates."""

    @extend_schema(
        operation_id="edit_variant",
        parameters=[ID],
        request=serializers.TemplateRequest,
        responses={**ANSWER, **MISSING},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a wording. One that an experiment runs on stays as it is: what is compared must not change."""
        variant = one(Variant.objects.all(), pk, "variant")
        _saved(variant, serializers.TemplateRequest(data=request.data), "variant")
        return _answer(ROWS.get(pk=variant.template_id))

    @extend_schema(
        operation_id="delete_variant", parameters=[ID], responses={200: serializers.Done, **ERRORS, **MISSING}
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a wording that no experiment used."""
        return _delete(one(Variant.objects.all(), pk, "variant"), "variant")


def _saved(row: Any, query: Any, what: str) -> Any:
    query.is_valid(raise_exception=True)
    if {"subject", "body"} & query.validated_data.keys() and experiments.is_frozen(row):
        raise InputError("in_use", experiments.FROZEN)
    for name, value in query.validated_data.items():
        if name != "name" and (found := rendering.problems(value)):
            raise InputError("invalid_input", f"{name}: {' '.join(found)}")
        setattr(row, name, value)
    try:
        with transaction.atomic():
            audited.save(row, what, ("name", "subject", "body"))
    except IntegrityError as error:
        raise InputError("invalid_input", f"There is a {what} of this name already: choose another one.") from error
    return row


def _delete(row: Model, what: str) -> Response:
    key = row.pk
    try:
        with transaction.atomic():
            deleted, _ = row.delete()
            audit.record(f"{what}.deleted", of=(row._meta.label_lower, key), name=str(row))
    except ProtectedError as error:
        raise InputError("in_use", f"This {what} is in use: take it out of sequences and experiments first.") from error
    if not deleted:
        raise NotFound(what)
    return Response({"success": True, "message": f"{what.capitalize()} deleted"})


def _answer(template: Template) -> Response:
    return Response({"success": True, "template": representations.template(template)})
