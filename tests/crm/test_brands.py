import pytest

from crm import brands
from crm.models import Brand
from tests.crm.at_once import meeting
from tests.racing import race

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


@pytest.mark.django_db(transaction=True)
def test_of_many_domains_at_once_for_a_brand_known_by_name_each_gets_its_own_row() -> None:
    domains = [f"acme{number % 4}.example" for number in range(8)]
    for _ in range(5):
        Brand.objects.all().delete()
        known = brands.find_or_create("Acme")
        found = race(8, lambda index: brands.find_or_create("Acme", domain=domains[index], region="DE"))
        assert [brand.domain for brand in found] == domains
        assert Brand.objects.count() == 4
        assert Brand.objects.filter(pk=known.pk, domain__isnull=False).exists()
        assert set(Brand.objects.values_list("region_code", flat=True)) == {"DE"}


@pytest.mark.django_db(transaction=True)
def test_a_domain_that_goes_to_another_row_meanwhile_is_found_there(monkeypatch) -> None:
    """Both names are known without a domain; both learn the same domain at once."""
    brands.find_or_create("Acme")
    brands.find_or_create("Acme Holding")
    monkeypatch.setattr(brands, "_find", meeting(brands._find))
    found = race(2, lambda index: brands.find_or_create(["Acme", "Acme Holding"][index], domain="acme.example"))
    assert found[0] == found[1]
    assert found[0].domain == "acme.example"
    assert Brand.objects.filter(domain=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_brand_deleted_while_it_is_filled_in_is_made_anew(monkeypatch) -> None:
    known, real = brands.find_or_create("Acme"), brands._find

    def find_and_lose(*arguments: str | None) -> Brand | None:
        brand = real(*arguments)
        Brand.objects.filter(pk=known.pk).delete()
        return brand

    monkeypatch.setattr(brands, "_find", find_and_lose)
    again = brands.find_or_create("Acme", domain="acme.example")
    assert (again.pk != known.pk, again.domain) == (True, "acme.example")


@pytest.mark.parametrize(("name", "key"), [("株式会社トヨタ", None), ("!!!", "!!!"), ("Ørsted A/S", "orsted")])
def test_every_name_has_a_key(name: str, key: str | None) -> None:
    assert brands.name_key(name)
    if key:
        assert brands.name_key(name) == key


def test_a_long_name_in_another_script_has_a_key_that_fits_its_column() -> None:
    name = "漢" * 200
    assert len(brands.name_key(name)) <= Brand._meta.get_field("name_key").max_length
    assert brands.find_or_create(name) == brands.find_or_create(name)
