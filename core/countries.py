"""Which country a domain's ending and a telephone number say, as ISO 3166-1 alpha-2, where they say one."""

import phonenumbers
import pycountry

# Country endings that everybody takes for what they sound like: they say nothing about where a company sits.
_GENERIC = """
    ac ad ag ai am as bz cc cd cf co cx dj fm ga gd gg gl gq gs ht im io ki la lc li ly me ml mn ms mu nf nu pn pw sc
    sh sm so sr st tc tk tl to tv vc vg vu ws
"""
GENERIC = frozenset(_GENERIC.split())
UNLIKE = {"uk": "GB"}  # endings that are not their country's code; .eu and .su are no country's

_ANYWHERE = frozenset(
    {
        phonenumbers.PhoneNumberType.TOLL_FREE,
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
        phonenumbers.PhoneNumberType.SHARED_COST,
        phonenumbers.PhoneNumberType.PERSONAL_NUMBER,
    }
)


def of_domain(domain: str | None) -> str | None:
    """Return the country of a domain's ending; None for one that is used everywhere, and for none."""
    ending = (domain or "").rstrip(".").rpartition(".")[2].lower()
    if ending in UNLIKE:
        return UNLIKE[ending]
    if len(ending) != 2 or ending in GENERIC or not ending.isascii():
        return None
    country = pycountry.countries.get(alpha_2=ending.upper())
    return str(country.alpha_2) if country is not None and ending != "gb" else None


def of_phone(number: str) -> str | None:
    """Return the country of an international telephone number, such as +49 30 1234567; None for what is none.

    And for one that says nothing of where somebody sits: +1 800 is America's, Canada's and the Caribbean's alike.
    """
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed) or phonenumbers.number_type(parsed) in _ANYWHERE:
        return None
    region = phonenumbers.region_code_for_number(parsed)
    return region if region and len(region) == 2 and region.isalpha() else None
