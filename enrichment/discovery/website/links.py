"""Which pages of a site are worth reading: links are judged by the words of their address and their text.

The words of some twenty languages stand in link_words.csv. A link whose words all say the same thing ("Our team",
`/about/leadership`) counts in full, one that has the word among others ("The Berlin team") for less.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from core.domains import registrable_domain
from enrichment.discovery.lexicon import Lexicon, fold, words_of

WORDS = Path(__file__).with_name("link_words.csv")

WEIGHTS = {"leaders": 70, "people": 60, "about": 40, "imprint": 36, "contact": 34}
PRESENTS_PEOPLE = frozenset({"leaders", "people"})
PROFILE = 25  # one person's page below a team page
BELOW_ABOUT = 12
NEUTRAL = 5  # a page of the first level whose words say nothing
BOTH_AGREE = 5  # address and text say the same

# What is taken off.
DEEPER = 3  # for each step of the path beyond two
WITH_QUERY = 5
ELSEWHERE = 10  # on another host of the site
OTHER_LANGUAGE = 15  # than the home page's

WORTHWHILE = 32  # what is read in any case
MAX_URL = 500
MAX_STEPS = 6
MAX_TEXT = 60  # a longer text is a teaser, not a label

_FILES = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|csv|zip|gz|tgz|rar|7z|exe|dmg|apk|iso|jpe?g|png|gif|webp|svg|ico|bmp|tiff?|avif"
    r"|mp[34]|m4[av]|avi|mov|webm|wav|ogg|css|js|mjs|json|xml|rss|atom|ics|vcf|txt|eps|psd|woff2?|ttf)$",
    re.IGNORECASE,
)
_EXTENSION = re.compile(r"\.(?:x?html?|php\d?|aspx?|jsp|cfm|do)$", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default|home)\.(?:x?html?|php\d?|aspx?|jsp|cfm)$", re.IGNORECASE)
_TRACKING = re.compile(r"(?:utm_.*|fbclid|gclid|msclkid|mc_[ce]id|ref|phpsessid|jsessionid|sid|_ga|_gl)", re.IGNORECASE)
_DATE = re.compile(r"(?:19|20)\d\d")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# ISO 639-1 codes in common use as the first step of a path.
_LANGUAGES = frozenset(
    {
        "ar",
        "bg",
        "ca",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "es",
        "et",
        "fa",
        "fi",
        "fr",
        "he",
        "hi",
        "hr",
        "hu",
        "id",
        "it",
        "ja",
    }
    | {"ko", "lt", "lv", "nb", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk", "vi", "zh"}
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a link promises: `score` (0 = not worth reading) and `kind`, one of WEIGHTS, `profile` or ""."""

    score: int
    kind: str = ""


NOTHING = Judgement(0)
_NO_KIND = ("", False)


def site_of(url: str) -> str:
    """Return what pages of one site have in common: the registrable domain, or the host where there is none."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
    return registrable_domain(host) or host


def key(url: str) -> str:
    """Return the form under which a page counts as read: http and https, www, index files, fragments alike."""
    parts = urlsplit(url)
    path = _INDEX.sub("/", unquote(parts.path)).rstrip("/")
    query = urlencode(sorted(_wanted_parameters(parts)))
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    return f"{(parts.hostname or '').removeprefix('www.')}{port}{path}{'?' if query else ''}{query}"


def clean(url: str) -> str | None:
    """Return a link's address without fragment and tracking; None where it leads to no page one could read."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        return None
    if len(url) > MAX_URL or _FILES.search(parts.path) or not url.isprintable():
        return None
    parameters = _wanted_parameters(parts)
    if len(parameters) > 2:
        return None
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", urlencode(parameters), ""))


def _wanted_parameters(parts: SplitResult) -> list[tuple[str, str]]:
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    return [(name, value) for name, value in pairs if not _TRACKING.fullmatch(name)]


def judge(url: str, text: str, language: str = "") -> Judgement:
    """Return what a link (cleaned) with this text promises. `language` is the home page's, "en"; "" when unknown."""
    parts = urlsplit(url)
    steps = [unquote(step) for step in parts.path.split("/") if step]
    if len(steps) > MAX_STEPS or len(steps) != len(set(steps)):  # relative links that go round and round
        return NOTHING
    spoken = steps.pop(0).lower() if steps and steps[0].lower() in _LANGUAGES else ""
    if any(_DATE.fullmatch(step) for step in steps) or not (steps or spoken or parts.query):
        return NOTHING
    kinds = [_kind(_EXTENSION.sub("", step)) for step in steps] or [_NO_KIND]
    subdomain = (parts.hostname or "").lower().removesuffix(site_of(url)).strip(".").removeprefix("www").strip(".")
    if any(kind == "skip" for kind, _ in [*kinds, _kind(subdomain)]):
        return NOTHING
    found = _by_words(kinds, _kind(text) if len(text) <= MAX_TEXT else _NO_KIND)
    penalty = DEEPER * max(0, len(steps) - 2) + WITH_QUERY * bool(parts.query) + ELSEWHERE * bool(subdomain)
    penalty += OTHER_LANGUAGE * bool(spoken and language and spoken != language)
    return Judgement(max(found.score - penalty, 0), found.kind)


def _by_words(steps: list[tuple[str, bool]], text: tuple[str, bool]) -> Judgement:
    last, above = steps[-1], {kind for kind, _ in steps[:-1]}
    if text[0] == "skip" and last[0] not in WEIGHTS:
        return NOTHING
    if above & PRESENTS_PEOPLE and last[0] not in WEIGHTS:
        return Judgement(PROFILE, "profile")
    # A word in passing counts less in the text than in the address, which says what the page is.
    found = [
        (WEIGHTS[kind] if full else WEIGHTS[kind] // parts, kind)
        for (kind, full), parts in ((last, 2), (text, 3))
        if kind in WEIGHTS
    ]
    if found:
        score, kind = max(found)
        return Judgement(score + BOTH_AGREE * (last == text and text[1]), kind)
    if "about" in above:
        return Judgement(BELOW_ABOUT)
    return Judgement(NEUTRAL) if len(steps) == 1 else NOTHING


@cache
def _lexicon() -> Lexicon:
    with WORDS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return Lexicon((term.strip(), row["kind"]) for row in rows for term in row["terms"].split(","))


@lru_cache(maxsize=8192)
def _kind(text: str) -> tuple[str, bool]:
    """Return the kind of page that `text` names ("" for none), and whether all its words do."""
    folded = fold(_CAMEL.sub(" ", text).replace("_", " "))
    matches = _lexicon().matches(folded, words_of(folded))
    named = [match for match in matches if match.value not in ("filler", "none")]
    if not named:
        return _NO_KIND
    if any(match.value == "skip" for match in named):
        # "Join our team" is about jobs; a long text that happens to mention news is not about news.
        return ("skip", True) if folded.count(" ") < 6 else _NO_KIND
    named_or_filler = "".join(folded[match.start : match.end] for match in matches if match.value != "none")
    best = max(named, key=lambda match: WEIGHTS[match.value])
    return best.value, _letters(named_or_filler) == _letters(folded)


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
