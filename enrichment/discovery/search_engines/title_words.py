"""The titles of people who decide, as they are written in the languages of a brand's country."""

from enrichment.discovery.base import Brand

# By language (ISO 639-1): who leads the company first, then marketing and sales. What does not fit into a query is
# left out from the end.
TITLES = {
    "de": ("Geschäftsführer", "Geschäftsführerin", "Inhaber", "Gründer", "Vorstand", "Marketingleiter"),
    "fr": ("directeur général", "directrice générale", "gérant", "PDG", "fondateur", "directeur marketing"),
    "es": ("director general", "directora general", "consejero delegado", "fundador", "gerente", "director comercial"),
    "pt": ("diretor geral", "diretora geral", "sócio", "fundador", "gerente", "diretor de marketing"),
    "it": ("amministratore delegato", "direttore generale", "titolare", "fondatore", "direttore marketing"),
    "nl": ("directeur", "algemeen directeur", "eigenaar", "oprichter", "hoofd marketing"),
    "pl": ("prezes", "dyrektor", "właściciel", "założyciel", "dyrektor marketingu"),
    "sv": ("VD", "verkställande direktör", "grundare", "marknadschef", "försäljningschef"),
    "no": ("daglig leder", "administrerende direktør", "gründer", "markedssjef", "salgssjef"),
    "da": ("administrerende direktør", "direktør", "stifter", "indehaver", "marketingchef"),
    "fi": ("toimitusjohtaja", "perustaja", "johtaja", "markkinointijohtaja"),
    "cs": ("jednatel", "ředitel", "majitel", "zakladatel", "marketingový ředitel"),
    "bg": ("управител", "изпълнителен директор", "основател", "собственик"),
    "ru": ("генеральный директор", "директор", "основатель", "владелец"),
    "ja": ("代表取締役", "社長", "取締役", "創業者"),
    "zh": ("总经理", "创始人", "董事长", "总监"),
}  # fmt: skip

# By country (ISO 3166-1 alpha-2, which is the top-level domain as well): its business languages.
LANGUAGES = {
    **dict.fromkeys(("DE", "AT", "LI"), ("de",)),
    **dict.fromkeys(("FR", "MC"), ("fr",)),
    **dict.fromkeys(("ES", "MX", "AR", "CO", "CL", "PE", "UY", "EC"), ("es",)),
    **dict.fromkeys(("PT", "BR"), ("pt",)),
    "CH": ("de", "fr"), "BE": ("nl", "fr"), "LU": ("fr", "de"),
    "IT": ("it",), "NL": ("nl",), "PL": ("pl",), "SE": ("sv",), "NO": ("no",), "DK": ("da",), "FI": ("fi",),
    "CZ": ("cs",), "BG": ("bg",), "RU": ("ru",), "JP": ("ja",), "CN": ("zh",), "TW": ("zh",), "HK": ("zh",),
}  # fmt: skip

# Top-level domains that people use for what they sound like.
_FREE = frozenset({"CO", "LI", "MC"})


def local_titles(brand: Brand) -> list[tuple[str, ...]]:
    """Return the titles in each language of the brand's region, else of its domain's country; empty for English."""
    country = (brand.region or "").strip().upper()
    if not country:
        country = (brand.domain or "").rstrip(".").rpartition(".")[2].upper()
        country = "" if country in _FREE else country
    return [TITLES[language] for language in LANGUAGES.get(country, ())]
