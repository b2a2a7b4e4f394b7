"""Addresses, notes, consents and history of all contacts: looked through here, written on the contact's page."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.admin_lists import HasPage, OfPeople
from core.badges import link
from crm.models import Consent, ContactAddress, HistoryEntry, Note
from crm.searching import NOT_SHOWN


class OfAContact(OfPeople, HasPage):
    """Rows of a contact, newest first, found by the contact's name or address."""

    ordering = ["-id"]
    search_fields = ["contact__first_name", "contact__last_name", "contact__brand__name"]
    addresses = ("contact__addresses__email_index",)
    page = "crm:contact"
    page_of = "contact_id"
    beside: tuple[str, ...] = ()  # what is shown of the row's other relations

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        rows = super().get_queryset(request).select_related("contact__brand", *self.beside)
        return rows.defer(*(f"contact__{field}" for field in NOT_SHOWN))  # no need to decrypt them

    @admin.display(description="contact", ordering="contact__last_name")
    def contact_link(self, row: ContactAddress | Note | Consent | HistoryEntry) -> SafeString:
        return link(row.contact, "crm_contact_change", row.contact_id)

    @admin.display(description="brand", ordering="contact__brand__name")
    def brand(self, row: ContactAddress | Note | Consent | HistoryEntry) -> SafeString:
        return link(row.contact.brand, "crm_brand_change", row.contact.brand_id)


@admin.register(ContactAddress)
class ContactAddressAdmin(OfAContact):
    list_display = ["email", "contact_link", "brand", "is_primary", "origin", "chance", "verification", "open"]
    list_filter = ["is_primary", "origin", "verification_status", "created_at"]
    addresses = ("email_index",)
    date_hierarchy = "created_at"
    fields = [
        *("email", "contact_link", "is_primary", "origin", "chance", "verification"),
        *("verification_method", "mail_operator", "created_at"),
    ]
    readonly_fields = ["contact_link", "chance", "verification"]

    @admin.display(description="chance that it is right", ordering="probability")
    def chance(self, address: ContactAddress) -> str:
        return "-" if address.probability is None else f"{address.probability:.0%}"

    @admin.display(ordering="verification_score")
    def verification(self, address: ContactAddress) -> str:
        if address.verification_score is None:
            return "-"
        return f"{address.verification_score} · {address.verification_status}"


@admin.register(Note)
class NoteAdmin(OfAContact):
    list_display = ["created_at", "contact_link", "brand", "author", "open"]
    list_filter = ["created_at", ("author", admin.RelatedOnlyFieldListFilter)]
    date_hierarchy = "created_at"
    beside = ("author",)
    fields = ["contact_link", "text", "author", "created_at"]
    readonly_fields = ["contact_link"]


@admin.register(Consent)
class ConsentAdmin(OfAContact):
    list_display = ["given_at", "contact_link", "brand", "source", "withdrawn_at", "recorded_by", "open"]
    list_filter = [
        *("given_at", ("withdrawn_at", admin.EmptyFieldListFilter)),
        ("recorded_by", admin.RelatedOnlyFieldListFilter),
    ]
    date_hierarchy = "given_at"
    beside = ("recorded_by",)
    fields = ["contact_link", "given_at", "source", "withdrawn_at", "recorded_by", "created_at"]
    readonly_fields = ["contact_link"]


@admin.register(HistoryEntry)
class HistoryEntryAdmin(OfAContact):
    list_display = ["happened_at", "contact_link", "brand", "what", "sentence", "actor", "open"]
    list_filter = ["kind", "happened_at", ("actor", admin.RelatedOnlyFieldListFilter)]
    date_hierarchy = "happened_at"
    beside = ("actor",)
    fields = ["contact_link", "happened_at", "what", "sentence", "actor", "created_at"]
    readonly_fields = ["contact_link", "what"]

    @admin.display(ordering="kind")
    def what(self, entry: HistoryEntry) -> str:
        return entry.kind.replace("_", " ").capitalize()
