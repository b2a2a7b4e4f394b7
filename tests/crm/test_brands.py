import pytest

from crm import brands
from crm.models import Brand

pytestmark = pytest.mark.django_db


def test_a_brand_is_found_by_its_domain_whatever_it_is_called() -> None:
    first = brands.find_or_create("Acme", domain="acme.example", website="https://acme.example/")
    assert brands.find_or_create("ACME Holding", domain="acme.example") == first
    assert Brand.objects.get().name == "Acme"


def test_without_a_domain_the_folded_name_decides() -> None:
    first = brands.find_or_create("Müller & Söhne GmbH")
    assert brands.find_or_create("muller, sohne") == first


def test_a_brand_known_by_name_takes_its_domain_on() -> None:
    first = brands.find_or_create("Acme")
    again = brands.find_or_create("Acme", domain="acme.example", website="https://acme.example/", region="DE")
    assert again == first
    again.refresh_from_db()
    assert (again.domain, again.website, again.region_code) == ("acme.example", "https://acme.example/", "DE")


def test_one_name_at_two_domains_is_two_companies() -> None:
    brands.find_or_create("Acme", domain="acme.example")
    brands.find_or_create("Acme", domain="acme.test")
    assert Brand.objects.count() == 2


def test_what_is_known_is_not_overwritten() -> None:
    brands.find_or_create("Acme", domain="acme.example", website="https://acme.example/")
    brands.find_or_create("Acme", domain="acme.example", website="https://www.acme.example/team")
    assert Brand.objects.get().website == "https://acme.example/"


@pytest.mark.parametrize(("name", "key"), [("株式会社トヨタ", None), ("!!!", "!!!"), ("Ørsted A/S", "orsted")])
def test_every_name_has_a_key(name: str, key: str | None) -> None:
    assert brands.name_key(name)
    if key:
        assert brands.name_key(name) == key
