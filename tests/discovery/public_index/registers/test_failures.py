"""What every register does when it is asked too often, broken, slow or talking nonsense."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

from enrichment.discovery.base import SourceError
from enrichment.discovery.public_index.companies_house import CompaniesHouse
from enrichment.discovery.public_index.registers.ares import PATH as ARES_PATH
from enrichment.discovery.public_index.registers.ares import Ares
from enrichment.discovery.public_index.registers.base import Register
from enrichment.discovery.public_index.registers.brreg import PATH as BRREG_PATH
from enrichment.discovery.public_index.registers.brreg import Brreg
from enrichment.discovery.public_index.registers.recherche_entreprises import RechercheEntreprises
from enrichment.discovery.public_index.registers.rpo import PATH as RPO_PATH
from enrichment.discovery.public_index.registers.rpo import Rpo
from tests.discovery.public_index.registers.conftest import Serve
from tests.discovery.public_index.registers.desk import answer
from tests.kit.web import Page, Raw

NUMBER = "99900011"
Make = Callable[[str], Register]
REGISTERS: dict[str, tuple[Make, str]] = {
    "brreg": (lambda url: Brreg(base_url=url), f"{BRREG_PATH}/{NUMBER}"),
    "recherche_entreprises": (lambda url: RechercheEntreprises(base_url=url), "/search"),
    "ares": (lambda url: Ares(base_url=url), f"{ARES_PATH}/ekonomicke-subjekty/{NUMBER}"),
    "rpo": (lambda url: Rpo(base_url=url), f"{RPO_PATH}/search"),
    "companies_house": (lambda url: CompaniesHouse(base_url=url, api_key="key"), f"/company/{NUMBER}"),
}
each_register = pytest.mark.parametrize(("make", "path"), REGISTERS.values(), ids=REGISTERS)


def failure(serve: Serve, make: Make, pages: dict[str, Any]) -> tuple[str, str]:
    desk = serve(pages)
    with pytest.raises(SourceError) as caught:
        desk.look_up(make(desk.base_url), NUMBER)
    assert desk.answers.changed == ()
    return caught.value.diagnostic.code, caught.value.diagnostic.source


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (answer({}, 429), "rate_limited"),
        (answer({}, 429, **{"Retry-After": "3600"}), "rate_limited"),
        (answer({}, 500), "unavailable"),
        (answer({}, 502), "unavailable"),
        (answer({"erreur": "x"}, 400), "http_status"),
        (Page("<h1>Attention Required</h1>"), "malformed"),
        (Page('{"navn": "BRIGHT'), "malformed"),
        (Page("[" * 100_000), "malformed"),
        (answer([1, 2]), "malformed"),
        (answer("text"), "malformed"),
        (Raw(lambda connection: connection.close()), "unreachable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@each_register
def test_a_failure_is_told_by_its_code(serve: Serve, make: Make, path: str, page: Any, code: str) -> None:
    assert failure(serve, make, {path: page}) == (code, make("http://127.0.0.1").name)


@each_register
def test_a_short_retry_after_is_waited_for(serve: Serve, make: Make, path: str) -> None:
    pages = iter([answer({}, 429, **{"Retry-After": "2"})])
    desk = serve({path: lambda _: next(pages, answer({}, 404))})
    assert desk.look_up(make(desk.base_url), NUMBER).people == ()
    assert 2.0 in desk.slept
    assert len(desk.paths) == 2


@each_register
def test_a_register_that_hangs_is_given_up(serve: Serve, make: Make, path: str) -> None:
    def hang(connection: socket.socket) -> None:
        connection.recv(1)  # until the client has had enough

    desk = serve({path: Raw(hang)})
    register: Any = make(desk.base_url)
    register._service.timeout = 0.2
    with pytest.raises(SourceError) as caught:
        desk.look_up(register, NUMBER)
    assert caught.value.diagnostic.code == "timeout"


HOSTILE = [None, 0, True, "x", [], {}, [None], [7], {"value": []}, [{"value": {}}], [[{}]], {"a": {"b": None}}]
KEYS = (
    "navn organisasjonsform hjemmeside epostadresse naeringskode1 antallAnsatte rollegrupper roller type person "
    "results siren nom_complet nom_raison_sociale dirigeants siege statut_diffusion tranche_effectif_salarie qualite "
    "obchodniJmeno pravniForma zaznamy statutarniOrgany clenoveOrganu fyzickaOsoba clenstvi "
    "fullNames legalForms statutoryBodies personName stakeholderType validTo identifiers "
    "company_name company_status items total_results name officer_role resigned_on occupation"
)


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
@each_register
def test_wrong_types_anywhere_find_nobody_and_raise_nothing_else(
    serve: Serve, make: Make, path: str, value: Any
) -> None:
    """Every key that any register reads holds the value, and lists of such objects hold it one level down."""
    flat = dict.fromkeys(KEYS.split(), value)
    deep = {key: [flat] for key in KEYS.split()}
    named = {**deep, "navn": "BRIGHTWATER", "obchodniJmeno": "BRIGHTWATER", "company_name": "BRIGHTWATER"}
    found = {"id": 5, "siren": NUMBER, "identifiers": [{"value": NUMBER}], "nom_raison_sociale": "BRIGHTWATER"}
    named["fullNames"] = [{"value": "BRIGHTWATER"}]
    for page in (flat, deep, named, {**named, "results": [{**named, **found}]}):
        desk = serve({})
        desk.server.sites["*"] = _Everywhere(answer(page))
        try:
            assert desk.look_up(make(desk.base_url), NUMBER).people == ()
        except SourceError as error:
            assert error.diagnostic.code == "malformed"  # noqa: PT017


class _Everywhere(dict[str, Any]):
    """A site with the same page at every path."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def get(self, key: str, default: Any = None) -> Any:
        return self._page


def test_what_was_found_before_a_failure_is_kept(serve: Serve) -> None:
    unit = {"organisasjonsnummer": "999000118", "navn": "BRIGHTWATER AS"}
    desk = serve({f"{BRREG_PATH}/999000118": answer(unit), f"{BRREG_PATH}/999000126": answer({}, 500)})
    found = desk.look_up(Brreg(base_url=desk.base_url), "999000118", "999000126")
    assert found.company[0].value == "BRIGHTWATER AS"
    assert [diagnostic.code for diagnostic in found.diagnostics] == ["unavailable"]
