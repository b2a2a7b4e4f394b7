"""Experiments: two wordings, compared by company."""

from typing import cast

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api.rows import one, refusing
from core.api.schema import ERRORS, ID, MISSING
from outreach import experiments
from outreach.api import representations, serializers
from outreach.models import Experiment, Template, Variant

ANSWER = {200: serializers.ExperimentAnswer, **ERRORS}


class ExperimentViewSet(ViewSet):
    """A/B tests of texts."""

    @extend_schema(operation_id="list_experiments", responses={200: serializers.ExperimentsAnswer, **ERRORS})
    def list(self, request: Request) -> Response:
        """List the experiments, newest first."""
        rows = [representations.experiment(row) for row in Experiment.objects.all()]
        return Response({"success": True, "experiments": rows})

    @extend_schema(
        operation_id="create_experiment", request=serializers.ExperimentRequest, responses={**ANSWER, **MISSING}
    )
    def create(self, request: Request) -> Response:
        """Plan an experiment; nothing takes part until it is started."""
        query = serializers.ExperimentRequest(data=request.data)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        template = one(Template.objects.all(), str(asked["templateId"]), "template")
        variant = one(Variant.objects.all(), str(asked["variantId"]), "variant")
        with refusing("not_possible"):
            row = experiments.create(asked["name"], template, variant, asked["plannedPerArm"], cast(User, request.user))
        return _answer(row)

    @extend_schema(operation_id="get_experiment", parameters=[ID], responses={**ANSWER, **MISSING})
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return an experiment with what is known by now."""
        return _answer(_experiment(pk))

    @extend_schema(operation_id="start_experiment", parameters=[ID], request=None, responses={**ANSWER, **MISSING})
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Let messages of the template that go out from now on take part."""
        row = _experiment(pk)
        with refusing("not_possible"):
            experiments.start(row)
        return _answer(row)

    @extend_schema(operation_id="end_experiment", parameters=[ID], request=None, responses={**ANSWER, **MISSING})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """Let no more messages take part."""
        row = _experiment(pk)
        with refusing("not_possible"):
            experiments.end(row)
        return _answer(row)


def _experiment(pk: str) -> Experiment:
    return one(Experiment.objects.all(), pk, "experiment")


def _answer(row: Experiment) -> Response:
    verdict = representations.verdict(experiments.verdict(row))
    return Response({"success": True, "experiment": representations.experiment(row) | {"verdict": verdict}})
