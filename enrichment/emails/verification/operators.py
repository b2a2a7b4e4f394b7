"""Who runs the mail servers of a domain? Many domains share few operators, and each has its own rules for strangers."""

import re
from collections.abc import Sequence

from core.domains import registrable_domain

# Ends of host names, by operator. An operator that is missing goes by its registrable domain, which groups as well.
_HOSTS = {
    "google": "google.com googlemail.com psmtp.com",
    # Microsoft's consumer service refuses unknown mailboxes at once, its business service may not.
    "outlook": "olc.protection.outlook.com",
    "microsoft": """
        protection.outlook.com mail.eo.outlook.com mx.microsoft mail.messaging.microsoft.com protection.outlook.de
        protection.office365.us protection.partner.outlook.cn
    """,
    "yahoo": "yahoodns.net",
    "icloud": "icloud.com",
    "proton": "protonmail.ch proton.ch",
    "fastmail": "messagingengine.com",
    "zoho": "zoho.com zoho.eu zoho.in zoho.com.au zoho.jp zohomail.com zohocloud.ca",
    "yandex": "yandex.net yandex.ru yandex.com",
    "mail.ru": "mail.ru",
    "tencent": "qq.com",
    "alibaba": "mxhichina.com aliyun.com",
    "rackspace": "emailsrvr.com",
    "godaddy": "secureserver.net",
    "namecheap": "privateemail.com registrar-servers.com",
    "hostinger": "hostinger.com titan.email",
    "gandi": "gandi.net",
    "ovh": "ovh.net ovh.ca",
    "infomaniak": "infomaniak.ch infomaniak.com",
    "ionos": "kundenserver.de perfora.net ionos.com ionos.co.uk ionos.de ionos.es ionos.fr ionos.it 1and1.com 1and1.fr "
    "1and1.co.uk 1and1.es",
    "strato": "rzone.de strato.de",
    "hetzner": "your-server.de",
    "cloudflare": "mx.cloudflare.net",
    "proofpoint": "pphosted.com ppe-hosted.com gpphosted.com",
    "mimecast": "mimecast.com mimecast.co.za mimecast-offshore.com mimecast.org",
    "barracuda": "barracudanetworks.com",
    "cisco": "iphmx.com",
    "trendmicro": "trendmicro.com trendmicro.eu trendmicro.co.jp",
    "broadcom": "messagelabs.com symanteccloud.com",
    "sophos": "sophos.com reflexion.net",
    "forcepoint": "mailcontrol.com",
    "fortinet": "fortimailcloud.com fortimail.com",
    "trellix": "fireeyecloud.com fireeyegov.com",
    "retarus": "retarus.com retarus.de",
    "hornetsecurity": "hornetsecurity.com antispameurope.com",
    "vade": "vadesecure.com",
    "n-able": "antispamcloud.com spamexperts.com",
    "mailguard": "mailguard.com.au",
}
_BY_SUFFIX = {suffix: operator for operator, suffixes in _HOSTS.items() for suffix in suffixes.split()}
# Amazon has a host for each of its regions; others rent machines under the same domain.
_AMAZON = re.compile(r"inbound-smtp\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")

# Where a yes to a made-up address does not mean that the domain takes mail for any name:
_HIDING = frozenset(
    {
        # Exchange Online looks the name up only for tenants that switched on directory based edge blocking.
        "microsoft",
        # Yahoo says no only after the message itself.
        "yahoo",
        # Amazon matches its rules after it has taken the message.
        "amazon",
        # Gateways: they filter in front of a mailbox server and know its mailboxes only if somebody told them.
        "proofpoint", "mimecast", "barracuda", "cisco", "trendmicro", "broadcom", "sophos", "forcepoint", "fortinet",
        "trellix", "retarus", "hornetsecurity", "vade", "n-able", "mailguard",
    }
)  # fmt: skip


def operator_of(hosts: Sequence[str]) -> str:
    """Return the operator of a domain's mail, by its most preferred host: "google", "proofpoint", …

    Otherwise the registrable domain of that host, or the host itself where there is none (an internal name);
    "" without hosts. The first host decides, for it is the one that is asked; what stands behind it is not known.
    """
    if not hosts:
        return ""
    host = hosts[0].lower().rstrip(".")
    if _AMAZON.fullmatch(host):
        return "amazon"
    labels = host.split(".")
    for start in range(len(labels)):
        if operator := _BY_SUFFIX.get(".".join(labels[start:])):
            return operator
    return registrable_domain(host) or host


def hides_directory(operator: str) -> bool:
    """Return whether servers of `operator` may accept names that they do not know.

    Such a domain looks like a catch-all: an accepted address proves nothing. A refusal still does.
    """
    return operator in _HIDING
