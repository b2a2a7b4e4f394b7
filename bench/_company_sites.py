"""Invented company web sites as such sites are built: some 200 pages of products, posts and jobs, and a few on people.

`sites()` yields each with the people whom a visitor can find there. All names and companies are made up.
"""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.kit.web import Content, Page

POSTS, PRODUCTS, JOBS = 130, 50, 12

GIVEN = {
    "en": "Olivia George Amelia Harry Emily Jack Sophie Charlie Grace Thomas Lucy Oscar Ruby Henry Alice Arthur",
    "de": "Anna Lukas Katharina Stefan Sabine Jonas Monika Felix Claudia Tobias Martina Florian Birgit Matthias",
    "fr": "Camille Julien Claire Nicolas Sophie Antoine Marie Guillaume Isabelle Thomas Juliette Mathieu Hélène Luc",
    "es": "Lucía Javier Carmen Alejandro Marta Sergio Elena Pablo Isabel Diego Raquel Álvaro Pilar Andrés",
    "it": "Giulia Marco Francesca Alessandro Chiara Matteo Elena Davide Paola Stefano Laura Giorgio Silvia Luca",
    "nl": "Sanne Daan Lotte Jeroen Femke Thijs Anouk Bas Marieke Pieter Eva Maarten Ingrid Koen",
    "pl": "Agnieszka Piotr Katarzyna Tomasz Magdalena Marcin Joanna Krzysztof Ewa Paweł Anna Michał Beata Jan",
    "pt": "Ana João Beatriz Pedro Mariana Tiago Inês Rui Catarina Miguel Sofia Ricardo Teresa Nuno",
    "sv": "Astrid Erik Ingrid Lars Karin Anders Elsa Gustav Maja Oskar Linnea Henrik Sara Johan",
    "cs": "Tereza Jakub Lucie Petr Jana Tomáš Eva Martin Lenka Pavel Veronika Jan Hana Ondřej",
    "bg": "Мария Георги Елена Димитър Ивана Николай Десислава Петър Калина Стефан Росица Борис",
    "ru": "Анна Сергей Ольга Дмитрий Елена Алексей Наталья Иван Татьяна Павел Мария Андрей",
}
FAMILY = {
    "en": "Hartwell Pemberton Ashdown Whitlock Thornbury Kendrick Marlowe Penrose Oakley Fairfax Langford Redmayne",
    "de": "Brandstätter Hollmann Wiesner Kaltenbach Reinhold Öttinger Vogelsang Lindemann Hartung Seidel Rothfuss",
    "fr": "Delacroix Fontenay Marchand Beauchamp Lemoine Roussel Vasseur Chevalier Garnier Montreuil Perrault",
    "es": "Villanueva Carrasco Montero Iglesias Fuentes Cabrera Salazar Navarro Quintana Robles Herrera",
    "it": "Bellandi Ferraro Lombardini Moretti Santoro Giordani Valenti Rinaldi Colombari Marchetti Serra",
    "nl": "Veenstra Hoekstra Brouwers Dijkman Verhoeven Kuipers Postma Schouten Wolters Timmers Boersma",
    "pl": "Wiśniewska Zielińska Kamińska Lewandowicz Wójcicka Kowalczyk Jankowicz Mazurek Krawczyk Pawlak Dudek",
    "pt": "Figueiredo Carvalho Teixeira Monteiro Azevedo Barbosa Nogueira Pacheco Queirós Sampaio Tavares",
    "sv": "Lindqvist Bergström Sandell Hedlund Forsgren Nyholm Ekström Wallin Söderberg Dahlgren Åkesson",
    "cs": "Procházka Dvořáček Horáček Sedláček Pokorný Veselka Králík Bartoš Zeman Havlík Kadlec",
    "bg": "Георгиева Димитров Петрова Колев Стоянова Ангелов Маринова Тодоров Христова Василев Попова",
    "ru": "Соколова Морозов Волкова Лебедев Козлова Новиков Павлова Егоров Орлова Макаров Зайцева",
}
WHOLE = {
    "ja": "佐藤 健一,鈴木 美咲,高橋 直樹,田中 恵子,渡辺 大輔,伊藤 由美,山本 拓也,中村 彩香",
    "zh": "王建国,李秀英,张伟强,刘志明,陈晓红,杨文博,赵丽华,黄国栋",
}
TITLES = {
    "en": "Chief Executive Officer,Chief Financial Officer,Head of Marketing,Sales Director,HR Manager,Office Manager",
    "de": "Geschäftsführer,Leiterin Marketing,Vertriebsleiter,Personalleiterin,Leiter Einkauf,Assistentin",
    "fr": "Directrice générale,Directeur financier,Responsable marketing,Directeur commercial,Responsable RH,Acheteur",
    "es": "Directora General,Director Financiero,Responsable de Marketing,Director Comercial,Jefa de Ventas",
    "it": "Amministratore Delegato,Direttore Finanziario,Responsabile Marketing,Direttore Commerciale,Responsabile HR",
    "nl": "Algemeen directeur,Financieel directeur,Hoofd marketing,Verkoopmanager,HR-manager,Inkoopmanager",
    "pl": "Prezes Zarządu,Dyrektor Finansowy,Kierownik Marketingu,Dyrektor Sprzedaży,Specjalista ds. HR",
    "pt": "Diretora Geral,Diretor Financeiro,Gerente de Marketing,Diretor Comercial,Gerente de Vendas",
    "sv": "Verkställande direktör,Ekonomichef,Marknadschef,Försäljningschef,Personalchef,Inköpschef",
    "cs": "Generální ředitel,Finanční ředitel,Vedoucí marketingu,Obchodní ředitel,Personální ředitelka",
    "bg": "Изпълнителен директор,Финансов директор,Маркетинг мениджър,Търговски директор,Мениджър продажби",
    "ru": "Генеральный директор,Финансовый директор,Директор по маркетингу,Коммерческий директор,Главный бухгалтер",
    "ja": "代表取締役社長,取締役,営業部長,人事部長,経理部長,マーケティング部長",
    "zh": "总经理,财务总监,市场总监,销售总监,人事经理,副总经理",
}
# Home, products, company, team, contact, news, jobs, imprint: the menu of an ordinary site, then its slugs.
MENU = {
    "en": "Home|Products|Company|Our team|Contact|News|Careers|Legal notice",
    "de": "Startseite|Produkte|Unternehmen|Team|Kontakt|Aktuelles|Karriere|Impressum",
    "fr": "Accueil|Produits|Entreprise|Notre équipe|Contact|Actualités|Recrutement|Mentions légales",
    "es": "Inicio|Productos|Empresa|Equipo|Contacto|Noticias|Empleo|Aviso legal",
    "it": "Home|Prodotti|Azienda|Il team|Contatti|Notizie|Lavora con noi|Note legali",
    "nl": "Home|Producten|Over ons|Medewerkers|Contact|Nieuws|Vacatures|Colofon",
    "pl": "Strona główna|Produkty|O nas|Nasz zespół|Kontakt|Aktualności|Kariera|Nota prawna",
    "pt": "Início|Produtos|Sobre nós|A nossa equipa|Contactos|Notícias|Carreiras|Aviso legal",
    "sv": "Hem|Produkter|Om oss|Medarbetare|Kontakt|Nyheter|Lediga jobb|Juridisk information",
    "cs": "Úvod|Produkty|O společnosti|Náš tým|Kontakty|Novinky|Volná místa|Právní informace",
    "bg": "Начало|Продукти|За нас|Нашият екип|Контакти|Новини|Кариери|Правна информация",
    "ru": "Главная|Продукция|О компании|Наша команда|Контакты|Новости|Вакансии|Реквизиты",
    "ja": "ホーム|製品情報|会社概要|役員紹介|お問い合わせ|お知らせ|採用情報|特定商取引法に基づく表記",
    "zh": "首页|产品中心|关于我们|管理团队|联系我们|新闻中心|加入我们|法律声明",
}
SLUGS = {
    "en": "products company our-team contact news careers legal-notice",
    "de": "produkte unternehmen team kontakt aktuelles karriere impressum",
    "fr": "produits entreprise notre-equipe contact actualites recrutement mentions-legales",
    "es": "productos empresa equipo contacto noticias empleo aviso-legal",
    "it": "prodotti azienda il-team contatti notizie lavora-con-noi note-legali",
    "nl": "producten over-ons medewerkers contact nieuws vacatures colofon",
    "pl": "produkty o-nas nasz-zespol kontakt aktualnosci kariera nota-prawna",
    "pt": "produtos sobre-nos equipa contactos noticias carreiras aviso-legal",
    "sv": "produkter om-oss medarbetare kontakt nyheter lediga-jobb juridisk-information",
    "cs": "produkty o-spolecnosti nas-tym kontakty novinky volna-mista pravni-informace",
    "bg": "produkti za-nas ekip kontakti novini karieri pravna-informacia",
    "ru": "produkciya o-kompanii komanda kontakty novosti vakansii rekvizity",
    "ja": "seihin c2 c3 c4 c5 c6 c7",
    "zh": "p1 p2 p3 p4 p5 p6 p7",
}
TEXT = "We have made instruments that measure rivers, lakes and the sea for many years, and know them well. "


@dataclass
class Company:
    """One site: its `pages` by path, and the `people` on it. `title`: what its bench line says it is."""

    title: str
    language: str
    people: list[tuple[str, str]]
    pages: dict[str, Content] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return f"www.{self.title.replace(' ', '-')}.example"


def names(language: str, count: int) -> list[tuple[str, str]]:
    """Return `count` invented people (name, title)."""
    titles = TITLES[language].split(",")
    if language in WHOLE:
        whole = WHOLE[language].split(",")[:count]
    else:
        given, family = GIVEN[language].split(), FAMILY[language].split()
        whole = [f"{given[i % len(given)]} {family[(i + i // len(family)) % len(family)]}" for i in range(count)]
    return [(name, titles[i % len(titles)]) for i, name in enumerate(whole)]


def card(person: tuple[str, str], link: str = "", title: bool = True) -> str:
    name = f'<a href="{link}">{person[0]}</a>' if link else person[0]
    return f'<div class="card"><h3>{name}</h3>{f"<p>{person[1]}</p>" if title else ""}</div>'


def cards(people: list[tuple[str, str]]) -> str:
    return "".join(map(card, people))


class Builder:
    """Lays out one site. `prefix` ("/de") comes before every path of a site with languages."""

    def __init__(self, company: Company, prefix: str = "", menu_team: bool = True, switch: str = "") -> None:
        self.company, self.prefix, self.switch = company, prefix, switch
        labels, slugs = MENU[company.language].split("|"), SLUGS[company.language].split()
        self.labels, self.paths = labels, [f"{prefix}/", *(f"{prefix}/{slug}" for slug in slugs)]
        shown = [i for i in range(8) if i != 3 or menu_team]
        self.nav = "".join(f'<li><a href="{self.paths[i]}">{labels[i]}</a></li>' for i in shown if i != 7)
        self.footer = f'<a href="{self.paths[7]}">{labels[7]}</a> <a href="{prefix}/privacy">Privacy</a>'
        self.team_path = self.paths[3]

    def page(self, path: str, heading: str, body: str, head: str = "") -> None:
        """Put a page with menu, latest posts and footer at `path`."""
        posts = "".join(f'<li><a href="{self.paths[5]}/2024/post-{i}">Post {i} by our team</a></li>' for i in range(5))
        self.company.pages[path] = (
            f"<!doctype html><html lang={self.company.language}><head><title>{heading}</title>{head}</head><body>"
            f"<nav><ul>{self.nav}</ul>{self.switch}</nav><main><h1>{heading}</h1>{body}<p>{TEXT * 3}</p></main>"
            f"<aside><ul>{posts}</ul></aside><footer>{self.footer} © 2024</footer></body></html>"
        )

    def fill(self, home: str = "", about: str = "") -> None:
        """Put up all pages but the team's."""
        links = "".join(f'<a href="{self.paths[1]}/item-{i}">Item {i}</a> ' for i in range(12))
        self.page(self.paths[0], "Instruments", links + home)
        self.page(self.paths[2], self.labels[2], about)
        self.page(self.paths[4], self.labels[4], f"<p>info@{self.company.host.removeprefix('www.')}</p>")
        self.page(self.paths[7], self.labels[7], "<p>Instruments Ltd, 1 Harbour Road</p>")
        for place, slug, count in ((1, "item", PRODUCTS), (5, "2024/post", POSTS), (6, "job", JOBS)):
            listed = "".join(f'<a href="{self.paths[place]}/{slug}-{i}">{slug} {i}</a> ' for i in range(count))
            self.page(self.paths[place], self.labels[place], listed)
            for i in range(count):
                self.page(f"{self.paths[place]}/{slug}-{i}", f"{slug} {i}", "<p>By Edwin Marchbanks, guest writer</p>")

    def team(self, body: str, path: str = "", head: str = "") -> None:
        self.page(path or self.team_path, self.labels[3], body, head)


def sites() -> Iterator[Company]:
    """Yield the sites, an ordinary one of each language first."""
    for language in MENU:
        company = Company(f"plain {language}", language, names(language, 8))
        builder = Builder(company)
        builder.fill()
        builder.team(cards(company.people))
        yield company
    yield from (
        two_clicks(),
        in_five_languages(),
        in_five_unmarked(),
        paged("?page="),
        paged("/page/"),
        paged("?start="),
    )
    yield from (by_department(), with_profiles(), profiles_elsewhere(), names_without_titles())
    yield from (only_in_sitemap(), sitemap_of_kinds(), choose_language(), foreign_home(), state("next"), state("nuxt"))


def two_clicks() -> Company:
    """The menu shows the company only, whose page has tabs, one of them for the team."""
    company = Company("two clicks", "de", names("de", 10))
    builder = Builder(company, menu_team=False)
    tabs = ["geschichte", "standorte", "qualitaet", "nachhaltigkeit", "zertifikate", "team"]
    links = "".join(f'<a href="/unternehmen/{tab}">{tab.capitalize()}</a> ' for tab in tabs)
    builder.fill(about=links)
    for tab in tabs:
        builder.page(f"/unternehmen/{tab}", tab.capitalize(), "<p>Seit 1950</p>")
    builder.team(cards(company.people), "/unternehmen/team")
    return company


def in_five_languages() -> Company:
    """hreflang tells which pages are the same in other languages."""
    company = Company("hreflang", "de", names("de", 8))
    languages = ["de", "en", "fr", "es", "it"]
    builders = []
    for language in languages:
        switch = "".join(f'<a href="/{other}/">{other.upper()}</a> ' for other in languages)
        builder = Builder(Company(company.title, language, [], company.pages), f"/{language}", switch=switch)
        builder.fill()
        builders.append(builder)
    head = "".join(
        f'<link rel="alternate" hreflang="{other}" href="https://{company.host}{builder.team_path}">'
        for other, builder in zip(languages, builders, strict=True)
    )
    for builder in builders:
        across = "".join(f'<a href="{other.team_path}">{other.labels[3]}</a>' for other in builders)
        builder.team(cards(company.people) + across, head=head)
    company.pages["/"] = Page(status=302, headers={"Location": "/de/"})
    return company


def in_five_unmarked() -> Company:
    """Nothing but the path says which language a page is in; two of ten people are on the board's page."""
    company = Company("languages in paths", "en", names("en", 10))
    languages = ["en", "de", "fr", "es", "it"]
    for language in languages:
        switch = "".join(f'<a href="/{other}/our-team">{other.upper()}</a> ' for other in languages)
        prefix = "" if language == "en" else f"/{language}"
        builder = Builder(Company(company.title, language, [], company.pages), prefix, switch=switch)
        builder.fill(about=f'<a href="{prefix}/board">Board of directors</a>')
        builder.team(cards(company.people[:8]))
        builder.page(f"{prefix}/our-team", "Team", cards(company.people[:8]))
        builder.page(f"{prefix}/board", "Board of directors", cards(company.people[8:]))
    return company


def paged(parameter: str) -> Company:
    """The team's listing has five pages of six."""
    company = Company(f"paged by {parameter.strip('?=/')}", "es", names("es", 30))
    builder = Builder(company)
    builder.fill()
    step = 6 if "start" in parameter else 1
    addresses = [builder.team_path] + [
        f"{builder.team_path}{parameter}{i * step if step > 1 else i + 1}" for i in range(1, 5)
    ]
    for i, address in enumerate(addresses):
        links = "".join(f'<a href="{other}">{n}</a> ' for n, other in enumerate(addresses, 1))
        following = f'<a rel="next" href="{addresses[i + 1]}">Siguiente »</a>' if i < 4 else ""
        builder.team(cards(company.people[i * 6 : i * 6 + 6]) + links + following, address)
    return company


def by_department() -> Company:
    """The team's page leads to one page a department, beside the management's."""
    company = Company("departments", "en", names("en", 24))
    builder = Builder(company)
    builder.fill(about='<a href="/company/leadership">Leadership</a>')
    departments = ["sales", "marketing", "finance", "engineering", "support"]
    builder.team("".join(f'<a href="/our-team/{name}">{name.capitalize()}</a> ' for name in departments))
    for i, name in enumerate(departments):
        builder.page(f"/our-team/{name}", f"{name.capitalize()} team", cards(company.people[i * 4 : i * 4 + 4]))
    builder.page("/company/leadership", "Leadership", cards(company.people[20:]))
    return company


def with_profiles() -> Company:
    """The team's page tells all; each person has a page that repeats it."""
    company = Company("profiles that repeat", "it", names("it", 12))
    builder = Builder(company)
    builder.fill()
    builder.team("".join(card(person, f"/il-team/p{i}") for i, person in enumerate(company.people)))
    for i, person in enumerate(company.people):
        builder.page(f"/il-team/p{i}", person[0], f"<p>{person[1]}</p>")
    return company


def profiles_elsewhere() -> Company:
    """The team's page has names; the titles are on pages of their own, not below it."""
    company = Company("profiles elsewhere", "en", names("en", 8))
    builder = Builder(company)
    builder.fill()
    slugs = [f"/{name.lower().replace(' ', '-')}" for name, _ in company.people]
    rows = zip(company.people, slugs, strict=True)
    builder.team("".join(f'<p><a href="{slug}">{person[0]}</a></p>' for person, slug in rows))
    for person, slug in zip(company.people, slugs, strict=True):
        builder.page(slug, person[0], f"<div class=card><h3>{person[0]}</h3><p>{person[1]}</p></div>")
    return company


def names_without_titles() -> Company:
    """The team's page leads to profiles below it that have the titles."""
    company = Company("titles in profiles", "nl", names("nl", 9))
    builder = Builder(company)
    builder.fill()
    builder.team(
        "".join(f'<p><a href="/medewerkers/{i}">{person[0]}</a></p>' for i, person in enumerate(company.people))
    )
    for i, person in enumerate(company.people):
        builder.page(f"/medewerkers/{i}", person[0], f"<div><h3>{person[0]}</h3><p>{person[1]}</p></div>")
    return company


def sitemap(addresses: list[str], kind: str = "url") -> bytes:
    items = "".join(f"<{kind}><loc>{address}</loc></{kind}>" for address in addresses)
    outer = "urlset" if kind == "url" else "sitemapindex"
    return f'<{outer} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{items}</{outer}>'.encode()


def only_in_sitemap() -> Company:
    """No page links to the team's; the sitemap has it."""
    company = Company("only in the sitemap", "pl", names("pl", 8))
    builder = Builder(company, menu_team=False)
    builder.fill()
    builder.team(cards(company.people))
    addresses = [f"https://{company.host}{path}" for path in company.pages]
    company.pages["/sitemap.xml"] = Page(sitemap(addresses), media_type="text/xml")
    return company


def sitemap_of_kinds() -> Company:
    """The home page is built by scripts; robots.txt names an index of packed sitemaps."""
    company = Company("packed sitemaps", "pt", names("pt", 8))
    builder = Builder(company)
    builder.fill()
    builder.team(cards(company.people))
    addresses = [f"https://{company.host}{path}" for path in company.pages]
    kinds = {"post": [a for a in addresses if "post-" in a], "page": [a for a in addresses if "-" not in a[20:]]}
    kinds |= {"product": addresses[:50], "tag": addresses[:5], "team": [f"https://{company.host}{builder.team_path}"]}
    for kind, listed in kinds.items():
        company.pages[f"/{kind}-sitemap.xml.gz"] = Page(gzip.compress(sitemap(listed)), media_type="application/gzip")
    files = [f"https://{company.host}/{kind}-sitemap.xml.gz" for kind in kinds]
    company.pages["/sitemap_index.xml"] = Page(sitemap(files, "sitemap"), media_type="text/xml")
    robots = f"User-agent: *\nDisallow: /admin\nSitemap: https://{company.host}/sitemap_index.xml\n"
    company.pages["/robots.txt"] = Page(robots, media_type="text/plain")
    company.pages["/"] = '<html lang=pt><body><div id="root"></div><script src="/app.js"></script></body></html>'
    return company


def choose_language() -> Company:
    """The home page asks for the language and says nothing else."""
    company = Company("choose a language", "fr", names("fr", 8))
    for language in ("fr", "en", "nl"):
        builder = Builder(Company(company.title, language, [], company.pages), f"/{language}")
        builder.fill()
        builder.team(cards(company.people))
    company.pages["/"] = (
        '<html><body><a href="/fr/">Français</a> <a href="/en/">English</a> <a href="/nl/">NL</a></body></html>'
    )
    return company


def foreign_home() -> Company:
    """The home page is in a language whose words are not known; hreflang leads to the English one."""
    company = Company("foreign home", "en", names("en", 8))
    builder = Builder(company, "/eng")
    builder.fill()
    builder.team(cards(company.people))
    links = "".join(f'<a href="/th/{i}">หน้า {i}</a> ' for i in range(20))
    alternates = {"th": "/", "x-default": "/", "en": "/eng/"}
    head = "".join(f'<link rel="alternate" hreflang="{k}" href="{v}">' for k, v in alternates.items())
    company.pages["/"] = f"<html lang=th><head>{head}</head><body>{links}<p>{'ข้อความ ' * 60}</p></body></html>"
    for i in range(20):
        company.pages[f"/th/{i}"] = f"<html lang=th><body><p>{i} {'ข้อความ ' * 60}</p></body></html>"
    return company


def state(kind: str) -> Company:
    """A shell whose people are in the data beside it."""
    company = Company(f"state of {kind}", "en", names("en", 8))
    builder = Builder(company)
    builder.fill()
    people = [{"name": name, "jobTitle": title, "photo": {"url": "/x.jpg"}} for name, title in company.people]
    data = json.dumps({"props": {"pageProps": {"team": people, "posts": [{"author": {"name": "Edwin Marchbanks"}}]}}})
    scripts: Mapping[str, str] = {
        "next": f'<div id="__next"></div><script id="__NEXT_DATA__" type="application/json">{data}</script>',
        "nuxt": f'<div id="__nuxt"></div><script>window.__NUXT__={data};</script>',
    }
    company.pages[builder.team_path] = f"<html lang=en><title>Our team</title><body>{scripts[kind]}</body></html>"
    return company
