"""CSV in the admin: the action that downloads what is selected, and the page that imports contacts.

The page keeps nothing between the look and the import: the file travels in the form, so it is small.
"""

import base64
import io
from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from crm.imports import FileError, Report, import_contacts

MAX_FILE = 1_500_000  # in base64 it stays below DATA_UPLOAD_MAX_MEMORY_SIZE
ALPHABET = b"-_"  # a form writes a plus sign as three characters
SHOWN = 100
RIGHTS = [
    *("crm.add_contact", "crm.change_contact", "crm.add_contactaddress", "crm.add_brand", "crm.change_brand"),
    "crm.add_suppression",
]
BOM = "\ufeff"  # Excel takes a file without it for Windows-1252


def download(name: str, rows: QuerySet[Any], export: Callable[[QuerySet[Any]], Iterator[str]]) -> StreamingHttpResponse:
    """Return rows as a CSV file to save, sent piece by piece."""

    def pieces() -> Iterator[str]:
        yield BOM
        yield from export(rows)

    disposition = f'attachment; filename="{name}-{timezone.now():%Y-%m-%d}.csv"'
    headers = {"Content-Disposition": disposition}
    return StreamingHttpResponse(pieces(), content_type="text/csv; charset=utf-8", headers=headers)


class UploadForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        help_text="At most 1.5 MB. The first line names the columns: email, first name, last name, company and so on.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )

    def clean_file(self) -> bytes:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is None or file.size > MAX_FILE:
            raise forms.ValidationError("This file is larger than 1.5 MB: use the command import_contacts for it.")
        return file.read()


class ConfirmForm(forms.Form):
    content = forms.CharField(widget=forms.HiddenInput)

    def clean_content(self) -> bytes:
        try:
            return base64.b64decode(self.cleaned_data["content"], ALPHABET, validate=True)
        except ValueError as error:
            raise forms.ValidationError("The file did not arrive whole: choose it again.") from error


def import_view(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Ask for a file, show what would come of it, and import it when that is confirmed."""
    if not may_import(request):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, context, form=UploadForm())
    confirmed = "content" in request.POST
    form = ConfirmForm(request.POST) if confirmed else UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, context, form=UploadForm() if confirmed else form, errors=form.errors)
    content: bytes = form.cleaned_data["content" if confirmed else "file"]
    try:
        report = _import(request, content, dry_run=not confirmed)
    except FileError as error:
        form.add_error(None, str(error))
        return _page(request, context, form=UploadForm() if confirmed else form, errors=form.errors)
    if confirmed:
        messages.success(request, f"Imported. {report.sentence()}")
        return HttpResponseRedirect(reverse("admin:crm_contact_changelist"))
    shown = {"problems": report.errors[:SHOWN], "more": max(0, len(report.errors) - SHOWN)}
    confirm = ConfirmForm(initial={"content": base64.b64encode(content, ALPHABET).decode()})
    return _page(request, context, form=UploadForm(), report=report, confirm=confirm, **shown)


def may_import(request: HttpRequest) -> bool:
    """Return whether the user may do all that an import does."""
    return isinstance(request.user, User) and request.user.has_perms(RIGHTS)


def _import(request: HttpRequest, content: bytes, *, dry_run: bool) -> Report:
    user = request.user if isinstance(request.user, User) else None
    return import_contacts(io.BytesIO(content), user, dry_run=dry_run)


def _page(request: HttpRequest, context: dict[str, Any], **more: Any) -> HttpResponse:
    return TemplateResponse(request, "admin/crm/contact/import.html", {"title": "Import contacts", **context, **more})
