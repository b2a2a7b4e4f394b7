"""The French directory. Companies, numbers and people are invented."""

from typing import Any

from enrichment.discovery.public_index.registers.recherche_entreprises import MASK, RechercheEntreprises
from tests.discovery.public_index.registers.conftest import Serve
from tests.discovery.public_index.registers.desk import Desk, answer, codes, facts, titles
from tests.kit.web import Content

NUMBER, HOLDING = "999000102", "999000110"


def person(last: Any, first: Any, office: Any) -> dict[str, Any]:
    return {
        "nom": last,
        "prenoms": first,
        "qualite": office,
        "annee_de_naissance": "1964",
        "date_de_naissance": "1964-09",
        "nationalite": "Française",
        "type_dirigeant": "personne physique",
    }


def company(number: str, office: str) -> dict[str, Any]:
    return {"siren": number, "denomination": "AUTRE SA", "qualite": office, "type_dirigeant": "personne morale"}


def unit(*people: Any, number: str = NUMBER, **more: Any) -> dict[str, Any]:
    return {
        "siren": number,
        "nom_complet": "BRIGHTWATER (BW)",
        "nom_raison_sociale": "BRIGHTWATER",
        "sigle": "BW",
        "siege": {"liste_enseignes": ["BRIGHT"]},
        "dirigeants": list(people),
        "etat_administratif": "A",
        "nature_juridique": "5710",
        "tranche_effectif_salarie": "21",
        "statut_diffusion": "O",
        **more,
    }


def at(number: str = NUMBER) -> str:
    return f"/search?q={number}&minimal=true&include=dirigeants%2Csiege"


def pages(*units: dict[str, Any]) -> dict[str, Content]:
    return {at(item["siren"]): answer({"results": [item], "total_results": 1}) for item in units}


def register(desk: Desk) -> RechercheEntreprises:
    return RechercheEntreprises(base_url=desk.base_url)


def test_officers_are_named_by_their_first_forename_with_english_titles(serve: Serve) -> None:
    desk = serve(
        pages(
            unit(
                person("D'EXEMPLE", "MARIE CLAIRE", "Président de SAS"),
                person("ÉCHANTILLON (TÉMOIN)", "JEAN-LUC", "Directeur général délégué"),
                person("DUPRÉ", "ÉLODIE", "Président du conseil d'administration et directeur général"),
                person("LE MODÈLE", "ANNE", "Gérant"),
                person("ESSAI", "PAUL", "Fonction rare"),
            )
        )
    )
    found = desk.look_up(register(desk), NUMBER)
    assert titles(found) == {
        "Marie d'Exemple": "President",
        "Jean-Luc Échantillon": "Deputy Chief Executive Officer",
        "Élodie Dupré": "Chair and Chief Executive Officer",
        "Anne Le Modèle": "Managing Director",
        "Paul Essai": "Fonction rare",
    }
    marie = found.people[0]
    assert marie.confidence == 88
    assert marie.evidence[0].snippet == "Président de SAS: Marie d'Exemple (BRIGHTWATER)"
    assert marie.evidence[0].url == f"{desk.base_url}{at()}"


def test_company_facts_are_words_and_not_codes(serve: Serve) -> None:
    desk = serve(pages(unit()))
    assert facts(desk.look_up(register(desk), NUMBER)) == {
        "legal_name": "BRIGHTWATER",
        "register_number": NUMBER,
        "legal_form": "SAS",
        "employees": "50-99",
    }


def test_auditors_and_companies_are_left_out(serve: Serve) -> None:
    desk = serve(
        pages(
            unit(
                person("COMPTE", "LISE", "Commissaire aux comptes titulaire"),
                person("FIN", "LÉO", "Liquidateur"),
                company(HOLDING, "Commissaire aux comptes suppléant"),
            )
        )
    )
    assert desk.look_up(register(desk), NUMBER).people == ()
    assert desk.paths == [at()]


def test_a_company_that_opposes_being_shown_is_not_stored(serve: Serve) -> None:
    for marks in ({"statut_diffusion": "P"}, {"nom_complet": MASK, "nom_raison_sociale": None}):
        desk = serve(pages(unit(person("EXEMPLE", "MARIE", "Gérant"), **marks)))
        found = desk.look_up(register(desk), NUMBER)
        assert found.people == found.company == ()
        assert codes(found) == ["withheld"]
        (kept,) = desk.answers.changed
        assert b"Exemple" not in kept.content
        assert b"BRIGHTWATER" not in kept.content


def test_a_person_who_opposes_being_shown_is_left_out_and_that_is_said(serve: Serve) -> None:
    desk = serve(pages(unit(person(MASK, MASK, "Gérant"), person("EXEMPLE", "MARIE", "Gérant"))))
    found = desk.look_up(register(desk), NUMBER)
    assert list(titles(found)) == ["Marie Exemple"]
    assert codes(found) == ["withheld"]
    assert "own wish" in found.diagnostics[0].sentence


def test_a_company_that_only_a_company_leads_is_led_by_its_leaders(serve: Serve) -> None:
    holding = unit(
        person("EXEMPLE", "MARIE", "Gérant"),
        person("CONSEIL", "LÉA", "Administrateur"),
        company("999000128", "Président de SAS"),
        number=HOLDING,
        nom_raison_sociale="PARTICIPATIONS DU NORD",
    )
    desk = serve(pages(unit(company(HOLDING, "Président de SAS")), holding))
    found = desk.look_up(register(desk), NUMBER)
    assert titles(found) == {"Marie Exemple": "President"}
    (marie,) = found.people
    assert marie.confidence == 85
    assert marie.evidence[0].url == f"{desk.base_url}{at(HOLDING)}"
    assert marie.evidence[0].snippet == (
        "Président de SAS: Marie Exemple (PARTICIPATIONS DU NORD acts as such for BRIGHTWATER)"
    )
    assert desk.paths == [at(), at(HOLDING)]


def test_a_leading_company_is_not_looked_up_where_a_person_leads(serve: Serve) -> None:
    desk = serve(pages(unit(company(HOLDING, "Président de SAS"), person("EXEMPLE", "MARIE", "Directeur Général"))))
    assert titles(desk.look_up(register(desk), NUMBER)) == {"Marie Exemple": "Chief Executive Officer"}
    assert desk.paths == [at()]


def test_a_leading_company_that_cannot_be_asked_costs_nothing(serve: Serve) -> None:
    desk = serve({**pages(unit(company(HOLDING, "Président de SAS"))), at(HOLDING): answer({"erreur": "x"}, 500)})
    found = desk.look_up(register(desk), NUMBER)
    assert facts(found)["legal_name"] == "BRIGHTWATER"
    assert found.people == ()


def test_a_closed_company_and_a_hit_of_another_number_are_nothing(serve: Serve) -> None:
    closed = unit(person("EXEMPLE", "MARIE", "Gérant"), etat_administratif="C")
    other = answer({"results": [unit(person("EXEMPLE", "MARIE", "Gérant"), number="999000128")]})
    empty = answer({"results": [], "total_results": 0})
    desk = serve({**pages(closed), at(HOLDING): other, at("999000136"): empty})
    found = desk.look_up(register(desk), NUMBER, HOLDING, "999000136")
    assert (found.people, found.company, found.diagnostics) == ((), (), ())


def test_a_shop_sign_makes_a_company_the_brand(serve: Serve) -> None:
    signs = {"liste_enseignes": ["BRIGHTWATER", None, MASK]}
    names = {"nom_complet": "NORD", "nom_raison_sociale": "NORD", "sigle": None, "siege": signs}
    desk = serve(pages(unit(person("EXEMPLE", "MARIE", "Gérant"), **names)))
    assert list(titles(desk.look_up(register(desk), NUMBER))) == ["Marie Exemple"]
