"""A job in words: its steps, its sources, how long it took, and what to do about what went wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from enrichment import progress
from enrichment.discovery import registry
from enrichment.discovery.running import State
from enrichment.models import EnrichmentJob, JobType

STEPS = {
    progress.SOURCES: "Ask the sources",
    progress.PEOPLE: "Put people together",
    progress.ADDRESSES: "Work out and prove addresses",
    progress.STORING: "Screen and store",
}
# What stands in for a source in a diagnostic, where none is meant.
NO_SOURCES = {"emails": "Addresses", "suppression": "Suppression list", "limits": "Your limits"}
# By a diagnostic's code, where its sentence says what happened and not what to do.
ADVICE = {
    "timeout": "Start the discovery again if you miss somebody: it may be quicker then.",
    "unreachable": "Check the address and that this machine reaches it, then start the discovery again.",
    "blocked": "Such addresses are never asked. Check the one that is configured.",
    "quota": "Wait until the quota begins anew, or raise it with the service.",
    "rate_limited": "Start the discovery again later.",
    "left_alone": "Start the discovery again after that time.",
    "source_failed": "Start the discovery again; if it fails again, look for this job in the worker's log.",
    "suppressed_domain": "Nothing is to be done, unless the entry on the list is a mistake.",
    "gone": "They were deleted, or purged for their age, after the job was started.",
    "temporary": "They are asked again by themselves.",
}


@dataclass(frozen=True, slots=True)
class Note:
    """A diagnostic: what happened, and what to do where that does not say it."""

    sentence: str
    advice: str


def source_title(name: str) -> str:
    """Return a source's name as people know it."""
    line = registry.SOURCES.get(name)
    return line.title if line else NO_SOURCES.get(name, name)


def notes(diagnostics: Iterable[Mapping[str, str]]) -> dict[str, list[Note]]:
    """Return diagnostics by the title of their source, in the order in which the sources first speak."""
    grouped: dict[str, list[Note]] = {}
    for entry in diagnostics:
        note = Note(entry["sentence"], ADVICE.get(entry["code"], ""))
        grouped.setdefault(source_title(entry["source"]), []).append(note)
    return grouped


def title(job: EnrichmentJob) -> str:
    """Return what a job is called: its brand, or how much it verifies."""
    if job.job_type == JobType.EMAIL_ENRICHMENT:
        return f"Verify {counted(job.items_total, 'address', 'addresses')}"
    return job.brand_name or "Brand without a name"


def counted(number: int, one: str, many: str) -> str:
    """Return a number with the word that fits it."""
    return f"{number:,} {one if number == 1 else many}"


def duration(time: timedelta) -> str:
    """Return how long something took, in its two largest units."""
    seconds = max(0, int(time.total_seconds()))
    minutes, hours = seconds // 60, seconds // 3600
    if hours:
        return f"{hours} h {minutes % 60:02} min"
    return f"{minutes} min {seconds % 60:02} s" if minutes else f"{seconds} s"


def took(seconds: float) -> str:
    """Return how long a source took; tenths tell quick ones apart."""
    return f"{seconds:.1f} s" if seconds < 10 else duration(timedelta(seconds=seconds))


def took_in_all(job: EnrichmentJob) -> str:
    """Return how long a job took from its first attempt to its end; "" while it has not ended."""
    return duration(job.completed_at - (job.started_at or job.created_at)) if job.completed_at else ""


# Words and tones of badges (core.templatetags.pages.badge).
STEP_STATES = {
    progress.WAITING: ("to come", "off"),
    progress.RUNNING: ("under way", "info"),
    progress.DONE: ("done", "good"),
    progress.FAILED: ("failed", "bad"),
}
SOURCE_STATES: Mapping[str, tuple[str, str]] = {
    State.WAITING: ("waiting", "off"),
    State.ASKING: ("asking", "info"),
    State.DONE: ("done", "good"),
    State.FAILED: ("failed", "bad"),
    State.LEFT_ALONE: ("left alone", "off"),
}
STOPPED = ("stopped", "off")


def source_state(entry: Mapping[str, Any], ended: bool) -> tuple[str, str]:
    """Return a source's badge; one that was at work when its job ended was stopped."""
    if ended and entry["state"] in (State.WAITING, State.ASKING):
        return STOPPED
    return SOURCE_STATES.get(entry["state"], STOPPED)


def step_state(entry: Mapping[str, Any], ended: bool) -> tuple[str, str]:
    """Return a step's badge, likewise."""
    if ended and entry["state"] == progress.RUNNING:
        return STOPPED
    if ended and entry["state"] == progress.WAITING:
        return "not reached", "off"
    return STEP_STATES.get(entry["state"], STOPPED)
