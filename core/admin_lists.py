"""What lists in the admin share: a whole address finds its rows, and each row leads to its page of the product."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.fields import blind_index, normalise_email
from core.names_nobody import NamesNobody
from core.read_only import Kept

if TYPE_CHECKING:  # the stubs' classes take type arguments, Django's own do not
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class FindsAddresses(ModelAdmin):
    """A list that is asked for a whole e-mail address, since addresses are encrypted; else for its `search_fields`.

    `addresses` are the blind indexes that an address is looked for in. None of them may lead to several rows of one
    address for one row of the list.
    """

    search_help_text = "The contact's name, or a whole e-mail address."
    addresses: tuple[str, ...] = ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if "@" not in search_term:
            return super().get_search_results(request, queryset, search_term)
        index, found = blind_index(normalise_email(search_term)), Q()
        for field in self.addresses:
            found |= Q(**{field: index})
        return queryset.filter(found), False


class HasPage(ModelAdmin):
    """Rows that have a page outside the admin, to which the list and the button "View on site" lead.

    `page` is its name, such as `crm:contact`; `page_of` the attribute with the key that stands in its address.
    """

    page: str
    page_of = "pk"

    def view_on_site(self, row: Model) -> str | None:
        """Return the address of the row's page; None where there is none."""
        key = getattr(row, self.page_of)
        return reverse(self.page, args=[key]) if key else None

    @admin.display(description="page")
    def open(self, row: Model) -> SafeString | str:
        address = self.view_on_site(row)
        return format_html('<a href="{}" aria-label="Open {}">Open</a>', address, row) if address else "-"


class OfPeople(Kept, FindsAddresses, NamesNobody):
    """Rows about people that only the product writes."""
