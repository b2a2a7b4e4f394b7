"""What people wrote about found contacts, and which of these were merged."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.admin_lists import HasPage, OfPeople
from core.badges import link
from core.names_nobody import log
from core.read_only import ReadOnly
from enrichment import merging
from enrichment.models import ContactMerge, ContactNote

from .display import NOT_LISTED, staff


class NoteInline(ReadOnly, admin.TabularInline):
    """Written on the contact's page outside the admin."""

    model = ContactNote
    fields = ["text", "author", "created_at"]
    readonly_fields = ["text", "author", "created_at"]
    extra = 0
    can_delete = False
    verbose_name_plural = "notes"
    classes = ["untitled"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContactNote]:
        return super().get_queryset(request).select_related("author")


@admin.register(ContactNote)
class ContactNoteAdmin(OfPeople, HasPage):
    list_display = ["created_at", "contact_link", "author", "open"]
    list_filter = ["created_at", ("author", admin.RelatedOnlyFieldListFilter)]
    ordering = ["-id"]
    search_fields = ["contact__first_name", "contact__last_name", "contact__company"]
    addresses = ("contact__emails__email_index",)
    date_hierarchy = "created_at"
    page = "review:contact"
    page_of = "contact_id"
    fields = ["contact_link", "text", "author", "created_at"]
    readonly_fields = ["contact_link"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContactNote]:
        rows = super().get_queryset(request).select_related("contact", "author")
        return rows.defer(*(f"contact__{field}" for field in NOT_LISTED))

    @admin.display(description="contact", ordering="contact__last_name")
    def contact_link(self, note: ContactNote) -> SafeString:
        return link(note.contact, "enrichment_enrichedcontact_change", note.contact_id)


@admin.register(ContactMerge)
class ContactMergeAdmin(OfPeople, HasPage):
    """Merged on the contact's page outside the admin; made two again here too."""

    actions = ["undo"]
    list_display = ["created_at", "kept_link", "merged_by", "undone_at", "undone_by", "open"]
    list_filter = ["created_at", ("undone_at", admin.EmptyFieldListFilter)]
    ordering = ["-id"]
    search_fields = ["kept__first_name", "kept__last_name", "kept__company"]
    addresses = ("kept__emails__email_index",)
    date_hierarchy = "created_at"
    page = "review:contact"
    page_of = "kept_id"
    fields = ["kept_link", ("merged_by", "created_at"), ("undone_by", "undone_at")]
    readonly_fields = ["kept_link"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContactMerge]:
        rows = super().get_queryset(request).select_related("kept", "merged_by", "undone_by")
        return rows.defer("snapshot", *(f"kept__{field}" for field in NOT_LISTED))

    @admin.action(description="Undo", permissions=["undo"])
    def undo(self, request: HttpRequest, queryset: QuerySet[ContactMerge]) -> None:
        # The newest first: of several merges into one contact the last one goes first.
        for merge in queryset.order_by("-id"):
            try:
                one = merging.undo(merge, staff(request))
            except ValueError as error:
                self.message_user(request, f"{merge.kept}: {error}", messages.ERROR)
            else:
                log(request, [merge], "Undone.")
                self.message_user(request, f"{one} is a contact of their own again.", messages.SUCCESS)

    def has_undo_permission(self, request: HttpRequest) -> bool:
        """As on the contact's page."""
        return request.user.has_perm("enrichment.change_enrichedcontact")

    @admin.display(description="contact", ordering="kept__last_name")
    def kept_link(self, merge: ContactMerge) -> SafeString:
        return link(merge.kept, "enrichment_enrichedcontact_change", merge.kept_id)
