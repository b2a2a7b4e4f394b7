"""What part of a page is about: its own people, or somebody else's (customers, speakers, authors, the dead)?

Read from the page's address and title, from the heading above a line, and from the class names around it.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from enrichment.discovery.website import names_on_page, role_text
from enrichment.discovery.website.lines import Line, Outline
from enrichment.discovery.website.pages import Page
from enrichment.discovery.website.vocabulary import fold

STAFF = re.compile(
    r"\b(?:team|staff|our people|the people|people behind|leaders?|leadership|management (?:team|board|committee)|(?:the|our|senior|upper) management"
    r"|board|directors|executives?|officers|attorneys|lawyers|faculty"
    r"|who we are|meet (?:the|our)|(?:company|staff) directory|employees|committee|council(?:lors)?|trustees|founders?|advisors"
    r"|governance|our (?:doctors|experts|crew|agents|providers)|providers|crew|principals|key contacts|personnel|secretariat"
    r"|mannschaft|mitarbeiter\w*|mitarbeitenden?|ansprechpartner\w*|ansprechperson\w*|vorstand\w*|geschaftsfuhr\w*|geschaftsleitung"
    r"|belegschaft|kolleg\w+|aufsichtsrat\w*|prasidium|kopfe|kollegium|wer wir sind|inhaber\w*"
    r"|equipe|(?:la|de|notre) direction|dirigeants?|collaborateurs|conseil d.administration|qui sommes[- ]nous|gouvernance|comite"
    r"|equipo|directiv[oa]s?|quienes somos|nuestra gente|consejo|junta|plantilla|equipa|diretoria|quem somos|colaboradores"
    r"|diretores|coordenadores|fundadores|socios|membros|miembros|chi siamo|squadra|organigramma|direzione|consiglio|collaboratori"
    r"|soci|medewerkers|bestuur\w*|directie|wie zijn wij|wie we zijn|onze mensen|collega.?s|zespol|kierownictwo|zarzad|ludzie|kadra"
    r"|pracownicy|nasi eksperci|lide|vedeni|vedenie|tym|csapat\w*|munkatars\w*|echipa|conducere\w*|medarbetare|ansatte|medarbejdere"
    r"|ledelse\w*|ledning\w*|styrelse\w*|styret|henkilokunta|johto|yhteystiedot)\b"
    r"|екип|ръководств|руководств|управители|команда|сотрудник|коллектив|правлени|наши люди|руководител|администраци"
    r"|^(?:people|management|direction|the management)$"
    r"|役員|スタッフ|社員|経営陣|メンバー|会社概要|团队|團隊|管理层|管理層|领导|領導|董事会|员工|成员|임원|팀|구성원|대표"
)
ABOUT = re.compile(
    r"\b(?:about|contacts?|contact[- ]us|bios?|biograph\w+|company|profile|uber uns|kontakt|unternehmen|a propos|entreprise|contacto|contato"
    r"|sobre|empresa|contatti|azienda|over ons|o nas|kontakty|o firmie|om oss|om os|impressum|imprint|legal notice|mentions legales)\b"
    r"|за нас|контакт|о нас|о компании|会社|联系|聯繫|关于"
)
OTHERS = re.compile(
    r"\b(?:testimonials?|reviews?|what (?:our |the )?(?:they|people|others|customers?|clients?|patients|guests|users|members|parents|students)"
    r" (?:are )?say\w*|(?:our )?(?:customers?|clients?|patients|users) (?:are )?(?:say\w*|love|stories|feedback)|success stor\w+|customer stor\w+"
    r"|references|case stud\w+|happy (?:customers?|clients?)|speakers?|keynotes?|panelists?|guest (?:authors?|speakers?|bloggers?)"
    r"|authors?|contributors to|written by|posted by|recent (?:posts?|comments?|articles?)|latest (?:posts?|news|articles?|tweets)"
    r"|related (?:posts?|articles?)|blog|comments?|newsroom|in the news|press releases?|thanks to|thank you|acknowledg\w+|special thanks|donors?|sponsors?|supporters"
    r"|winners?|awards|laureates|scholars|students of|cast|starring|artists|bands?|authors|quotes?|famous|obituar\w+|in memor\w+|memorial|remember\w*|passed away"
    r"|(?:open|current) positions|vacanc\w+|job openings|we are hiring|careers|menu|pets|dogs|office dogs?|mascots?|four[- ]legged|models|characters"
    r"|kundenstimmen|(?:das )?sagen (?:unsere )?kunden|referenzen|meinungen|bewertungen|rezensionen|redner\w*|referent(?:en|innen)|gastautor\w*|autor(?:en|innen)?"
    r"|stellenangebote|offene stellen|wir trauern|in gedenken|nachruf\w*|burohund\w*|maskottchen|vierbeiner|gaste|danksagung\w*|sponsoren|zitate?|neueste beitrage|kommentare"
    r"|temoignages?|ils (?:nous )?(?:font confiance|parlent de nous)|avis (?:de |des )?(?:nos )?clients|nos clients|intervenants?|conferenciers|auteurs?|offres d.emploi|hommage|citations?|mascottes?|remerciements"
    r"|testimonios?|opiniones|lo que dicen|dicen de nosotros|ponentes|autores|ofertas de empleo|en memoria|nuestros clientes|citas|mascotas|agradecimientos"
    r"|depoimentos?|testemunhos|o que dizem|palestrantes|vagas|clientes|homenagem|agradecimentos"
    r"|testimonianze|dicono di noi|recensioni|relatori|autori|posizioni aperte|lavora con noi|in ricordo|i nostri clienti|ringraziamenti"
    r"|klantverhalen|ervaringen|wat klanten zeggen|reviews|sprekers|auteurs|vacatures|in memoriam|bedankt|kantoorhond\w*"
    r"|opinie|referencje|co mowia|prelegenci|autorzy|oferty pracy|kariera|podziekowania|klienci|zwierzaki)\b"
    r"|отзыв|мнени|клиент|автор|спикер|докладчик|лектор|вакансии|вакансия|памяти|в памет|благодарност"
    r"|お客様の声|講師|登壇者|採用情報|客户评价|顧客評價|作者|嘉宾|고객 후기|연사"
)
# Headings over those who made or keep the site, in legal notices.
_SUPPLIERS = re.compile(
    r"\b(?:hosting|web ?hosting|web ?design(?:er)?|website by|data protection officer|photo credits?|hebergeur|hebergement"
    r"|conception(?: du site)?|credits|datenschutzbeauftragte\w*|bildnachweis\w*|umsetzung|realisierung|konzeption"
    r"|streitschlichtung|alojamiento web)\b"
)
FORMER = re.compile(
    r"\b(?:former|previous|past|alumni|alumn[ai]e?|emerit\w*|retired|ex[- ](?:members?|staff|board|presidents?|ceo|director\w*)|until (?:19|20)\d\d|late"
    r"|ehemalig\w*|fruher\w*|a\. ?d\.|im ruhestand|verstorben\w*|bis (?:19|20)\d\d|ancien(?:ne)?s?|jusqu.en (?:19|20)\d\d|honoraire|decede\w*|defunt\w*"
    r"|antigu[oa]s?|fallecid[oa]s?|exmiembros|hasta (?:19|20)\d\d|ex[- ]presidente|antigos?|falecid[oa]s?|ate (?:19|20)\d\d|passat[oi]|fino al (?:19|20)\d\d|scompars[oa]"
    r"|voormalig\w*|oud[- ](?:bestuur|leden|medewerk|voorzitter)\w*|overleden|byl[iy]|dawn[iy]|emerytowan\w*|zmarl\w*)\b|†|✝|\bbivsh|бивш|бывш|почетн|元社員|前任|歴代"
)
_OTHERS_CLASS = re.compile(
    r"testimonial|review|blockquote|(?:^|[-_])quotes?(?:$|[-_])|customer|client-?(?:say|quote|stor)|speaker|byline|(?:^| )(?:[a-z]+-)?author(?:s|-(?:name|box|bio|info|card|meta|link))?(?: |$)|comment|(?:post|entry|article)-?meta"
    r"|recent-?(?:post|entries)|related|sponsor|donor|breadcrumb|cookie|kundenstimme|referenz|temoignage|opinion|depoimento|in-?memoriam|obituar|vacanc|job-?(?:list|open)"
    r"|tweet|twitter-feed|news-?(?:list|item|feed)|blog-?(?:list|item|post|roll)|pets?(?:$|[-_])",
    re.IGNORECASE,
)
_OTHERS_ITEM = re.compile(r"\b(?:author|reviewe?r?s?|performers?|actors?|creator)\b", re.IGNORECASE)
_STAFF_CLASS = re.compile(
    r"(?:^|[-_ ])(?:our-?)?(?:team|staff|members?|people|persons?|persona|employees?|board|leadership|management|mitarbeiter|ansprechpartner|equipe|equipo|equipa|team-?(?:member|card|grid|list)"
    r"|vcard|h-card|directors|attorneys?|doctors?|trustees?|profiles?|bios?|supportstaff\w*)(?:$|[-_ \d])|team-?member|staff-?member|teammember",
    re.IGNORECASE,
)
_NEWS_PATH = re.compile(
    r"/(?:blog|news|press|article|articles|posts?|stories|aktuelles|presse|actualites?|noticias|notizie|nieuws|aktualnosci|19\d\d|20\d\d)(?:/|$)"
)
_NAVIGATION = re.compile(
    r"(?:^|[-_ ])(?:nav|navbar|navigation|menu|mainmenu|submenu|sidebar-?nav)(?:$|[-_ \d])", re.IGNORECASE
)
_BOLD = frozenset({"b", "strong", "u", "th", "legend", "dt", "caption", "summary"})

TEAM_PAGE, ABOUT_PAGE, PLAIN_PAGE, NEWS_PAGE, OTHERS_PAGE = "team", "about", "plain", "news", "others"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands. `staff`: the part is about the organisation's own people, 0-1. `others`: about somebody else.

    `heading` is the text of the heading just above.
    """

    staff: float
    others: bool
    navigation: bool
    heading: str


@dataclass(slots=True)
class _Heading:
    line: int
    level: int
    text: str
    end: int


@dataclass(slots=True)
class Sections:
    """The parts of a page. `kind` is what the page as a whole is: team, about, plain, news, others.

    `organisation` is what the page calls itself, folded: its title, address and the image texts at its head.
    """

    kind: str
    organisation: str
    outline: Outline
    headings: list[_Heading] = field(default_factory=list)
    _marks: dict[HtmlElement, tuple[bool, bool, bool]] = field(default_factory=dict)

    def place(self, line: Line) -> Place:
        """What the surroundings of `line` say."""
        staff_class, others_class, navigation = self._surroundings(line.block)
        above = self._above(line)
        nearest = above[0].text if above else ""
        staff_heading = any(_about_staff(heading.text) for heading in above)
        others = (
            others_class
            or (bool(above) and _SUPPLIERS.search(fold(nearest)) is not None)
            or any(about_others(heading.text) for heading in above[:2] if not _about_staff(heading.text))
        )
        others = others or (self.kind == OTHERS_PAGE and not staff_heading)
        staff = 1.0 if staff_heading else (0.7 if staff_class else 0.0)
        page_staff = {TEAM_PAGE: 1.0, ABOUT_PAGE: 0.5}.get(self.kind, 0.0)
        return Place(0.0 if others else max(staff, page_staff), others, navigation, nearest)

    def _above(self, line: Line) -> list[_Heading]:
        """The headings over a line, the nearest first."""
        starts = [heading.line for heading in self.headings]
        found: list[_Heading] = []
        level = 10
        for heading in reversed(
            self.headings[max(0, bisect_right(starts, line.index - 1) - 40) : bisect_right(starts, line.index - 1)]
        ):
            if heading.level < level and heading.end > line.index:
                found.append(heading)
                level = heading.level
        return found

    def _surroundings(self, element: HtmlElement) -> tuple[bool, bool, bool]:
        chain: list[HtmlElement] = []
        marks = (False, False, False)
        for ancestor in (element, *element.iterancestors()):
            if ancestor in self._marks:
                marks = self._marks[ancestor]
                break
            if ancestor.tag in {"body", "html"}:
                break
            chain.append(ancestor)
        for ancestor in reversed(chain):
            own = self._own_marks(ancestor)
            staff, others = marks[0] or own[0], marks[1] or own[1]
            marks = self._marks[ancestor] = (staff, others, marks[2] or own[2])
        return marks

    def _own_marks(self, element: HtmlElement) -> tuple[bool, bool, bool]:
        names = f"{element.get('class') or ''} {element.get('id') or ''}".strip()
        start, end = self.outline.span.get(element, (0, 0))
        is_wrapper = (end - start) * 2 > len(self.outline.lines)
        item = f"{element.get('itemprop') or ''} {element.get('itemtype') or ''}".strip()
        others = (
            element.tag == "cite"
            or (bool(item) and _OTHERS_ITEM.search(item) is not None)
            or (bool(names) and not is_wrapper and _OTHERS_CLASS.search(names) is not None)
        )
        others = others and not _STAFF_CLASS.search(names)
        navigation = element.tag == "nav" or _NAVIGATION.search(names) is not None
        return _STAFF_CLASS.search(names) is not None, others, navigation


def sections(page: Page, outline: Outline) -> Sections:
    """Take the page's headings in: real ones, and short bold lines or table captions that serve as such."""
    found = Sections(kind=_page_kind(page, outline), organisation=_organisation(page, outline), outline=outline)
    for line in outline.lines:
        level = line.heading or _mock_level(line)
        if level and line.text and not line.image:
            found.headings.append(_Heading(line.index, level, line.text, _scope(line, outline)))
    return found


@lru_cache(maxsize=4096)
def about_others(text: str) -> bool:
    """Whether a heading announces people from outside, or who no longer work there."""
    folded = fold(text[:200])
    return OTHERS.search(folded) is not None or FORMER.search(folded) is not None


@lru_cache(maxsize=4096)
def _about_staff(text: str) -> bool:
    folded = fold(text[:200])
    return len(folded.split()) <= 12 and STAFF.search(folded) is not None and not about_others(text)


def is_former(text: str) -> bool:
    """Whether a title says that its bearer left or died: "Former CEO", "Directeur honoraire", "(1931-2009)"."""
    folded = fold(text)
    return (
        FORMER.search(folded) is not None
        or re.search(r"\(?\b(?:18|19)\d\d\s?[-–]\s?(?:19|20)\d\d\b", folded) is not None
    )


def _mock_level(line: Line) -> int:
    """7 for a line that is set like a heading without being one."""
    if len(line.text) > 60 or len(line.text.split()) > 7 or not line.runs:
        return 0
    if any(run.element.tag == "a" or next(run.element.iterancestors("a"), None) is not None for run in line.runs):
        return 0
    text = line.text.rstrip(": ")
    is_bold = all(_is_bold(run.element, line.block) for run in line.runs)
    is_set_apart = is_bold or line.text.endswith(":") or line.text.isupper() or len(text.split()) <= 4
    return 7 if is_set_apart and not names_on_page.read(text) and (_about_staff(text) or about_others(text)) else 0


def _is_bold(element: HtmlElement, block: HtmlElement) -> bool:
    while element is not None and element is not block:
        if element.tag in _BOLD:
            return True
        element = element.getparent()
    return block.tag in _BOLD


def _scope(line: Line, outline: Outline) -> int:
    """Where the part under a heading ends at the latest: with the section around it, or with the box it opens."""
    for ancestor in line.block.iterancestors():
        end = outline.span.get(ancestor, (0, 0))[1]
        if (
            ancestor.tag in {"section", "article", "aside", "nav", "footer", "main", "body", "td"}
            and end > line.index + 1
        ):
            return end
    return len(outline.lines)


def _organisation(page: Page, outline: Outline) -> str:
    site = page.root.xpath("string((//meta[@property='og:site_name']/@content)[1])")
    notices = [line.text[:200] for line in outline.lines[-30:] if "©" in line.text or "copyright" in line.text.lower()]
    return fold(" ".join([page.title, urlsplit(page.url).hostname or "", str(site), *notices[:3]]))


def _page_kind(page: Page, outline: Outline) -> str:
    address = urlsplit(page.url).path if page.url.startswith("http") else ""
    declared = page.root.xpath("string((//link[@rel='canonical']/@href | //meta[@property='og:url']/@content)[1])")
    try:
        paths = fold(f"{address} {urlsplit(str(declared)).path}")
    except ValueError:
        paths = fold(address)
    first = next((line.text for line in outline.lines if line.heading in {1, 2} and line.text and not line.image), "")
    words = fold(re.sub(r"[-_/.]", " ", paths))
    titles = [fold(re.split(r"\s[|·–—«»-]\s|:\s", page.title)[0]), fold(page.title), fold(first[:100]), words]
    if any(about_others(title) for title in titles[:1] + titles[2:] if title) and not any(
        STAFF.search(title) for title in titles[:1] + titles[2:]
    ):
        return OTHERS_PAGE
    if _NEWS_PATH.search(paths):
        return NEWS_PAGE
    if any(STAFF.search(title) for title in (titles[0], titles[2], titles[3])):
        return TEAM_PAGE
    if any(ABOUT.search(title) for title in titles):
        return ABOUT_PAGE
    if page.root.xpath("//meta[@property='og:type'][@content='article'] | //body[contains(@class, 'single-post')]"):
        return NEWS_PAGE
    return PLAIN_PAGE
