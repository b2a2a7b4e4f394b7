"""Asking mail servers on behalf of this installation: its name and pace, and the operators that want to be left alone.

Pauses are written down, since a block meets every process of this machine; the pace is kept by each process.
"""

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache

from django.conf import settings
from django.utils import timezone

from core import dns, http
from enrichment.emails.verification.mx import Mx
from enrichment.emails.verification.pacing import Pacing
from enrichment.emails.verification.smtp import ProbeConfig, Probed, probe
from enrichment.models import MailOperator

SAME = timedelta(seconds=5)  # two clocks that tell the end of one pause may differ by so much


def ask(
    groups: Sequence[Sequence[str]],
    mx: Mapping[str, Mx],
    catch_all: Mapping[str, bool],
    lifetime: float,
    tick: Callable[[], None] = lambda: None,
) -> Probed:
    """Ask the mail servers about groups of candidate addresses, likeliest first in each; `lifetime` in seconds.

    `tick` is called every second meanwhile, and may raise: the answers are lost then. Nothing is raised for what
    servers do.
    """
    if not groups:
        return Probed({}, {})
    pacing = _pacing(settings.ENRICHMENT_SMTP_RATE)
    _load_pauses(pacing)
    resolver, config = dns.from_settings(), _config(lifetime)
    probed = probe(groups, mx, resolver, config, pacing, catch_all=catch_all, now=timezone.now, tick=tick)
    _save_pauses(pacing)
    return probed


def _config(lifetime: float) -> ProbeConfig:
    helo = settings.ENRICHMENT_SMTP_HELO or socket.getfqdn()
    return ProbeConfig(
        helo=helo,
        sender=settings.ENRICHMENT_SMTP_FROM or f"verify@{helo}",
        port=settings.ENRICHMENT_SMTP_PORT,
        timeout=settings.ENRICHMENT_SMTP_TIMEOUT_SECONDS,
        lifetime=lifetime,
        allowed=http.config_from_settings().allowed,
    )


@lru_cache(maxsize=1)
def _pacing(rate: float) -> Pacing:
    return Pacing(rate)


def _load_pauses(pacing: Pacing) -> None:
    now = timezone.now()
    for row in MailOperator.objects.filter(paused_until__gt=now):
        if row.paused_until is not None and pacing.paused(row.name) is None:
            pacing.pause(row.name, (row.paused_until - now).total_seconds(), row.reason)


def _save_pauses(pacing: Pacing) -> None:
    """Write down the pauses that end later than anybody has written down yet."""
    now, clock, pauses = timezone.now(), time.monotonic(), pacing.pauses()
    known = {row.name: row.paused_until or now for row in MailOperator.objects.filter(name__in=pauses)}
    for name, pause in pauses.items():
        end = now + timedelta(seconds=pause.until - clock)
        if name not in known or end > known[name] + SAME:
            MailOperator.objects.update_or_create(
                name=name, defaults={"paused_until": end, "reason": pause.reason[:300]}
            )
