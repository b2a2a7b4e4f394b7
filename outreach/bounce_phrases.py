"""The wordings of mail servers that did not deliver, by what they say of the recipient and of us.

Each line of a family is one regular expression, continued by lines that are indented further, and matched anywhere in
a text that was made plain: lower case, no accents, no punctuation, "e-mail" and "black list" in one word, and an
asterisk for each address, link and host name. The families are in the order in which they count: words about us win
over words about the mailbox, since many servers refuse our address or the content and call it an unknown user.
"""

from outreach import bounce_kinds as kinds

_BOX = r"(?:mailbox|inbox|maildrop|account|user|username|userid|recipients?|addressee|address|addresses|alias|customer)"
_IS = r"(?:is|are|was|were|has been|have been|has|s)"
_NOT = r"(?:doesnt|does not|do not|dont|didnt|did not|cannot|cant|could not|couldnt|wasnt|was not|isnt|is not|not)"
_ANY = r"(?:\S+ ){0,3}?"

FAMILIES: tuple[tuple[kinds.Meaning, str], ...] = (
    (kinds.GREYLISTED, r"""
        \bgr[ea]ylist\w*
        \bpostgrey\b
    """),
    (kinds.AUTHENTICATION, r"""
        \b(?:spf|dkim|dmarc|dmark|arc|sender policy framework|domainkeys)\b
        \bunauthenticated\b
        \bauthentication (?:information|checks?|failed|failure|results?)
        \b(?:is|are|was|were) not authenticated|\bnot pass(?:ed)? authenticat
        \bauthrequired\b|\bauthentication required|\brequires? authentication
        \bauthenticated senders? (?:only|required)
        \bpurported responsible|\bsender id\b
    """),
    (kinds.NO_REVERSE_NAME, r"""
        \breverse (?:dns|hostname|host name|lookup|address|name|mapping|record|ip)|\br ?dns\b|\bptr\b
        \bip name lookup failed|\bunverif\w+ (?:sending )?ips?\b
        \b(?:find|resolve|verify|lookup) your (?:reverse )?(?:address|ip|hostname|host name|host|domain)
        \b(?:client|hostname|host name|ip)\b.{0,100}\b(?:has no|without) (?:a )?(?:valid )?(?:name|hostname|dns)
        \bmay not be mail exchanger|\bmismatch\w* (?:the )?(?:client )?(?:ip|host|name)|\bfcrdns\b
        \bforward confirmed\b
    """),
    (kinds.REPUTATION, rf"""
        \b(?<!may be )(?:blacklist\w*|blocklist\w*|denylist\w*|dnsbls?|rbls?|spamhaus|spamcop|sorbs|xbl|pbl)\b
        \breputation\b|\bbanned\b|\bsender score|\blow score\b
        \b(?:ip|address|host|server|domain|sender
            |network)\b.{{0,100}}\b{_IS} (?:currently |temporarily )?(?:black ?)?listed\b
        (?<!not )\blisted (?:in|on|by|at)\b
        \bblock(?:ed|ing)? (?:list|for|by|due|because|using|from)\b
        \b(?:ip|ips|host|server|hosts|connection|traffic) \S* ?(?:{_IS} )?\S* ?blocked\b
        \b(?:your|the sending|sending|source) (?:ip|host|server|mail server|network|mta|isp|domain|access
            |provider)\b.{{0,100}}\b(?:reject|denied|deny|refus|prohibit|not allowed|block|abus|poor|bad)
        \bclient host (?:\S+ )?(?:rejected|blocked)
        \bconnections? (?:{_IS} )?(?:rejected|denied|blocked|not accepted|not allowed)
        \b(?:not accepting|refus\w+) (?:connections|email|mail|messages|traffic) from\b
        \bnot accepting connections\b
        \b(?:mail|messages?|traffic|connections?) (?:will )?not (?:be )?accepted from\b
        \bmessages? from \S+ (?:will|were|werent|are|temporarily|has|have)\b
        \b(?:unsolicited (?:bulk )?(?:email|mail|messages?) (?:from|originating)|spammers?|spamming|sending spam
            |spam sources?|open proxy|open relay)\b
        \buser complaints\b|\bunexpected volume\b|\bfor abuse\b|\babusive\b|\bharvest\w* attack|\bdictionary attack
        \binvalid ip\b|\bask your postmaster|\buse the smtp server of your isp
        \byour (?:isp|internet service provider)\b
        \b(?:dynamic|residential|dialup|dial up|generic) (?:ip|host|address|client|pool|range)
        \bnot allowed to (?:connect|send)\b|\bgeographic\w* location
        \bliste noire\b|\blist[ae] (?:negra|nera)\b|\bgesperrt\w* .{{0,100}}\bip\b|\bip\b.{{0,100}}\bgesperrt
    """),
    (kinds.RATE, r"""
        \b(?:relay|sending|hourly|daily|outgoing|outbound|send|message|rate) (?:\w+ )?(?:quota
            |limits?)\b(?!.{0,100}\bsize\b)
        \b(?:rate limit\w*|ratelimit\w*|frequency limit\w*|throttl\w+|too fast|too quickly|unusual rate|too much mail
            |too many (?:messages|emails|mails))\b
        \btoo many (?:unknown|invalid|bad|errors)|\bsent (?:to )?too many\b
        \btoo many recipients (?:this|per|in the) (?:hour|day|minute)
    """),
    (kinds.CONTENT, r"""
        \b(?<!anti )(?:spam|viruse?s?|malware|phish\w*|trojan|worm|junk ?mail|junk|infected|uribl
            |surbl)\b(?! (?:filter )?(?:folder|box))
        \b(?:unsolicited|bulk) (?:bulk )?(?:email|mail|messages?)
        \b(?:content|contents) (?:\w+ ){0,2}(?:reject\w*|block\w*|refus\w*|violat\w*|filter\w*|denied|presents
            |not accept\w*|prohibited|policy)
        \bcontent filter|\b(?:reject\w*|block\w*|refus\w*) (?:\w+ ){0,4}content\b
        \b(?:attachment|attachments|file type|executable)\b
        \b(?:bad|invalid|illegal|malformed|improper|missing|suspicious) (?:\S+ ){0,4}(?:headers?|mime|8 bit
            |message id)\b
        \bheaders? (?:error|too large|are not accepted|not accepted|invalid|missing|line)|\bbare lf\b
        \bstray (?:cr|lf)
        \b(?:rfc ?(?:2822|5322|2045|2047)|rfc 822)\b|\bmultiple addresses in from|\bpotential security\b
        \bmessage size and content\b
        \bdoes not (?:conform|comply)|\bnot rfc compliant|\bmessage looks like
        \bmessage (?:\w+ )?(?:considered|classified|identified|detected)
    """),
    (kinds.SENDER, r"""
        \b(?:sender|senders|return path|envelope from
            |from) (?:address |domain |email |addresses )?(?:\S+ )?(?:is |are |was )?(?:rejected|denied|refused
            |invalid|unknown|unroutable|unresolvable|blocked|not (?:allowed|accepted|permitted|valid|authori[sz]ed
            |exist|found))\b
        \b(?:unrouteable|unroutable|invalid|bad|unknown|unresolvable|illegal|unverified|untrusted|blocked) (?:sender
            |senders|return path|mail from|helo|ehlo|from)\b
        \b(?:domain|address|existence) of (?:the )?sender\b
        \bsender (?:address )?(?:\S+ )?(?:verif\w*|callout|does|must|has)\b
        \bverif\w* (?:\w+ )?sender\b|\bvalid (?:sender|from)\b|\bfrom domain\b|\bnot (?:a )?valid sender
        \b(?:helo|ehlo)\b|\bcannot resolve (?:your|sender)|\binvalid domain name\b|\bnot like sender\b
        \byou (?:are|have|do|may) (?:\w+ )?not (?:\w+ )?(?:allowed|permitted|permission|authori[sz]ed|have permission)
        \bnot (?:allowed|permitted|authori[sz]ed) to (?:send|post|mail|submit)|\brestricted\b
        \b(?:only accepts?|accepts? (?:mail|messages|email) only|private list|members? only|subscribers? only
            |not subscribed)\b
    """),
    (kinds.RELAY, r"""
        \brelay(?:ing)? (?:access |to \S+ )?(?:\w+ )?(?:denied|prohibited|disabled|not (?:permitted|allowed
            |authori[sz]ed|supported)|rejected|attempt)
        \b(?:not (?:permitted|allowed|authori[sz]ed) to|unable to|cannot|cant|not|wont|do not|dont|refus\w* to
            |no(?: open)?) relay
        \brcpthosts\b|\binsecure (?:mail )?relay|\brelay access\b|\bforwarding to remote hosts
    """),
    (kinds.FULL, rf"""
        \bquota\b|\boverquota\b|\bquotaexceeded\w*|\bshutoffquota\w*
        \b{_BOX}s? (?:\S+ ){{0,3}}?(?:over ?)?full\b|\bfull (?:mailbox|inbox)|\bmailboxfull\b|\binbox full\b
        \b{_BOX} (?:\S+ ){{0,2}}?exceed\w*
        \bexceed\w* (?:\w+ ){{0,4}}(?:storage|disk|quota|mailbox|allowed size|space)
        \b(?:not enough|insufficient|no|out of) (?:\w+ ){{0,2}}(?:storage|space)\b|\bdisk full
        \b(?:storage|space) (?:exceeded|limit|full)
        \btoo many (?:\w+ )?(?:messages|mails) (?:in|on) (?:the )?mailbox|\b{_BOX} (?:\S+ )?(?:has )?too much mail
        \b(?:postfach|mailbox|speicher\w*)\b.{{0,100}}\b(?:voll|uberfullt|erschopft)\b|\bboite\b.{{0,100}}\bpleine\b
        \b(?:buzon lleno|caixa (?:postal )?cheia|skrzynka pelna|casella (?:di posta )?piena|postvak (?:is )?vol)\b
    """),
    (kinds.TOO_LARGE, r"""
        \b(?:message|mail|email|size|line) (?:\w+ ){0,4}(?:too (?:big|large|long)|exceed\w*|over\w* (?:limit|size))
        \b(?:too (?:big|large)|exceeds?) (?:\w+ ){0,4}(?:message|size|limit|maximum)|\bsize limit\b
        \bmaximum (?:\w+ )?size|\bline limit\b
    """),
    (kinds.BUSY, r"""
        \btoo many (?:\w+ ){0,2}(?:connections|sessions|clients|recipients|rcpts?)\b|\bconcurrent connections\b
        \b(?:server|service|system|host|resources?) (?:\w+ )?(?:busy|overload\w*|temporarily (?:unavailable|unable
            |down))
        \btry (?:again|later|your request later)\b.{0,100}\bbusy\b|\bsystem load\b|\bresources? temporarily
        \bprocedure (?:is )?(?:temporarily )?unavailable
    """),
    (kinds.NO_SUCH_DOMAIN, rf"""
        \b(?:host|domain|hostname|domain name)(?: name| or domain name)? (?:\S+ )?(?:{_IS} )?(?:not found|unknown
            |invalid|{_NOT} (?:\w+ )?(?:exist|found|resolve|accept (?:any )?(?:e?mail|mail)|receive (?:e?mail|mail)))
        \b(?:unknown|no such|invalid|bad|nonexistent|non existent|unrouteable|unroutable|illegal) (?:\w+ )?(?:host
            |domain|mail domain|hostname)\b(?! literal)
        \bnxdomain\b|\bno smtp service\b|\bnull mx\b|\bnullmx\b|\bnot a registered
        \bno (?:relevant )?(?:mx|mail exchangers?|dns)\b.{{0,100}}\b(?:found|record|exists?|domain|for)\b
        \b{_NOT} find (?:any |a |an )?(?:host|mail exchanger|domain|mx)
        \bdomain\b.{{0,100}}\b(?:{_NOT} be found|{_NOT} (?:receive|accept) e?mail)
        \b(?:account|address|user) or domain may not exist|\ball relevant mx records point to non ?existent hosts
        ^(?:\S+ )*\* does not exist$
    """),
    (kinds.DISABLED, rf"""
        \b(?:{_BOX}|\*) (?:\S+ ){{0,2}}?(?:{_IS} )?(?:\w+ )?(?:disabled|deactivated|inactive|not active|suspended
            |locked|frozen|closed|expired|retired|discontinued|terminated|archived|on hold|abandoned|blocked)\b
        \b(?:disabled|inactive|deactivated|suspended|closed|expired|frozen|locked) (?:{_BOX})\b
        \bno longer (?:active|in use|available|valid|exists?|works?|employed|with|on|accept\w*|an? valid|in service
            |monitored)\b
        \bdue to (?:extended )?inactivity|\bdisableduser\b
        \b(?:konto|postfach|benutzer|compte|boite|cuenta|buzon|conta|casella|utente)\b.{{0,100}}\b(?:deaktiviert
            |gesperrt|desactive\w*|suspendu\w*|desactivad[oa]|inhabilitad[oa]|disattivat[oa]|disabilitat[oa])\b
    """),
    (kinds.NO_SUCH_USER, rf"""
        \brecipient address rejected access denied|^(?:\S+ ){{0,2}}address rejected(?: \*)?$|\bunverified address
        \b(?:unknown|invalid|unrout[ea]+ble|undeliverable|nonexistent|non existent|unrecogni[sz]ed|bad|wrong|illegal
            |incorrect|no such|missing) (?:\S+ ){{0,3}}?(?:{_BOX}|local ?part|person|recipient)\b
        \b(?:user ?unknown|unknown ?user|nosuchuser|usernotfound|recipnotfound|recipientnotfound|user nonexist)\b
        \b{_BOX} (?:\S+ ){{0,4}}?(?:unknown|invalid|unrout[ea]+ble|undeliverable|nonexistent|notfound|no existent
            |not (?:be )?(?:\w+ )?(?:found|known|valid|recogni[sz]ed|exists?|listed|present|local|available|registered
            |located|resolved|unique)|(?:could not|couldnt|cannot|cant) be (?:found|located|resolved))\b
        \b{_BOX} (?:\S+ ){{0,8}}?(?:doesnt|does not|do not|dont|didnt|did not|not) (?:\w+ )?exist
        \b(?:no|not an?|isnt an?
            |{_NOT} have an?) (?:such |known |valid |local |matching |active |\* )?(?:\w+ )?(?:{_BOX}|person
            |name)\b(?! (?:to|for) )
        \bno such (?:\w+ )?(?:here|one|user)\b
        \bno (?:one|{_BOX}|person) (?:\w+ )?(?:here|found|at this|(?:by|with|of) that name)\b
        \bnot (?:a|our|my) (?:customer|subscriber|employee|user)\b
        \b{_NOT} (?:\w+ )?(?:find|locate|verify|validate|look ?up|resolve|know|recogni[sz]e) (?:\w+ ){{0,2}}?{_BOX}
        \bnot found in (?:\w+ )?(?:directory|address book|database)
        \bunknown (?:in (?:local|virtual|relay)|to this system|at this|address)
        \b{_BOX} name (?:is )?not (?:recogni[sz]ed|allowed)
        \bthere is no (?:\w+ )?(?:{_BOX}|one)
        \b(?:mailbox|account|address|user) (?:is )?(?:unavailable|not available)\b
        \b(?:benutzer|empfa?enger\w*|empfanger\w*|postfach|konto|adresse|adresat\w*)\b.{{0,40}}\b(?:unbekannt\w*
            |ungultig\w*|existiert nicht|nicht (?:gefunden|vorhanden|bekannt)|gibt es nicht)
        \b(?:unbekannte\w*|ungultige\w*|kein\w*) (?:\w+ )?(?:benutzer|empfanger\w*|postfach|konto|adresse)\b
        \b(?:utilisateur|destinataire|boite|compte|adresse)\b.{{0,60}}\b(?:inconnue?|introuvable|inexistante?|invalide
            |nexiste (?:pas|plus))
        \b(?:usuario|destinatario|buzon|cuenta|direccion|destinatario|caixa|conta|endereco|utente|casella
            |indirizzo)\b.{{0,40}}\b(?:desconocid[oa]|desconhecid[oa]|sconosciut[oa]|no existe|nao existe|non esiste
            |no encontrad[oa]|nao encontrad[oa]|non trovat[oa]|inexistente|inesistente|invalid[oa]|non valid[oa])
        \b(?:gebruiker|ontvanger|postvak|adres|uzytkownik\w*|odbiorca|skrzynka|mottagare\w*
            |anvandare\w*)\b.{{0,40}}\b(?:onbekend\w*|bestaat niet|niet gevonden|nieznan[yae]|nie istnieje|okand\w*
            |finns (?:inte|ej))
        (?:用户|用戶|收件人|邮箱|郵箱|帐号|帳號|账号|信箱|使用者).{{0,10}}(?:不存在|无效|無效|未找到)
        (?:ユーサ|宛先|アトレス|メールホックス).{{0,10}}(?:存在しません|見つかりません|不明)
    """),
    (kinds.EXPIRED, r"""
        \b(?:retry|delivery|queue|message|mail) (?:\w+ ){0,2}?(?:time ?out|timeout|expired|expiration)\b
        \bqueue expired|\btoo long\b
        \b(?:message|mail) (?:\S+ )?could not be delivered for\b|\bdelivery (?:time )?expired|\bin the queue\b
        \b(?:has |have |been )(?:\w+ )?(?:failing|undelivered) (?:for|after)\b|\bgiving up\b.{0,100}\battempts?\b
        \bdelivery failed \d+ attempts
        \b(?:not yet been delivered|still undelivered|delayed)\b|\bstopped trying|\bretries\b
        \bunable to deliver (?:\w+ )*(?:within|after|for) \d+
    """),
    (kinds.NETWORK, r"""
        \b(?:connection|connect|conversation|session|lookup|network) (?:\S+ ){0,5}?(?:timed out|refused|reset|lost
            |dropped|failed|closed|broken|error|unreachable|timeout|failure)
        \blost connection
        \b(?:no route to host|network (?:is )?unreachable|(?:host|domain|server) (?:is )?(?:unreachable|down
            |not reachable)|timed out|time ?out|unable to connect|could not connect|cannot connect|failed to connect)
        \b(?:name server|name service|dns|host name|hostname|mx) (?:\S+ ){0,4}?(?:failure|error|fail\w*|timeout
            |temporar\w*|deferred)
        \b(?:smtp|tcp)? ?connection (?:\S+ )?(?:attempt|could not|establish)|\bestablish an? (?:\w+ )?connection
        \bnot accept our requests to connect
        \b(?:too many hops|mail ?loop\w*|routing loop|loops? back|hop count|mail forwarding loop|loop detected
            |loopdetected)\b
        \b(?:starttls|tls)\b
    """),
    (kinds.SERVER_ERROR, r"""
        \b(?:local|internal|system|operating system|configuration|server|i o|database|disk|software|processing
            |unexpected|temporary|resource) (?:\w+ )?(?:error|failure|problem)\b
        \b(?:mailer error|unknown mailer|insufficient permission|permission denied|contact ldap|ldap server
            |out of memory|cant create|cannot open|command failed|pipe to|queue file)\b
        \b(?:temporar\w+|transient)\b|\btry again later|\bplease try later
    """),
    (kinds.POLICY, r"""
        \b(?:polic(?:y|ies)|prohibit\w*|security|administrative\w*|access denied|not authori[sz]ed|forbidden
            |not permitted|permission)\b
    """),
    (kinds.REFUSED, r"""
        \b(?:message|mail|email|transaction|delivery|you|was|were|been) (?:\w+ )?(?:rejected|refused|blocked|denied
            |not accepted|bounced by)\b
        ^(?:\S+ ){0,4}(?:rejected|refused|denied|blocked|reject)(?: \S+){0,6}$
    """),
)  # fmt: skip
