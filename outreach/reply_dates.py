"""When is somebody back? The date that an absence note states, in nine languages."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from outreach.bounce_words import folded

LONGEST = timedelta(days=400)  # a parental leave; a date beyond is none of a return

# English, German, French, Spanish, Italian, Dutch, Portuguese, Polish, Swedish; without accents, and short forms.
_MONTHS = """
january janvier januar janner enero gennaio januari janeiro styczen stycznia jan ene gen janv sty
february februar fevrier febrero febbraio februari fevereiro luty lutego feb fev fevr lut
march marz maerz mars marzo maart marco marzec marca mar mrt mrz
april avril abril aprile kwiecien kwietnia apr avr abr kwi
may mai mayo maggio mei maio maj maja mag
june juni juin junio giugno junho czerwiec czerwca jun giu cze
july juli juillet julio luglio julho lipiec lipca jul juil lug lip
august aout agosto augustus augusti sierpien sierpnia aug ago sie
september septembre septiembre settembre setembro wrzesien wrzesnia sep sept set wrz
october oktober octobre octubre ottobre outubro pazdziernik pazdziernika oct okt ott out paz
november novembre noviembre novembro listopad listopada nov lis
december dezember decembre diciembre dicembre dezembro grudzien grudnia dec dez dic gru
"""
_WEEKDAYS = """
monday montag lundi lunes lunedi maandag segunda poniedzialek poniedzialku poniedzialkiem mandag
tuesday dienstag mardi martes martedi dinsdag terca wtorek wtorku tisdag
wednesday mittwoch mercredi miercoles mercoledi woensdag quarta sroda srody srode onsdag
thursday donnerstag jeudi jueves giovedi donderdag quinta czwartek czwartku torsdag
friday freitag vendredi viernes venerdi vrijdag sexta piatek piatku fredag
saturday samstag sonnabend samedi sabado sabato zaterdag sobota soboty lordag
sunday sonntag dimanche domingo domenica zondag niedziela niedzieli sondag
"""


def _numbered(table: str) -> dict[str, int]:
    return {word: number for number, line in enumerate(table.split("\n")[1:-1]) for word in line.split()}


_MONTH = _numbered(_MONTHS)  # from 0
_WEEKDAY = _numbered(_WEEKDAYS)  # from 0, Monday
_LONGEST_FIRST = sorted(_MONTH, key=len, reverse=True)

# What stands before the day of a return, or the last of an absence.
_BEFORE = re.compile(
    r"\b(?:until|till|til|through|thru|back|return(?:ing|s)?|to|and|available again"
    r"|bis|wieder|ab|zuruck|zum|und"
    r"|jusqu\W?au|retour|au|a partir du|des le|reviens|rentre"
    r"|hasta|vuelvo|vuelta|regreso|regresare|volvere|a partir del?|al"
    r"|fino al?|rientro|rientrero|ritorno|torno|tornero|al"
    r"|tot|terug|vanaf|t/m|met"
    r"|ate|volto|regresso|retorno|voltarei|a partir de|ao?"
    r"|do|wracam|wroce|powrot|powroce"
    r"|till|tills|ater|tillbaka)\b"
)
_NEAR = 60  # characters between such a word and its date
_YEAR2, _YEAR3 = (rf"(?:[ ,]{{1,2}}(?:de |del )?(?P<year{number}>20\d\d)\b)?" for number in (2, 3))
_MONTH_WORD = "|".join(_LONGEST_FIRST)
_ORDINAL = r"(?:st|nd|rd|th|er|e|o|\.|º|ª)?"
_DATES = re.compile(
    r"\b(?P<iso>20\d\d-\d\d-\d\d)\b"
    r"|\b(?P<day>\d{1,2})(?P<mark>[./-]) ?(?P<month>\d{1,2})(?:(?P=mark) ?(?P<year>20\d\d|\d\d)\b|\.?(?![\d:.]))"
    rf"|\b(?P<day2>\d{{1,2}}){_ORDINAL} (?:of |de |den )?(?P<word>{_MONTH_WORD})\b\.?{_YEAR2}"
    rf"|\b(?P<word3>{_MONTH_WORD})\.? (?:the )?(?P<day3>\d{{1,2}}){_ORDINAL}\b(?!:){_YEAR3}"
    rf"|\b(?P<weekday>{'|'.join(_WEEKDAY)})\b"
)


def returns(text: str, written: date | None) -> date | None:
    """Return the day that an absence note names as its end or the return: the latest of several, None without one.

    A date without a year, or a mere weekday, is the first such day after `written`. A day that precedes `written`,
    or lies more than 400 days ahead, is none.
    """
    plain = " ".join(folded(text[:2000]).split())
    found = [day for match in _stated(plain) if (day := _day(match, written)) and _plausible(day, written)]
    return max(found, default=None)


def _stated(plain: str) -> Iterator[re.Match[str]]:
    """Yield the dates that follow a word of return; weekdays only where no other date follows."""
    dates = list(_DATES.finditer(plain))
    exact = [match for match in dates if not match["weekday"]]
    for match in exact or dates:
        if _BEFORE.search(plain, max(0, match.start() - _NEAR), match.start()):
            yield match


def _plausible(day: date, written: date | None) -> bool:
    return written is None or written <= day <= written + LONGEST


def _day(match: re.Match[str], written: date | None) -> date | None:
    if match["iso"]:
        return _date(*map(int, match["iso"].split("-")))
    if match["weekday"]:
        if not written:
            return None
        return written + timedelta(days=(_WEEKDAY[match["weekday"]] - written.weekday() - 1) % 7 + 1)
    if match["mark"]:
        return _of_numbers(int(match["day"]), int(match["month"]), match["mark"], match["year"], written)
    word, day = (match["word"], match["day2"]) if match["word"] else (match["word3"], match["day3"])
    return _completed(_MONTH[word] + 1, int(day), match["year2"] or match["year3"], written)


def _of_numbers(first: int, second: int, mark: str, year: str | None, written: date | None) -> date | None:
    """Return the date of two numbers. With slashes either may be the month: the later of the two plausible days."""
    found = [_completed(second, first, year, written)]
    if mark != ".":
        found.append(_completed(first, second, year, written))
    return max((day for day in found if day and _plausible(day, written)), default=None)


def _completed(month: int, day: int, year: str | None, written: date | None) -> date | None:
    if year:
        return _date(int(year) % 100 + 2000, month, day)
    if not written:
        return None
    this_year = _date(written.year, month, day)
    return this_year if this_year and this_year >= written else _date(written.year + 1, month, day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
