"""Decisions about contacts, each with what came of it, and the views that people saved."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.admin_lists import HasPage, OfPeople
from core.badges import AMBER, BLUE, GREEN, GREY, badge, link
from core.read_only import Kept, ReadOnly
from enrichment.models import BatchState, Outcome, ReviewBatch, ReviewItem, SavedView

from .display import NOT_LISTED

SHOWN = 50  # items on the page of their batch; the list of items has all
STATE_COLOURS = {BatchState.DRAFT: AMBER, BatchState.RUNNING: BLUE, BatchState.DONE: GREEN, BatchState.UNDONE: GREY}
OUTCOME_COLOURS = {Outcome.WAITING: BLUE, Outcome.DONE: GREEN, Outcome.SKIPPED: AMBER, Outcome.UNDONE: GREY}


class ItemColumns:
    """Columns that the list of items and a batch's page share."""

    @admin.display(description="contact", ordering="contact__last_name")
    def contact_link(self, item: ReviewItem) -> SafeString | str:
        if item.contact is None:
            return "deleted"
        return link(item.contact, "enrichment_enrichedcontact_change", item.contact_id)

    @admin.display(description="outcome", ordering="outcome")
    def what(self, item: ReviewItem) -> SafeString:
        return badge(Outcome(item.outcome).label, OUTCOME_COLOURS[Outcome(item.outcome)])

    @admin.display(description="reason", ordering="reason")
    def why(self, item: ReviewItem) -> str:
        return item.reason.replace("_", " ").capitalize() or "-"

    @admin.display(description="CRM contact")
    def crm(self, item: ReviewItem) -> SafeString | str:
        return link("CRM contact", "crm_contact_change", item.crm_contact_id) if item.crm_contact_id else "-"

    @admin.display(description="enrolment")
    def enrolled(self, item: ReviewItem) -> SafeString | str:
        return link("Enrolment", "outreach_enrolment_change", item.enrolment_id) if item.enrolment_id else "-"


COLUMNS = ["contact_link", "what", "why", "crm", "enrolled"]


def _listed(items: QuerySet[ReviewItem]) -> QuerySet[ReviewItem]:
    """Return items with their contacts, less what is encrypted: what undoing puts back is nobody's to read."""
    return items.select_related("contact").defer("before", *(f"contact__{field}" for field in NOT_LISTED))


class FirstItems(BaseInlineFormSet):
    """The first items of a batch, which may have thousands."""

    def get_queryset(self) -> Any:
        if not hasattr(self, "_first"):
            self._first = super().get_queryset()[:SHOWN]
        return self._first


class ItemInline(ReadOnly, ItemColumns, admin.TabularInline):
    model = ReviewItem
    formset = FirstItems
    fields = ["position", *COLUMNS]
    readonly_fields = ["position", *COLUMNS]
    ordering = ["position"]
    extra = 0
    can_delete = False
    verbose_name_plural = f"the first {SHOWN} items"
    classes = ["untitled"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReviewItem]:
        return _listed(super().get_queryset(request))


@admin.register(ReviewBatch)
class ReviewBatchAdmin(Kept, HasPage):
    """Confirmed, discarded and undone on its page outside the admin."""

    list_display = ["created_at", "kind", "status", "total", "user", "sequence", "open"]
    list_filter = ["kind", "state", ("user", admin.RelatedOnlyFieldListFilter), "sequence", "created_at"]
    list_select_related = ["user", "sequence"]
    ordering = ["-id"]
    search_fields = ["user__username", "reason", "sequence__name"]
    search_help_text = "The user's name, the reason given, or the sequence."
    date_hierarchy = "created_at"
    page = "review:batch"
    inlines = [ItemInline]
    fields = [
        *(("kind", "status", "total"), "user", "reason", "sequence", "items"),
        *(("created_at", "confirmed_at"), ("finished_at", "undone_at")),
    ]
    readonly_fields = ["status", "items"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReviewBatch]:
        return super().get_queryset(request).defer("filters")

    @admin.display(description="state", ordering="state")
    def status(self, batch: ReviewBatch) -> SafeString:
        return badge(BatchState(batch.state).label, STATE_COLOURS[BatchState(batch.state)])

    @admin.display
    def items(self, batch: ReviewBatch) -> SafeString:
        return link("All its items", "enrichment_reviewitem_changelist", batch__id__exact=batch.pk)


@admin.register(ReviewItem)
class ReviewItemAdmin(ItemColumns, OfPeople, HasPage):
    list_display = ["batch", "position", *COLUMNS, "open"]
    list_filter = ["outcome", "reason", "batch__kind", "batch__created_at"]
    ordering = ["-batch_id", "position"]
    search_fields = ["contact__first_name", "contact__last_name", "contact__company"]
    addresses = ("contact__emails__email_index",)
    page = "review:batch"
    page_of = "batch_id"
    fields = ["batch", "position", *COLUMNS]
    readonly_fields = [*COLUMNS]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReviewItem]:
        return _listed(super().get_queryset(request)).select_related("contact", "batch").defer("batch__filters")


@admin.register(SavedView)
class SavedViewAdmin(ReadOnly, admin.ModelAdmin):
    """Whose views there are; what a view filters by may be an address, and is its owner's."""

    list_display = ["name", "user", "is_default", "created_at"]
    list_filter = [("user", admin.RelatedOnlyFieldListFilter), "is_default", "created_at"]
    list_select_related = ["user"]
    list_per_page = 50
    ordering = ["-id"]
    search_fields = ["name", "user__username"]
    search_help_text = "The view's name, or its owner's."
    date_hierarchy = "created_at"
    fields = ["name", "user", "is_default", "created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SavedView]:
        return super().get_queryset(request).defer("query")
