"""The admin as a whole: every model is there, every page opens, and no list asks for each of its rows."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.admin_lists import HasPage
from core.models import ApiToken
from crm import models as crm
from enrichment import models as found
from enrichment_project.admin_site import Site
from outreach import models as outreach
from tests.project.admin_rows import ROWS

pytestmark = pytest.mark.django_db

OURS = ("core", "crm", "outreach", "enrichment")
ELSEWHERE = {
    outreach.Step: "on the page of its version",
    outreach.Variant: "on the page of its template",
    found.JobContact: "on the contact's page; the contacts of a job are a list of contacts",
    found.JobProgress: "of account only while a job runs, and then on the job's page outside the admin",
}
MODELS = sorted(ROWS, key=lambda model: model._meta.label)
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss", password="!"))
    return client


def address(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def opened(client: Client, url: str, **query: Any) -> str:
    answer = client.get(url, query)
    assert answer.status_code == 200, url
    return answer.content.decode()


def test_every_model_is_in_the_admin() -> None:
    models = {model for app in OURS for model in apps.get_app_config(app).get_models()}
    registered = {model for model in admin.site._registry if model._meta.app_label in OURS}
    assert registered | set(ELSEWHERE) == models
    assert not registered & set(ELSEWHERE)
    assert registered == set(ROWS), "each has a row for the tests below"
    inlines = {inline.model for model in registered for inline in admin.site._registry[model].inlines}
    assert inlines >= set(ELSEWHERE) - {found.JobProgress}


def test_what_is_used_daily_stands_first(staff: Client) -> None:
    site = Site(admin.site.name)
    site._registry = admin.site._registry
    apps_shown = site.get_app_list(request_of(staff))
    assert [app["app_label"] for app in apps_shown[:3]] == ["enrichment", "crm", "outreach"]
    assert [app["models"][0]["object_name"] for app in apps_shown[:3]] == ["EnrichedContact", "Contact", "Sequence"]
    assert {app["name"] for app in apps_shown} >= {"CRM", "Access", "Sign-in attempts"}


@each_model
def test_a_list_asks_the_same_however_many_rows_it_has(staff: Client, model: type[Model]) -> None:
    url = address(model, "changelist")
    opened(staff, url)  # what Django keeps for the process, such as content types
    ROWS[model]()
    ROWS[model]()
    with CaptureQueriesContext(
        connection,
    ) as few:
        opened(staff, url)
    for _ in range(4):
        ROWS[model]()
    with CaptureQueriesContext(connection) as many:
        content = opened(staff, url)
    assert content.count("<tr>") > model._default_manager.count() >= 6, "a row for each, and one of headings"
    assert len(few) == len(many), "\n".join(query["sql"] for query in many.captured_queries)
    assert len(many) <= 25


@each_model
def test_a_row_opens_and_shows_nothing_that_is_kept_closed(staff: Client, model: type[Model]) -> None:
    row = ROWS[model]()
    content = opened(staff, address(model, "change", row.pk))
    content += opened(staff, address(model, "changelist"))
    content += opened(staff, address(model, "history", row.pk))
    assert "SECRET" not in content
    assert not re.findall(r" style=| on[a-z]+=|<script>|<style", content), "the policy lets none of these work"


@each_model
def test_a_list_can_be_searched_and_filtered(staff: Client, model: type[Model]) -> None:
    ROWS[model]()
    url = address(model, "changelist")
    for words in ("acme", "two words", "ada@acme.example", '"', "%"):
        opened(staff, url, q=words)
    content = opened(staff, url)
    links = [unescape(link) for link in re.findall(r'href="(\?[^"]+)"', content)]
    one_of_each = {tuple(sorted(dict(parse_qsl(link[1:], keep_blank_values=True)))): link for link in links}
    for link in one_of_each.values():
        opened(staff, url + link)
    columns = range(1, content.count('<th scope="col"') + 1)
    opened(staff, url, o=".".join(f"-{column}" for column in columns))


@pytest.mark.parametrize("model", sorted(set(admin.site._registry) - set(ROWS), key=lambda model: model._meta.label))
def test_the_lists_of_others_open_too(staff: Client, model: type[Model]) -> None:
    assert model._meta.app_label not in OURS
    opened(staff, address(model, "changelist"), q="acme")


@each_model
def test_a_row_is_added_where_that_is_allowed_and_only_there(staff: Client, model: type[Model]) -> None:
    by_hand = {
        *(crm.Brand, crm.Contact, crm.Suppression),
        *(outreach.Mailbox, outreach.Template, outreach.Experiment, outreach.Sequence),
    }
    by_hand |= {ApiToken}
    assert staff.get(address(model, "add")).status_code == (200 if model in by_hand else 403)


def test_autocomplete_fields_answer(staff: Client) -> None:
    asked = 0
    for model, model_admin in admin.site._registry.items():
        for field in model_admin.autocomplete_fields if model in ROWS else ():
            names = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field}
            assert "results" in staff.get(reverse("admin:autocomplete"), {"term": "a", **names}).json()
            asked += 1
    assert asked >= 4


@each_model
def test_a_form_offers_no_long_list_to_choose_from(staff: Client, model: type[Model]) -> None:
    """Brands, people, users and senders are many: they are typed, not chosen from all."""
    many = {crm.Brand, crm.Contact, crm.ContactAddress, User, outreach.Mailbox, found.EnrichedContact}
    model_admin = admin.site._registry[model]
    if not model_admin.has_add_permission(request_of(staff)):
        return
    form = model_admin.get_form(request_of(staff))
    typed = {*model_admin.autocomplete_fields, *model_admin.raw_id_fields}
    chosen = {
        name
        for name, field in form.base_fields.items()
        if getattr(getattr(field, "queryset", None), "model", 0) in many
    }
    assert chosen <= typed


def request_of(client: Client) -> Any:
    return client.get(reverse("admin:index")).wsgi_request


@pytest.mark.parametrize(
    "model",
    [model for model in MODELS if isinstance(admin.site._registry.get(model), HasPage)],
    ids=lambda model: model._meta.label_lower,
)
def test_a_row_leads_to_its_page_outside_the_admin(staff: Client, model: type[Model]) -> None:
    row = ROWS[model]()
    target = admin.site._registry[model].view_on_site(row)
    assert target
    assert not target.startswith("/admin/")
    content = opened(staff, address(model, "change", row.pk))
    assert f'<a href="{target}" class="viewsitelink">' in content
    assert f'<a href="{target}"' in opened(staff, address(model, "changelist"))


def test_the_rows_of_review_crm_and_outreach_lead_to_their_pages() -> None:
    pages = {model for model, model_admin in admin.site._registry.items() if isinstance(model_admin, HasPage)}
    assert pages >= {
        *(found.EnrichedContact, found.EnrichmentJob, found.ReviewBatch, crm.Contact, crm.Brand),
        *(outreach.Sequence, outreach.Enrolment, outreach.Message, outreach.Event, outreach.Template),
    }


@pytest.mark.parametrize("model", [found.EnrichedContact, crm.Contact, outreach.Mailbox])
def test_the_log_of_a_deletion_names_nobody(staff: Client, model: type[Model]) -> None:
    one, other = ROWS[model](), ROWS[model]()
    staff.post(address(model, "delete", one.pk), {"post": "yes"})
    data = {"action": "delete_selected", "_selected_action": [str(other.pk)], "post": "yes"}
    staff.post(address(model, "changelist"), data)
    assert not model._default_manager.filter(pk__in=[one.pk, other.pk]).exists()
    named = {entry.object_repr for entry in LogEntry.objects.all()}
    assert named == {f"{model._meta.verbose_name} {key}" for key in (one.pk, other.pk)}


def test_what_the_product_writes_goes_with_what_it_belongs_to_and_not_alone(staff: Client) -> None:
    kept = [model for model in MODELS if "delete_selected" not in actions(staff, model)]
    assert set(kept) >= {found.ContactEmail, found.ReviewItem, crm.HistoryEntry, crm.Consent, outreach.Message}
    for model in kept:
        row = ROWS[model]()
        assert staff.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
        assert f'href="{address(model, "delete", row.pk)}' not in opened(staff, address(model, "change", row.pk))
        assert model._default_manager.filter(pk=row.pk).exists()


def actions(staff: Client, model: type[Model]) -> set[str]:
    return set(admin.site._registry[model].get_actions(request_of(staff)))


def test_a_contact_and_a_brand_are_deleted_with_all_that_belongs_to_them(staff: Client) -> None:
    contact = ROWS[found.EnrichedContact]()
    merge = ROWS[found.ContactMerge]()
    item = ROWS[found.JobItem]()
    for row in (contact, merge.kept, item.job, ROWS[crm.Merge]().kept, ROWS[outreach.Task]().message.enrolment.contact):
        staff.post(address(type(row), "delete", row.pk), {"post": "yes"})
        assert not type(row)._default_manager.filter(pk=row.pk).exists(), row._meta.label
    answer = ROWS[found.KeptAnswer]()
    staff.post(address(crm.Brand, "delete", answer.brand_id), {"post": "yes"})
    assert not found.KeptAnswer.objects.exists()
