import csv

import pytest

from enrichment.discovery import titles
from enrichment.discovery.titles import Role, classify

DEPARTMENTS = {
    *("executive", "marketing", "partnerships", "sales", "communications", "product", "design", "engineering"),
    *("research", "finance", "hr", "legal", "operations", "support", "medical", "education", "other"),
}


@pytest.mark.parametrize(
    ("title", "seniority", "department", "decides"),
    [
        ("CEO", "c_level", "executive", True),
        ("C.E.O.", "c_level", "executive", True),
        ("Chief Marketing Officer", "c_level", "marketing", True),
        ("Co-Founder & CTO", "founder", "engineering", True),
        ("Owner", "founder", "executive", True),
        ("VP, Global Sales", "vp", "sales", True),
        ("V.P. of Engineering", "vp", "engineering", True),
        ("Senior Director, Product Marketing", "director", "marketing", True),
        ("Head of Brand Partnerships", "head", "partnerships", True),
        ("Chief Engineer", "head", "engineering", True),
        ("Senior Partner", "partner", "executive", True),
        ("Board Member", "board", "executive", False),
        ("Chair of the Board", "board", "executive", True),
        ("Non-Executive Director", "board", "executive", False),
        ("Senior Software Engineer", "senior", "engineering", False),
        ("Registered Nurse", "staff", "medical", False),
        ("Teacher", "staff", "education", False),
        ("Receptionist", "staff", "operations", False),
        ("Customer Support", "staff", "support", False),
        ("HR Business Partner", "senior", "hr", False),
        ("Attorney at Law", "staff", "legal", False),
    ],
)
def test_english_titles(title: str, seniority: str, department: str, decides: bool) -> None:
    assert classify(title) == Role(seniority, department, decides)


@pytest.mark.parametrize(
    ("title", "seniority", "department"),
    [
        ("Geschäftsführerin", "c_level", "executive"),
        ("Vertriebsleiter", "head", "sales"),
        ("Leiter:in Marketing (m/w/d)", "head", "marketing"),
        ("Sachbearbeiter Buchhaltung", "staff", "finance"),
        ("Présidente-directrice générale", "c_level", "executive"),
        ("Directeur·rice artistique", "director", "design"),
        ("Chargée de communication", "staff", "communications"),
        ("Jefe de Ventas", "head", "sales"),
        ("Directora de Marketing", "director", "marketing"),
        ("Sócia-fundadora", "founder", "executive"),
        ("Gerente de Marketing", "manager", "marketing"),
        ("Amministratore Delegato", "c_level", "executive"),
        ("Responsabile Vendite", "head", "sales"),
        ("Hoofd Inkoop", "head", "operations"),
        ("Prezes Zarządu", "c_level", "executive"),
        ("Dyrektor Marketingu", "director", "marketing"),
        ("Marknadschef", "head", "marketing"),
        ("Daglig leder", "c_level", "executive"),
        ("Myyntijohtaja", "director", "sales"),
        ("Obchodní ředitel", "director", "sales"),
        ("Маркетинг мениджър", "manager", "marketing"),
        ("Генеральный директор", "c_level", "executive"),
        ("代表取締役社長", "c_level", "executive"),
        ("マーケティング部長", "head", "marketing"),
        ("市场总监", "director", "marketing"),
        ("İcra Kurulu Başkanı", "c_level", "executive"),
        ("Pazarlama Müdürü", "head", "marketing"),
        ("Ügyvezető igazgató", "c_level", "executive"),
        ("Avocat colaborator", "staff", "legal"),
        ("Керівник відділу продажів", "head", "sales"),
        ("대표이사", "c_level", "executive"),
        ("마케팅 팀장", "head", "marketing"),
    ],
)
def test_titles_in_other_languages(title: str, seniority: str, department: str) -> None:
    role = classify(title)
    assert (role.seniority, role.department) == (seniority, department)


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Vice President", "vp"),  # not "president"
        ("Product Owner", "staff"),  # owns no company
        ("Partner Manager", "manager"),  # is no partner
        ("Chef de projet", "manager"),  # not "chef" as the head of a department
        ("Flugbegleiterin", "staff"),  # ends like "Leiterin"
        ("Content Creator", "staff"),
        ("Funeral Director", "staff"),
        ("Director of Photography", "senior"),
        ("Press Secretary", "staff"),
        ("Chair of Governors", "board"),  # not "governor"
    ],
)
def test_a_longer_term_hides_the_shorter_one_in_it(title: str, level: str) -> None:
    assert classify(title).seniority == level


@pytest.mark.parametrize(
    "title", ["Executive Assistant to the CEO", "Office of the President", "Assistenz der Geschäftsführung"]
)
def test_who_assists_a_person_of_rank_has_no_rank(title: str) -> None:
    assert classify(title) == Role("staff", "operations", decision_maker=False)


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Adviser to the CEO", "staff"),
        ("Chief of Staff to the CEO", "head"),
        ("Owner's Representative", "staff"),
        ("President’s Office", "staff"),
        ("Referent des Vorstands", "staff"),
        ("Mitglied des Vorstands", "c_level"),
        ("Membro do Conselho", "board"),
        ("Partner Solutions Architect", "senior"),
        ("Head of Partner Programs", "head"),
        ("Partner, Corporate & M&A", "partner"),
    ],
)
def test_the_level_of_somebody_else_does_not_count(title: str, level: str) -> None:
    assert classify(title).seniority == level


@pytest.mark.parametrize(
    ("title", "level", "department"),
    [
        ("Principal", "partner", "executive"),
        ("Principal Hydrologist", "senior", "research"),
        ("School Principal", "head", "education"),
        ("Vice Principal", "head", "education"),
        ("MD", "c_level", "executive"),
        ("MD, Cardiology", "staff", "medical"),
        ("MD, PhD", "staff", "medical"),
        ("M.D.", "unknown", "medical"),
    ],
)
def test_principals_and_mds_are_told_apart_by_what_stands_beside(title: str, level: str, department: str) -> None:
    role = classify(title)
    assert (role.seniority, role.department) == (level, department)


@pytest.mark.parametrize(
    "title",
    ["Former CEO", "CEO (retired)", "Chief Executive Officer – Retired", "President Emeritus", "Founder (in memoriam)"],
)
def test_a_role_once_held_decides_nothing(title: str) -> None:
    assert classify("CEO").decision_maker
    assert not classify(title).decision_maker


@pytest.mark.parametrize(
    ("title", "level"),
    [("Founder and former CEO", "founder"), ("CEO (ehemals CTO)", "c_level"), ("Former CFO, now Board Chair", "board")],
)
def test_a_role_held_now_counts_before_one_once_held(title: str, level: str) -> None:
    role = classify(title)
    assert (role.seniority, role.decision_maker) == (level, True)


def test_who_leads_the_board_decides_and_their_deputy_does_not() -> None:
    assert classify("Chair of the Board").decision_maker
    assert not classify("Vice Chair").decision_maker


def test_who_heads_something_unknown_is_not_said_to_lead_the_company() -> None:
    assert classify("Director of Zorbing").department == "other"
    assert classify("Regional Director").department == "executive"
    assert classify("Director").department == "executive"


@pytest.mark.parametrize("title", ["Beekeeper", "Mudlogger", "Herpetologist", "Bibliothécaire-archiviste"])
def test_a_word_formed_like_a_trade_names_somebody_on_the_staff(title: str) -> None:
    assert classify(title).seniority == "staff"


@pytest.mark.parametrize(
    "title",
    [
        "Chief&nbsp;Marketing&amp;Sales Officer",
        "<b>Chief</b> Marketing Officer",
        "Chief\u00a0Marketing\u00a0Officer",
        "🚀 Chief Marketing Officer",
        "Chief Mar\u00adketing Officer",
        "Chief Marketing Officer @ Brightwater",
        "Chief Marketing Officer at Brightwater Legal Ltd.",
        "Chief Marketing Officer<br>Board Member",
    ],
)
def test_what_pages_leave_in_a_title_makes_no_difference(title: str) -> None:
    assert classify(title) == Role("c_level", "marketing", decision_maker=True)


def test_the_first_three_hundred_characters_count() -> None:
    assert classify("CEO " * 2_500) == classify("CEO")
    assert classify("x" * titles.MAX_LENGTH + " CEO") == Role("unknown", "other", decision_maker=False)


def test_managers_of_a_unit_decide_and_managers_of_a_task_do_not() -> None:
    assert classify("Marketing Manager").decision_maker
    assert classify("Warehouse Manager").decision_maker
    assert not classify("Project Manager").decision_maker
    assert not classify("Key Account Manager").decision_maker


def test_the_department_stands_beside_the_level() -> None:
    assert classify("Head of Marketing, Research Division").department == "marketing"
    assert classify("Vice President, Products").department == "product"


def test_the_employer_in_a_title_says_nothing_of_the_role() -> None:
    assert classify("Designer at Legal Finance Partners") == classify("Designer")


@pytest.mark.parametrize("text", ["", " ", "☃", "\x00", "Our mission", "Read more", "a" * 100_000, "(/" * 5_000])
def test_what_is_no_title_is_unknown_and_never_an_error(text: str) -> None:
    assert classify(text) == Role("unknown", "other", decision_maker=False)


def test_every_word_of_the_table_leads_to_a_known_level_or_department() -> None:
    with titles.WORDS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    for seniority, department in (("seniority", "department"), ("rank", "subject")):
        levels = {row["value"] for row in rows if row["table"] == seniority}
        departments = {row["value"] for row in rows if row["table"] == department}
        assert levels - {"none"} == set(titles.RANKS)
        assert departments - {"generic"} == DEPARTMENTS
    assert all(term.strip() for row in rows for term in row["terms"].split(","))
