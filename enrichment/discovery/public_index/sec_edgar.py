"""The SEC's EDGAR, without a key: the officers and directors of US companies that file, with their titles.

Listed companies: their insiders' Forms 3, 4 and 5. Private ones that raise money: Form D, which names all executive
officers and directors. Filings are in the public domain.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from enrichment.discovery.answers import Kept
from enrichment.discovery.base import Brand, Context, Diagnostic, Evidence, Findings, Person, SourceError
from enrichment.discovery.clues import US_CIK, Clue
from enrichment.discovery.public_index import sec_filings, sec_forms, sec_issuers, sec_people
from enrichment.discovery.public_index.registers import matching, people
from enrichment.discovery.public_index.registers.records import Record
from enrichment.discovery.public_index.sec_filings import Filing, Issuer
from enrichment.discovery.public_index.sec_forms import Named
from enrichment.discovery.public_index.sec_names import Name
from enrichment.discovery.public_index.sec_people import Claim
from enrichment.discovery.public_index.sec_service import BASE_URL, NAME, TITLE, Edgar

__all__ = ["BASE_URL", "SecEdgarSource"]

MAX_COMPANIES = 3  # of one brand
BY_NUMBER = 0.95  # how sure it is that the company is the brand: its own site or a knowledge base has the number
BY_NAME = 0.7


class SecEdgarSource:
    """Finds the people whom a US company's filings name.

    `user_agent`: the one that the client sends; the public EDGAR wants an e-mail address in it. `base_url`: where all
    three of EDGAR's hosts are, if not at their public places.
    """

    name = NAME
    seconds = 25.0

    def __init__(self, *, user_agent: str, base_url: str = BASE_URL) -> None:
        self._edgar = Edgar(user_agent=user_agent, base_url=base_url)

    def find(self, brand: Brand, context: Context) -> Findings:
        """Return the officers and directors of the brand's company, and the insiders who are such no longer.

        Nothing for a brand of another country, unless its number (CIK) is known. Raises SourceError, also no_contact
        where EDGAR cannot be asked for want of a contact.
        """
        visit = _Visit(self._edgar, brand, context)
        try:
            visit.look_up()
        except SourceError as error:
            if not visit.found and not visit.left:
                raise
            visit.diagnostics.append(error.diagnostic)
        return visit.findings()


@dataclass(slots=True)
class _Visit:
    """One brand looked up in EDGAR."""

    edgar: Edgar
    brand: Brand
    context: Context
    matched: int = 0
    strangers: int = 0
    found: list[Person] = field(default_factory=list)
    left: list[Person] = field(default_factory=list)
    facts: list[Evidence] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def look_up(self) -> None:
        """By name among the listed, which needs nobody else; then by the numbers of others; then in the search."""
        is_american = sec_issuers.may_be_american(self.brand)
        if is_american:
            self._take_all(sec_issuers.listed(self.edgar, self.brand, self.context))
        if not self.matched:
            self._follow_clues()
        if not self.matched and is_american and not self.context.stopped():
            self._take_all(sec_issuers.filed_form_d(self.edgar, self.brand, self.context))

    def findings(self) -> Findings:
        if self.strangers and not self.matched:
            self._tell(
                "other_company",
                f"{TITLE} keeps another company under the number found for the brand: its name is not the brand's, so "
                "its officers were left out. Enter the legal name as the brand's if it is the same company.",
            )
        return Findings(
            people=tuple(self.found),
            diagnostics=tuple(self.diagnostics),
            departed=tuple(self.left),
            company=tuple(self.facts),
        )

    def _follow_clues(self) -> None:
        asked = 0
        for clue in self.context.clues.follow(US_CIK, self.context.stopped):
            cik = sec_issuers.number(clue.value)
            if cik:
                self._take(cik, clue)
                asked += 1
            if asked >= MAX_COMPANIES:
                return

    def _take_all(self, ciks: Iterable[int]) -> None:
        for cik in ciks:
            self._take(cik, None)

    def _take(self, cik: int, clue: Clue | None) -> None:
        """Take the people of the company `cik`, if it is the brand."""
        issuer = sec_filings.issuer(self.edgar, cik, self.context)
        if issuer is None:
            return
        record = self._record(issuer)
        if not self._is_brand(issuer, record, clue):
            self.strangers += clue is not None
            return
        self.matched += 1
        self.facts += people.company_facts(record, NAME, TITLE)
        if issuer.state:
            said = f"{TITLE}: business address in {issuer.state}, United States"
            self.facts.append(Evidence("country", "US", record.url, said, NAME, record.fetched_at))
        claims: list[Claim] = []
        try:
            self._read(issuer, claims)
        finally:  # what was read before one filing failed is as good
            self._add(issuer, sec_people.newest(claims), BY_NUMBER if clue else BY_NAME)

    def _is_brand(self, issuer: Issuer, record: Record, clue: Clue | None) -> bool:
        stated, domain = issuer.domains, self.brand.domain
        if clue is None:
            return not (stated and domain) or domain in stated
        return matching.resembles(record, self.brand) or matching.is_published_by(record, self.brand, clue)

    def _record(self, issuer: Issuer) -> Record:
        return Record(
            number=str(issuer.cik),
            legal_name=issuer.name,
            url=self.edgar.url(f"/cgi-bin/browse-edgar?action=getcompany&CIK={issuer.cik:010d}"),
            fetched_at=issuer.fetched_at,
            other_names=issuer.former_names,
            domains=issuer.domains,
            industry=issuer.industry,
        )

    def _read(self, issuer: Issuer, claims: list[Claim]) -> None:
        """Add what the filings say to `claims`. Raises SourceError."""
        unreadable = False
        for filing in issuer.to_read(self.context.now().date()):
            if self.context.stopped():
                return
            read = self._claims(issuer, filing)
            unreadable |= read is None
            claims += read or ()
        if unreadable and not claims:
            raise self.edgar.malformed()

    def _claims(self, issuer: Issuer, filing: Filing) -> list[Claim] | None:
        """Return what a filing says, kept or asked for; None where it cannot be read.

        What is kept is who was named, not the document: that has addresses in it.
        """
        paths = filing.paths(issuer.cik)
        if paths is None:
            return []
        document, page = paths
        key = f"{NAME} filing {self.edgar.url(document)}"
        kept = self.context.answers.get(key)
        named = _loaded(kept.content) if kept else None
        fetched_at = kept.fetched_at if kept else self.context.now()
        if named is None:
            answer = self.edgar.document(document, self.context)
            if answer is None:
                return []
            named = (sec_forms.form_d if filing.is_form_d else sec_forms.ownership)(answer.content, issuer.cik)
            if named is None:
                return None
            fetched_at = answer.fetched_at
            self.context.answers.put(Kept(key, fetched_at, json.dumps([asdict(one) for one in named]).encode()))
        return [Claim(one, filing, self.edgar.url(page), fetched_at) for one in named]

    def _add(self, issuer: Issuer, claims: list[Claim], certainty: float) -> None:
        self.found += sec_people.current(claims, issuer, certainty, self.context.now().date())
        self.left += sec_people.departed(claims, issuer)
        doubtful = sec_people.changed_since(claims, issuer)
        if doubtful:
            self._tell(
                "officer_change",
                f"{issuer.name} told the SEC on {issuer.officers_changed()} of a change of officers or directors (Form "
                f"8-K, item 5.02). Of those found there, {doubtful} are known from older filings: check whether they "
                "still hold their roles.",
            )

    def _tell(self, code: str, sentence: str) -> None:
        self.diagnostics.append(Diagnostic(code, sentence, NAME))


def _loaded(content: bytes) -> list[Named] | None:
    """Return what was kept of a filing; None for what another version kept."""
    try:
        return [Named(Name(**one["name"]), one["title"], one["left"]) for one in json.loads(content)]
    except (ValueError, TypeError, KeyError):
        return None
