"""The words in which press releases say that somebody got a post or gave one up, in a handful of languages.

Verbs whose subject is the company ("Acme appoints"), verbs whose subject is the person ("was appointed", "joins",
"steps down"), and nouns ("appointment of"). Headlines write many words with a capital: case makes no difference.
"""

import re

APPOINTS = re.compile(
    r"\b(?:(?:re)?appoint(?:s|ed)?|names?|named|hire[sd]?|promote[sd]?|elect(?:s|ed)?|recruit(?:s|ed)?|tap(?:s|ped)"
    r"|welcome[sd]?|ernennt|beruft|befördert|bestellt|begrüßt|nomme|promeut|recrute|accueille|nombra|designa|ficha"
    r"|incorpora|nomina|promuove|nomeia|contrata|benoemt|utnevner|ansetter|udnævner|ansætter|utser|utnämner"
    r"|(?:appointment|promotion|hiring|election|nomination) (?:of|de|d')|(?:Ernennung|Berufung) von"
    r"|nombramiento de|nomina di|nomeação de|benoeming van)\b\s*(?:(?:a|à|dass)\s+)?",
    re.IGNORECASE,
)
IS_APPOINTED = re.compile(
    r"(?:\b(?:(?:(?:has|have)\s+(?:\w+\s+)?been|was|is|will\s+be|to\s+be)\s+)?(?:appointed|named|promoted|elected|hired)"
    r"|\b(?:becomes|will\s+become|takes\s+over)|\b(?:wurde|wird|ist)\s+(?=(?:neue[rs]?|zu[mr]|als)\b)"
    r"|\b(?:(?:est|a\s+été|vient\s+d['’]être)\s+)?(?:nommée?|promue?)|\bdevient"
    r"|\b(?:(?:ha\s+sido|fue|es)\s+)?(?:nombrad[oa]|designad[oa])|\b(?:(?:è\s+stat[oa]|è|viene)\s+)?nominat[oa]|\bdiventa"
    r"|\b(?:(?:foi|é)\s+)?nomead[oa]|\b(?:(?:is|wordt|werd)\s+)?benoemd|\bwordt(?=\s+(?:de\s+)?nieuwe\b)"
    r"|\b(?:(?:er|är|blir|bliver)\s+)?(?:utnevnt|udnævnt|utsedd)|\b(?:blir|bliver)(?=\s+ny\b)"
    r"|,(?=\s+(?:new|neue[rs]?|nouveau|nouvelle|nuev[oa]|nuov[oa]|nieuwe|ny)\b))",
    re.IGNORECASE,
)
JOINS = re.compile(
    r"\b(?:joins|joined|(?:is|will\s+be)\s+joining|will\s+join|to\s+join|rejoint|(?:wechselt|kommt)\s+zu[mr]?"
    r"|se\s+(?:incorpora|une)\s+a|entra\s+in|approda\s+in|komt\s+bij)\b",
    re.IGNORECASE,
)
LEAVES = re.compile(
    r"\b(?:(?:is|will|has|will\s+be|to)\s+)?(?:(?P<alone>step(?:s|ping|ped)?\s+down|resign(?:s|ed|ing)?|retire[sd]?|retiring"
    r"|tritt\b[^.;]{0,60}\bzurück|scheidet\b[^.;]{0,60}\baus|geht\s+in\s+(?:den\s+)?Ruhestand|démissionne"
    r"|part\s+(?:à|en)\s+(?:la\s+)?retraite|dimite|se\s+jubila|si\s+dimette|stapt\s+op|treedt\s+(?:terug|af)|avgår|går\s+av"
    r"|fratrer|fratræder)|leaves?|leaving|left|depart(?:s|ed|ing)?|verlässt|quitte(?:ra)?|deja|abandona|lascia|verlaat"
    r"|deixa|forlater|forlader|lämnar)\b",
    re.IGNORECASE,
)
DEPARTURE_OF = re.compile(
    r"\b(?:(?:departure|resignation|retirement) of|(?:farewell|goodbye) to|(?:Rücktritt|Ausscheiden|Weggang) von"
    r"|(?:départ|démission) (?:de|d')|(?:salida|dimisión|saída) de|dimissioni di|(?:vertrek|aftreden) van)\b\s*",
    re.IGNORECASE,
)
# Between a name and a title.
LINK = re.compile(
    r"\s*(?:,\s*)?\b(?:as|to|for|als|zu[mr]|tot|til|till|som|comme|en\s+tant\s+que|au\s+poste\s+de|aux\s+fonctions\s+de|como"
    r"|para|come|quale|in\s+qualità\s+di|en\s+calidad\s+de)\b\s*",
    re.IGNORECASE,
)
_LINK_WORDS = "as to for als zum zur tot til till som comme en au aux como para come quale in and und et y e og och new"
LINK_WORDS = frozenset(_LINK_WORDS.split())
AS = re.compile(r"\b(?:as|als|comme|en tant que|como|come|som|in qualità di|en calidad de)\b\s*", re.IGNORECASE)
AND = re.compile(r"\s*(?:,|,?\s(?:and|und|et|y|e|en|og|och|&)\s)\s*", re.IGNORECASE)
# Before a title.
LEAD = re.compile(
    r"(?:\s*\b(?:(?:(?:zum|ab|am)\s+)?[0-9]{1,2}\.\s+\w+(?:\s+[0-9]{4})?|the|its|their|our|an?|new|newly\s+created|next|first|(?:role|position|post|office|job)\s+of|den|der|die"
    r"|das|dem|eine[nr]?|neue[mnrs]?|ihre[mnr]?|zu[mr]|unsere[mnr]?|als|as|to|une?|le|la|son|sa|nouveau|nouvelle"
    r"|(?:au\s+)?poste\s+de|el|su|nuev[oa]|cargo\s+de|como|il|nuov[oa]|ruolo\s+di|carica\s+di|come|quale|de|het|een|nieuwe|tot"
    r"|functie\s+van|til|som|ny|comme|en\s+tant\s+que)\b|\s*\bl['’])*\s*",
    re.IGNORECASE,
)
# Behind a title.
END = re.compile(
    r"[!?;:()\[\]\"“”„|]|(?<!\bSr)(?<!\bExec)\.(?=\s|$)|\s[–—-]+\s|,?\s(?:effective|with|starting|beginning|from|since|who"
    r"|where|which|whose|to|following|succeeding|replacing|reporting|after|upon|bringing|joining|as|on|by|ab|per|mit"
    r"|seit|nach|ernannt|berufen|bestellt|befördert|qui|que|à\s+(?:compter|partir)|depuis|pour|desde|a\s+partir|tras|para"
    r"|dal|dopo|con|met|vanaf|fra)\b",
    re.IGNORECASE,
)
AT = re.compile(r"\s(?:at|bei|beim|chez|presso|bij|hos)\s+(?=[^\W\d_a-z])|\s@\s*")
OF = re.compile(
    r"\s(?:of|at|von|der|des|bei|de|du|di|da|del|della|chez|presso|van|bij|hos|i|in)(?:\s+(?:the|la|l['’]))?\s*$",
    re.IGNORECASE,
)
AWARD = re.compile(
    r"\bof the year\b|\baward|\bdes jahres\b|\bde l['’]année\b|\bdel año\b|\bdell['’]anno\b|\btop\s+\d|\b\d+\s+under\b"
    r"|\blist\b",
    re.IGNORECASE,
)
# History, not news: "who joined Acme in 2015".
LONG_AGO = re.compile(
    r"^[^.;]{0,80}\b(?:in|since|seit|depuis|en|desde|dal|nel|sinds)\s+(?:\w+\s+)?(?:19|20)\d\d\b", re.IGNORECASE
)
# Who gives up a post for another has not left.
STAYS = re.compile(
    r"\b(?:becom\w+|remains?|remaining|stays?|staying|continues?|transition\w*|moves?|moving|assum\w+|will serve"
    r"|serv(?:es|ing) as|takes? on|bleibt|wechselt|übernimmt|reste|restera|devient|sigue|seguirá|pasa a|rimane|diventa"
    r"|blijft|wordt|blir|forblir)\b",
    re.IGNORECASE,
)
# What somebody leaves who leaves the brand, in its own words.
COMPANY = re.compile(
    r"\b(?:company|firm|group|organi[sz]ation|business|role|position|post|board|us|team|unternehmen|vorstand|gruppe|firma"
    r"|aufsichtsrat|verwaltungsrat|société|entreprise|groupe|poste|conseil|équipe|empresa|compañía|grupo|cargo|consejo|equipo"
    r"|azienda|società|gruppo|incarico|consiglio|bedrijf|raad|selskapet|virksomheden|bolaget|företaget|styret)\b",
    re.IGNORECASE,
)
WE = re.compile(r"\b(?:we|wir|nous|noi|wij)\b[^.;:]{0,60}$", re.IGNORECASE)
# Words with a capital that make no other organisation of a sentence: of headlines, and of the company itself.
_PLAIN = """
    the today board of directors supervisory management executive der die das le la les el il lo het de l' has have
    is are was pleased proud delighted excited thrilled happy to announce announces announced announcing new and its
    our after following effective in on at with as when former long-time longtime interim nach mit seit zum am im ab
    après tras dopo na aufsichtsrat verwaltungsrat vorstand conseil administration d'administration consejo
    administración consiglio group inc inc. ltd ltd. limited llc plc corp corp. corporation company co co. gmbh ag
    se sa s.a. sas spa s.p.a. bv b.v. nv asa oy kg january february march april may june july august september
    october november december who
"""
PLAIN = frozenset(_PLAIN.split())
