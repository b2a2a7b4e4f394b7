"""The register of processing (GDPR art. 30) as a page and as a file."""

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core import audit
from core.pages import allowed
from enrichment import register, register_text


@allowed("crm.view_assessment")
def page(request: HttpRequest) -> HttpResponse:
    generated = register.generate()
    shown = [
        (activity, generated.recipients_of(activity), list(register.kept(activity)))
        for activity in generated.activities
    ]
    return render(request, "oversight/register.html", {"register": generated, "activities": shown})


@allowed("crm.view_assessment")
def markdown(_request: HttpRequest) -> HttpResponse:
    """Give the register as a Markdown file."""
    text = register_text.as_markdown(register.generate())
    return _file(text.encode(), "text/markdown; charset=utf-8", "md")


@allowed("crm.view_assessment")
def as_json(_request: HttpRequest) -> HttpResponse:
    """Give the register as a JSON file."""
    body = orjson.dumps(register_text.as_json(register.generate()), option=orjson.OPT_INDENT_2)
    return _file(body, "application/json", "json")


def _file(body: bytes, media_type: str, ending: str) -> HttpResponse:
    audit.record("register.exported", format=ending)
    answer = HttpResponse(body, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="register-of-processing.{ending}"'
    return answer
