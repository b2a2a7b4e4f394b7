from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enrichment.discovery.website import pages, people
from tests.discovery.website.reading import person, read, stored, titles

FOUND: dict[str, dict[str, str | None]] = {
    "german_team": {
        "Annegret Mühlbauer": "Geschäftsführende Gesellschafterin",
        "Jörg Peter Stein": "Leiter Vertrieb & Marketing",
        "Sülbiye Karadağ": "Personalreferentin",
        "Horst von der Heide": "Technischer Leiter",
    },
    "french_team": {
        "Marie-Claire Dupont": "Directrice générale",
        "Yann Le Goff": "Directeur administratif et financier",
        "Solène de la Fontaine": "Responsable communication",
    },
    "spanish_team": {
        "José García Márquez": "Director general",
        "María del Carmen Ruiz Ibáñez": "Directora financiera",
        "Iñaki Etxeberria": "Responsable de compras",
    },
    "italian_team": {
        "Giulia Bianchi": "Amministratore delegato",
        "Marco Della Valle": "Responsabile commerciale",
        "Lucrezia Sant'Angelo": "Consulente legale",
    },
    "portuguese_team": {
        "João Carlos de Souza": "Diretor Presidente",
        "Ana Beatriz Nogueira": "Diretora de Marketing",
        "Caetano dos Anjos": "Gerente de Projetos",
    },
    "dutch_team": {
        "Willemijn van der Meer": "Directeur",
        "Gerard 't Hooft-Smit": "Hoofd financiën",
        "Fatima El Amrani": "Projectleider",
    },
    "polish_team": {
        "Katarzyna Wiśniewska-Zając": "Prezes Zarządu",
        "Łukasz Wójcik": "Dyrektor ds. technicznych",
        "Zbigniew Żak": "Kierownik magazynu",
    },
    "russian_management": {
        "Мария Сергеевна Иванова": "Генеральный директор",
        "Пётр Алексеевич Кузнецов": "Главный бухгалтер",
        "Олег Игоревич Смирнов": "Начальник отдела продаж",
    },
    "bulgarian_team": {
        "Иванка Тодорова": "Управител",
        "Димитър Колев": "Търговски директор",
        "Цветелина Стоянова": "Маркетинг мениджър",
    },
    "japanese_company": {"太郎 山田": "代表取締役社長", "花子 佐藤": "取締役", "一郎 鈴木": "監査役"},
    "chinese_team": {"小明 王": "董事长兼首席执行官", "丽 欧阳": "首席财务官", "伟 陈": "技术总监"},
    "roles_around": {
        "Beatrice Holloway": "Partner",
        "Rupert Fanshawe": "Partner",
        "Anil Deshmukh": "Senior Associate",
        "Chloe Winterbourne": "Senior Associate",
        "Morag Macallister": "Head of Operations",
        "Desmond O'Shea": "Facilities Manager",
        "Fiona Pemberton": "Chair",
        "Hugh Ravenscroft": "Treasurer",
        "Gwen Prosser": "Sales Manager",
        "Nadia Haddad": "Chief Scientist",
        "Liam Gallacher": "Press officer",
        "Ottilie Baumgarten": "CFO",
    },
    "site_builder": {
        "Amara Nwosu": "Creative Director",
        "Leopold Bauer": "Lead Developer",
        "Zsófia Kertész": "Wizard of Light Bulb Moments",
    },
    "about_text": {
        "Matilda Greengrass": "founder",
        "Declan Rooney": "Head brewer",
        "Suzette Arbour": "sales manager",
    },
    "former_staff": {"Penelope Ashworth": "Chair", "Vivian Lockhart": "Secretary"},
    "single_names": {"Yolanda Fitzpatrick": "Salon Manager"},
    "decoys": {},
    "blog_post": {},
}


@pytest.mark.parametrize("name", FOUND)
def test_each_kind_of_page_gives_its_people_with_titles_and_nobody_else(name: str) -> None:
    assert titles(stored(name)) == FOUND[name]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<h1>Our team</h1><h3>Rosalind<br>Carver</h3><p>Engineer</p>", {"Rosalind Carver": "Engineer"}),
        ("<h1>Consejo directivo</h1><p>GARCÍA MÁRQUEZ, José. Presidente</p>", {"José García Márquez": "Presidente"}),
        (
            "<h1>About us</h1><p>Board members: Rosalind Carver, Timothy Brook and Anil Deshmukh</p>",
            {"Rosalind Carver": "Board members", "Timothy Brook": "Board members", "Anil Deshmukh": "Board members"},
        ),
        (
            "<h1>임원 소개</h1><ul><li>대표이사 김민준</li><li>전무 이서연</li></ul>",
            {"민준 김": "대표이사", "서연 이": "전무"},
        ),
        (
            "<h1>Directory</h1><table><tr><th>Name<th>Position<tr><td>Carver, Rosalind<td>Finance"
            "<tr><td>Brook, Timothy<td>Keeper of Bees</table>",
            {"Rosalind Carver": "Finance", "Timothy Brook": "Keeper of Bees"},
        ),
        ("<h1>Kontakt</h1><p>Ihre Ansprechpartnerin: Petra Hohl, Telefon 01234 5678</p>", {"Petra Hohl": None}),
        (
            "<h1>Our team</h1><p>Vice President,<br>Client Services</p><h3>Rosalind Carver</h3>",
            {"Rosalind Carver": "Vice President, Client Services"},
        ),
        (
            '<h1>Team</h1><a href="/c"><img src="x" alt="Rosalind Carver, Managing Partner"></a>',
            {"Rosalind Carver": "Managing Partner"},
        ),
        (
            "<h1>Careers</h1><p>Questions? Contact Rosalind Carver, Head of Talent, at rosalind.carver@example.com</p>",
            {"Rosalind Carver": "Head of Talent"},
        ),
        ("<h1>Menu</h1><h3>Peach Melba</h3><p>Chef special</p><h3>Eggs Benedict</h3><p>Ham</p>", {}),
        ("<h1>Properties</h1><h3>Charlotte Heights</h3><p>Apartment manager on site</p>", {}),
    ],
)
def test_names_and_titles_are_found_however_they_are_set(body: str, expected: dict[str, str | None]) -> None:
    assert titles(read(body)) == expected


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Our board consists of a President Harriet Dunmore, a Vice-President Oswald Peel and a Clerk Ida Frost.",
            0,
        ),
        ("Our board consists of <b>Harriet Dunmore</b>, President, and <b>Oswald Peel</b>, Vice-President.", 2),
        ("We were glad when the mayor and our president Harriet Dunmore cut the ribbon.", 1),
        ("We grew fast. President Harriet Dunmore leads the company.", 1),
    ],
)
def test_a_name_in_passing_is_not_taken_and_one_that_a_text_presents_is(text: str, found: int) -> None:
    page = f"<title>About us - Example Mills</title><h1>Our board</h1><p>{text}</p>"
    assert len(read(page).people) == found


def test_every_field_has_evidence_with_the_page_and_the_text_around_it() -> None:
    before = datetime.now(UTC)
    found = read(
        "<h1>Our team</h1><div><h3>Rosalind Carver</h3><p>Managing Director</p><p>rosalind.carver@example.com</p>"
        '<a href="https://uk.linkedin.com/in/Rosalind-Carver/"></a></div>'
    )
    (carver,) = found.people
    assert [(item.field, item.value) for item in carver.evidence] == [
        ("name", "Rosalind Carver"),
        ("title", "Managing Director"),
        ("email", "rosalind.carver@example.com"),
        ("linkedin", "https://www.linkedin.com/in/rosalind-carver"),
    ]
    for item in carver.evidence:
        assert item.url == "https://www.example.com/page"
        assert item.source == "website"
        assert before <= item.seen_at <= datetime.now(UTC)
        assert "Rosalind Carver" in item.snippet
    assert (carver.linkedin_id, carver.seniority, carver.decision_maker) == ("rosalind-carver", "c_level", True)


def test_a_snippet_is_at_most_300_characters() -> None:
    found = read(f"<h1>Our team</h1><h3>Rosalind Carver</h3><p>Managing Director</p><p>{'She came far. ' * 100}</p>")
    assert max(len(item.snippet) for item in found.people[0].evidence) == 300


def test_confidence_grows_with_what_the_page_confirms() -> None:
    bare = read("<p>Our sales manager Rosalind Carver is glad to help you with every order.</p>").people[0]
    full = read(
        "<h1>Our team</h1><h3>Rosalind Carver</h3><p>Sales Manager</p><p>rosalind.carver@example.com</p>"
    ).people[0]
    assert 60 <= bare.confidence < full.confidence <= 80


def test_one_name_alone_is_no_person_but_kept_apart() -> None:
    found = stored("single_names")
    assert found.single_names == ("Sophie", "Marcus")


def test_honorifics_and_degrees_are_no_part_of_the_name() -> None:
    found = read(
        "<h1>Our team</h1><ul><li>Prof. Dr. Eva Lindner, PhD – Head of Research</li>"
        "<li>Mr. Tobias Hale, Jr. – Treasurer</li><li>Nadia Roth, MBA, CPA – Controller</li></ul>"
    )
    assert [(p.first_name, p.last_name) for p in found.people] == [
        ("Eva", "Lindner"),
        ("Tobias", "Hale"),
        ("Nadia", "Roth"),
    ]


@pytest.mark.parametrize(
    ("printed", "first", "last"),
    [
        ("Thibault d'Arcy", "Thibault", "d'Arcy"),
        ("Nuria Ferrer i Puig", "Nuria", "Ferrer i Puig"),
        ("Thiago Albuquerque de Sá", "Thiago Albuquerque", "de Sá"),
        ("Raimundo Nonato Pires Filho", "Raimundo Nonato", "Pires Filho"),
        ("Per Kristian Aas", "Per Kristian", "Aas"),
        ("Fco. Javier Lozano", "Fco. Javier", "Lozano"),
        ("SMITHSON, Delia", "Delia", "Smithson"),
        ("Lucinda Farrow BVSc MRCVS", "Lucinda", "Farrow"),
    ],
)
def test_names_are_split_whatever_small_words_and_marks_they_have(printed: str, first: str, last: str) -> None:
    (one,) = read(f"<h1>Our team</h1><div><h3>{printed}</h3><p>Managing Director</p></div>").people
    assert (one.first_name, one.last_name) == (first, last)


def test_two_names_joined_by_a_word_are_not_one() -> None:
    assert titles(read("<h1>Our team</h1><h3>Anna i Piotr Nowak</h3><p>Owners</p>", language="pl")) == {}


def test_a_mailbox_link_is_no_name() -> None:
    found = read(
        '<h1>Medarbetare</h1><div><h3>Åke Lind</h3><p>Snickare</p><a href="mailto:ake@example.org">Maila Åke</a></div>'
    )
    assert [(p.name, p.email) for p in found.people] == [("Åke Lind", "ake@example.org")]


@pytest.mark.parametrize("title", ["Office Dog", "Head of Security (cat)", "Bürohund", "Chief Barking Officer"])
def test_a_pet_with_a_full_name_is_no_person(title: str) -> None:
    body = f"<h1>Our team</h1><h3>Olive Sandford</h3><p>{title}</p><h3>Ellery Sandford</h3><p>Dog Trainer</p>"
    assert titles(read(body)) == {"Ellery Sandford": "Dog Trainer"}


def test_those_who_serve_from_outside_are_no_staff() -> None:
    body = (
        "<h1>Impressum</h1><table><tr><td>Geschäftsführer:</td><td>Max Muster</td></tr>"
        "<tr><td>Datenschutzbeauftragter:</td><td>Jan Extern</td></tr></table><p>Fotos: Eva Bild</p>"
    )
    assert titles(read(body, language="de")) == {"Max Muster": "Geschäftsführer"}


def test_praise_without_quotation_marks_makes_nobody_staff() -> None:
    card = (
        "<div><p>We save four hours every week with it, and our customers noticed.</p><b>{}</b><p>Owner, {}</p></div>"
    )
    body = card.format("Fabienne Rochat", "Rochat Bakery") + card.format("Dan Whitby", "Crumb Works")
    assert titles(read(f"<h1>Software for bakers</h1>{body}", title="Bakery software")) == {}


def test_a_label_in_the_middle_of_cards_is_no_heading() -> None:
    cards = "".join(
        f"<div><h3>{name}</h3><p>{title}</p></div>"
        for name, title in (("Wiebke Thomsen", "Inhaberin"), ("Hauke Petersen", "Tischlergeselle"))
    )
    assert titles(read(f"<h1>Team</h1>{cards}", language="de")) == {
        "Wiebke Thomsen": "Inhaberin",
        "Hauke Petersen": "Tischlergeselle",
    }


def test_a_list_that_prints_family_names_first_is_put_right() -> None:
    rows = "".join(f"<li>{name}</li>" for name in ("Kowalczyk Anna", "Zawada Piotr", "Brzoza Marek", "Lipka Ewa"))
    found = read(f"<h1>Zespół</h1><ul>{rows}</ul>", language="pl")
    assert [(p.first_name, p.last_name) for p in found.people] == [
        ("Anna", "Kowalczyk"),
        ("Piotr", "Zawada"),
        ("Marek", "Brzoza"),
        ("Ewa", "Lipka"),
    ]


def test_a_team_page_of_a_hundred_people_gives_them_all() -> None:
    letters = "abcdefghij"
    names = [f"Anna K{a}rr{b}mann" for a in letters for b in letters]
    cards = "".join(f"<div><h4>{name}</h4><p>Engineer</p></div>" for name in names)
    found = read(f"<h1>Our team</h1>{cards}")
    assert [p.name for p in found.people] == names
    assert {p.title for p in found.people} == {"Engineer"}


def test_the_same_person_in_two_places_is_one_with_the_fuller_data() -> None:
    found = read(
        '<nav><a href="/a">Rosalind Carver</a></nav><h1>Our team</h1>'
        "<h3>Rosalind M. Carver</h3><p>Managing Director</p>"
        "<p>Write to Rosalind Carver, our managing director, at rosalind@example.com.</p>"
    )
    assert titles(found) == {"Rosalind Carver": "Managing Director"}
    assert found.people[0].email == "rosalind@example.com"


def test_somebody_at_another_firm_is_no_staff_unless_the_part_is_about_staff() -> None:
    row = "<p><b>Theodor Brandt</b> is Head of Admissions at Faraway University in Elsewhere.</p>"
    assert read(f"<h1>Where to study</h1>{row}", title="Study guide").people == ()
    assert titles(read(f"<h1>Advisory Board</h1>{row}")) == {"Theodor Brandt": "Head of Admissions"}


def test_pages_that_show_nobody_give_nothing() -> None:
    for body in ("", "<p>Coming soon</p>", "<h1>Our team</h1><p>Our team is our pride.</p>", "<div id=root></div>"):
        assert read(body) == people.Extraction()


def test_a_profile_linked_from_every_card_is_nobodys() -> None:
    link = '<a href="https://www.linkedin.com/in/webdesigner">in</a>'
    found = read(
        f"<h1>Our team</h1><div><h3>Rosalind Carver</h3><p>Director</p>{link}</div>"
        f"<div><h3>Timothy Brook</h3><p>Engineer</p>{link}</div>"
    )
    assert [p.linkedin_url for p in found.people] == [None, None]


def test_links_to_companies_are_no_profiles() -> None:
    found = stored("dutch_team")
    assert person(found, "Fatima El Amrani").linkedin_url is None
    assert person(found, "Willemijn van der Meer").linkedin_id == "willemijnvdmeer"


PIECES = (
    "<div> </div> <p> <h2> <li> <td> <table> <br> <b> <script> <!-- Jane&nbsp;Doe CEO Our&nbsp;team \x00 &#0;"
    " <a&nbsp;href='mailto:% '> @ [at] Geschäftsführer: “ 山田 ( <i&nbsp;class='vcard'> http://[ <base&nbsp;href='//['>"
)
MARKUP = st.lists(st.sampled_from([piece.replace("&nbsp;", " ") for piece in PIECES.split(" ")]), max_size=40)


@settings(max_examples=150, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MARKUP, st.binary(max_size=20))
def test_no_markup_makes_reading_raise(pieces: list[str], noise: bytes) -> None:
    page = pages.parse("".join(pieces).encode() + noise, None, "https://www.example.com/")
    people.extract(page)
