"""The sources of people of this installation: those that its settings switch on, with their keys and addresses."""

from collections.abc import Sequence

from django.conf import settings

from enrichment.discovery import registry
from enrichment.discovery.base import Source
from enrichment.discovery.breakers import Breakers
from enrichment.discovery.side_by_side import SideBySide

BREAKERS = Breakers()  # this process'


def from_settings() -> Sequence[Source]:
    """Return the sources that a discovery asks. Raises ValueError for a name that is not known."""
    return registry.sources(settings.ENRICHMENT_SOURCES, configuration())


def configuration() -> registry.Configuration:
    """Return what the settings say about sources."""
    return registry.Configuration(
        user_agent=settings.ENRICHMENT_USER_AGENT,
        services={name: registry.Access(**access) for name, access in settings.ENRICHMENT_SERVICES.items()},
    )


def standings() -> list[registry.Standing]:
    """Return every known source, and why it does not run here if it does not."""
    return registry.standings(settings.ENRICHMENT_SOURCES, configuration())


def trouble() -> str:
    """Return what is wrong with ENRICHMENT_SOURCES, so that no discovery can run; "" when nothing is."""
    try:
        from_settings()
    except ValueError as error:
        return str(error)
    return ""


def side_by_side() -> SideBySide:
    """Return what asks them all at once."""
    return SideBySide(BREAKERS, givers=registry.GIVERS, own_site=registry.OWN_SITE)
