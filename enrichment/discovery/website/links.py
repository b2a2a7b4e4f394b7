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
from enrichment.discovery.website import page_numbers

WORDS = Path(__file__).with_name("link_words.csv")

WEIGHTS = {"leaders": 70, "people": 60, "about": 40, "imprint": 36, "contact": 34}
PRESENTS_PEOPLE = frozenset({"leaders", "people"})
PROFILE = 25  # one person's page below a team page
BELOW_ABOUT = 12
LANGUAGE_HOME = 8  # the home page in another language
NEUTRAL = 5  # a page of the first level whose words say nothing
BOTH_AGREE = 5  # address and text say the same

# What is taken off.
DEEPER = 3  # for each step of the path beyond two
WITH_QUERY = 5
ELSEWHERE = 10  # on another host of the site

# By what it is divided in another language than the home page's: such pages are read only while nobody was found.
OTHER_LANGUAGE = 4

WORTHWHILE = 32  # what is read in any case
MAX_URL = 500
MAX_STEPS = 6
MAX_TEXT = 60  # a longer text is a teaser, not a label
MAX_LABEL = 6  # words

_FILES = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|csv|zip|gz|tgz|rar|7z|exe|dmg|apk|iso|jpe?g|png|gif|webp|svg|ico|bmp|tiff?|avif"
    r"|mp[34]|m4[av]|avi|mov|webm|wav|ogg|css|js|mjs|json|xml|rss|atom|ics|vcf|txt|eps|psd|woff2?|ttf)$",
    re.IGNORECASE,
)
_EXTENSION = re.compile(r"\.(?:x?html?|php\d?|aspx?|jsp|cfm|do)$", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default|home)\.(?:x?html?|php\d?|aspx?|jsp|cfm)$", re.IGNORECASE)
_TRACKING = re.compile(r"(?:utm_.*|fbclid|gclid|msclkid|mc_[ce]id|ref|phpsessid|jsessionid|sid|_ga|_gl)", re.IGNORECASE)
_DATE = re.compile(r"(?:19|20)\d\d")
_AND = re.compile(r"\s*(?:[&+/|,]|(?<!\w)(?:and|und|et|y|e|i|en|og|och|ja|a|и)(?!\w))\s*")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# ISO 639-1 codes in common use as the first step of a path, as a subdomain or as a parameter.
_LANGUAGES = frozenset(
    {"ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id", "it"}
    | {"ja", "ko", "lt", "lv", "nb", "nl", "nn", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk"}
    | {"vi", "zh"}
)
# Those whose words link_words.csv has.
READ_LANGUAGES = frozenset(
    {"bg", "cs", "da", "de", "en", "es", "fi", "fr", "it", "ja", "nl", "no", "pl", "pt", "ru", "sk", "sv", "zh"}
)
_LOCALE = re.compile(r"([a-z]{2})(?:[-_](?:[a-z]{2}|[a-z]{4}))?", re.ASCII)  # "de", "de-at", "zh-hans"
_LANGUAGE_PARAMETER = frozenset({"lang", "language", "locale", "hl", "sprache", "langue", "idioma", "lingua"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a link promises: `score` (0 = not worth reading) and `kind`.

    That is one of WEIGHTS, `profile`, `home` (in another language), `skip` (posts, jobs, shops …) or "".
    """

    score: int
    kind: str = ""


NOTHING = Judgement(0)
SKIPPED = Judgement(0, "skip")
_NO_KIND = ("", False)


def site_of(url: str) -> str:
    """Return what pages of one site have in common: the registrable domain, or the host where there is none."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
    return registrable_domain(host) or host


def key(url: str) -> str:
    """Return the form under which a page counts as read: http and https, www, index files, fragments alike.

    So are a listing and its first page.
    """
    return _key(url, first_only=True)


def series(url: str) -> str:
    """Return the key of the listing of which a page is the second or a later one; "" where it is none."""
    parts = urlsplit(url)
    _, _, number = page_numbers.split(parts.path, parse_qsl(parts.query))
    return _key(url, first_only=False) if number > 1 else ""


def _key(url: str, *, first_only: bool) -> str:
    parts = urlsplit(url)
    parameters = _wanted_parameters(parts)
    path, rest, number = page_numbers.split(unquote(parts.path), parameters)
    if first_only and number > 1:
        path, rest = unquote(parts.path), parameters
    path = _INDEX.sub("/", path).rstrip("/")
    query = urlencode(sorted(rest))
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


def language_of(code: str) -> str:
    """Return the language of a code such as "de", "de-AT" or "zh_Hans"; Norwegian is "no" in both its forms."""
    match = _LOCALE.fullmatch(code.strip().lower())
    language = match[1] if match and match[1] in _LANGUAGES else ""
    return "no" if language in ("nb", "nn") else language


def kind_of(text: str) -> str:
    """Return the kind of page that a text names: one of WEIGHTS, `skip` or ""."""
    return _kind(text)[0]


def judge(url: str, text: str, language: str = "") -> Judgement:
    """Return what a link (cleaned) with this text promises. `language` is the home page's, "en"; "" when unknown."""
    parts = urlsplit(url)
    steps = [unquote(step) for step in parts.path.split("/") if step]
    if len(steps) > MAX_STEPS or len(steps) != len(set(steps)):  # relative links that go round and round
        return NOTHING
    subdomain = (parts.hostname or "").lower().removesuffix(site_of(url)).strip(".").removeprefix("www").strip(".")
    spoken = _spoken(steps, subdomain, parts)
    if any(_DATE.fullmatch(step) for step in steps) or not (steps or spoken or parts.query):
        return SKIPPED if steps else NOTHING
    kinds = [_kind(_EXTENSION.sub("", step)) for step in steps] or [_NO_KIND]
    if any(kind == "skip" for kind, _ in [*kinds, _kind(subdomain)]):
        return SKIPPED
    is_foreign = bool(spoken and language and spoken != language_of(language))
    found = _by_words(kinds, _kind(text) if len(text) <= MAX_TEXT else _NO_KIND)
    if spoken in READ_LANGUAGES and not steps and found.kind not in WEIGHTS:
        return Judgement(LANGUAGE_HOME, "home")
    penalty = DEEPER * max(0, len(steps) - 2) + WITH_QUERY * bool(parts.query)
    penalty += ELSEWHERE * bool(subdomain and not language_of(subdomain))
    score = max(found.score - penalty, 0)
    return Judgement(score // OTHER_LANGUAGE if is_foreign else score, found.kind)


def _spoken(steps: list[str], subdomain: str, parts: SplitResult) -> str:
    """Return the language that an address names, "" for none. A step that names it is taken out of `steps`."""
    for place in range(min(2, len(steps))):  # "/de/team", "/ch/de/team"
        spoken = language_of(steps[place])
        if spoken and (place == 0 or len(steps[0]) == 2):
            del steps[: place + 1]
            return spoken
    named = (language_of(value) for name, value in parse_qsl(parts.query) if name.lower() in _LANGUAGE_PARAMETER)
    return language_of(subdomain) or next(filter(None, named), "")


def _by_words(steps: list[tuple[str, bool]], text: tuple[str, bool]) -> Judgement:
    last, above = steps[-1], {kind for kind, _ in steps[:-1]}
    if text[0] == "skip" and last[0] not in WEIGHTS:
        return SKIPPED
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
        if folded.count(" ") >= MAX_LABEL:
            return _NO_KIND  # a long text that happens to mention news is not about news
        # "Team & jobs" is a label of two, "Join our team" is about jobs.
        parts = _AND.split(folded.replace("-", " "))
        both = [kind for kind, full in map(_kind, parts if len(parts) > 1 else []) if full and kind in WEIGHTS]
        return (max(both, key=WEIGHTS.__getitem__), True) if both else ("skip", True)
    named_or_filler = "".join(folded[match.start : match.end] for match in matches if match.value != "none")
    best = max(named, key=lambda match: WEIGHTS[match.value])
    return best.value, _letters(named_or_filler) == _letters(folded)


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
