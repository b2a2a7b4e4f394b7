"""The form that starts a discovery: the rules are intake.py's, each mistake stands beside its field."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pycountry
from anyascii import anyascii
from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from core.pages import NoColons
from crm import regions
from enrichment import intake
from enrichment.intake import DiscoveryRequest, RegionRestricted

# What intake calls the fields is what the API calls them.
NAMES = {
    "brandName": "The brand name",
    "website": "The website",
    "linkedInCompanyUrl": "The LinkedIn URL",
    "region": "The region",
}
RESTRICTED = "Discovery in {country} is switched off in this installation (ENRICHMENT_RESTRICTED_REGIONS)."
ONLY_WARN = "Rules of countries only warn (complianceMode off)"
WHAT_THAT_MEANS = (
    "Messages to the people found may then go even where the law asks for consent first, or for a person's decision: "
    "you answer for that. Objections, the suppression list and withdrawn consents still stop them. That you did so is "
    "kept in the audit trail."
)
NO_NAME = "Give the brand's name, for example Acme."


@lru_cache
def countries() -> list[tuple[str, str]]:
    """Return every country's ISO 3166-1 alpha-2 code and name, in the order of the names."""
    named = [(country.alpha_2, country_name(country.alpha_2)) for country in pycountry.countries]
    return sorted(named, key=lambda pair: anyascii(pair[1]).casefold())


def country_name(code: str) -> str:
    """Return the name by which people know a country."""
    if code in regions.REGIONS and code != regions.OTHERS:
        return regions.policy(code).country
    country = pycountry.countries.get(alpha_2=code)
    return str(getattr(country, "common_name", country.name)) if country else code


def sentence(error: Exception) -> str:
    """Return what is wrong in words for people: intake's sentences begin with the API's names of fields."""
    if isinstance(error, RegionRestricted):
        return RESTRICTED.format(country=country_name(error.region))
    first, space, rest = str(error).partition(" ")
    return NAMES.get(first, first) + space + rest


def cleaned(clean: Callable[[str], Any], text: str) -> Any:
    """Return what a rule of intake makes of `text`. Raises ValidationError with a sentence for people."""
    try:
        return clean(text)
    except ValueError as error:
        raise ValidationError(sentence(error)) from error


def clean_region(code: str) -> str | None:
    """Return the region in which discovery is wanted. Raises InputError, RegionRestricted."""
    region = intake.clean_region(code)
    intake.refuse_restricted(region)
    return region


class RegionForm(NoColons, forms.Form):
    region = forms.ChoiceField(label="Country", required=False, choices=lambda: [("", "Choose one"), *countries()])


class DiscoverForm(NoColons, forms.Form):
    brand = forms.CharField(label="Brand", error_messages={"required": NO_NAME})
    website = forms.CharField(
        required=False, help_text="Its home page, such as acme.com. Best given: most is found there."
    )
    linkedin = forms.CharField(
        label="LinkedIn company page", required=False, help_text="Such as https://www.linkedin.com/company/acme"
    )
    region = forms.CharField(label="Region", required=False)
    rules_only_warn = forms.BooleanField(label=ONLY_WARN, required=False, help_text=WHAT_THAT_MEANS)
    # Of the page, so that pressing the button twice starts one job.
    once = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, admin: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not admin:
            del self.fields["rules_only_warn"]
        typed = {"autocomplete": "off", "spellcheck": "false"}
        brand, rule = reverse("review:discover"), reverse("review:discover-region")
        asked = {"hx-get": brand, "hx-trigger": "change", "hx-target": "#brand-known", "hx-include": "[name=website]"}
        self.fields["brand"].widget.attrs |= {**typed, **asked, "list": "brands"}
        self.fields["website"].widget.attrs |= {**typed, "inputmode": "url"}
        self.fields["linkedin"].widget.attrs |= {**typed, "inputmode": "url"}
        self.fields["region"].widget = forms.Select(
            {"hx-get": rule, "hx-target": "#region-rule"}, choices=[("", "Not known"), *countries()]
        )

    def clean_brand(self) -> str:
        return str(cleaned(intake.clean_brand_name, self.cleaned_data["brand"]))

    def clean_website(self) -> str | None:
        return cleaned(intake.clean_website, self.cleaned_data["website"])

    def clean_linkedin(self) -> str | None:
        return cleaned(intake.clean_linkedin_company_url, self.cleaned_data["linkedin"])

    def clean_region(self) -> str | None:
        return cleaned(clean_region, self.cleaned_data["region"])

    def request(self) -> DiscoveryRequest:
        """Return what is wanted; `is_valid` comes first."""
        given = self.cleaned_data
        only_warn = given.get("rules_only_warn", False)
        return intake.discovery_request(
            given["brand"], given["website"], given["linkedin"], given["region"], compliance_mode=not only_warn
        )
