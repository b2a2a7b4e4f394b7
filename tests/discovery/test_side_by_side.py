"""Sources at once: nobody's failure, hanging or breaking costs the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Barrier, Event

import pytest

from core.dns import Resolver
from core.http import Client, Config
from enrichment.discovery.base import Brand, Context, Diagnostic, Evidence, Findings, Person, SourceError
from enrichment.discovery.breakers import FAILURES, Breakers
from enrichment.discovery.clues import NO_ORGNR, Clue
from enrichment.discovery.running import Report, State
from enrichment.discovery.side_by_side import Discovered, SideBySide

BRAND = Brand("Acme", "https://acme.example/", "acme.example")
ADA = Person("Ada", "Example", "CEO")


@dataclass
class Source:
    name: str
    does: Callable[[Context], Findings]
    seconds: float = 30.0

    def find(self, brand: Brand, context: Context) -> Findings:
        assert brand == BRAND
        return self.does(context)


def finds(context: Context) -> Findings:
    return Findings((ADA,), addresses=("info@acme.example",))


def fails(context: Context) -> Findings:
    raise SourceError(Diagnostic("unreachable", "It does not answer.", "sulky"))


def breaks(context: Context) -> Findings:
    raise ZeroDivisionError


@pytest.fixture
def context() -> Context:
    return Context(Client(Config("tests"), Resolver(["127.0.0.1:1"])))


def ask(sources: Sequence[Source], context: Context, side: SideBySide | None = None) -> Discovered:
    side = side or SideBySide(Breakers())
    return side.ask(sources, BRAND, context, lambda _reports: None, every=0.05)


def codes(found: Discovered) -> list[tuple[str, str]]:
    return [(item.code, item.source) for item in found.diagnostics]


def test_all_work_at_the_same_time(context: Context) -> None:
    barrier = Barrier(5)

    def meets(context: Context) -> Findings:
        barrier.wait(20)  # passes only when all five are here
        return Findings((ADA,))

    found = ask([Source(f"source{number}", meets) for number in range(5)], context)
    assert len(found.people) == 5


def test_what_they_find_is_gathered_in_their_order(context: Context) -> None:
    slow = Event()
    fact = Evidence("industry", "Anv\x00ils", "https://example.org/", "", "second", context.now())

    def first(context: Context) -> Findings:
        slow.wait(20)
        return Findings((ADA,), ("info@acme.example",), (Diagnostic("one", "One.", "first"),))

    def second(context: Context) -> Findings:
        slow.set()
        gone = Person("Bo", "Example")
        return Findings((Person("Cy", "Exam\x00ple"),), departed=(gone,), company=(fact,))

    found = ask([Source("first", first), Source("second", second)], context)
    assert [person.name for person in found.people] == ["Ada Example", "Cy Exam ple"], "and no database chokes on them"
    assert [person.name for person in found.departed] == ["Bo Example"]
    assert (found.addresses, found.company) == (["info@acme.example"], [replace(fact, value="Anv ils")])
    assert codes(found) == [("one", "first")]


def test_a_source_that_fails_or_breaks_is_named_and_costs_the_others_nothing(context: Context) -> None:
    found = ask([Source("sulky", fails), Source("broken", breaks), Source("good", finds)], context)
    assert [person.name for person in found.people] == ["Ada Example"]
    assert codes(found) == [("unreachable", "sulky"), ("source_failed", "broken")]
    assert found.crashes == []


def test_what_two_sources_say_of_one_trouble_is_said_once(context: Context) -> None:
    def refuses(name: str) -> Callable[[Context], Findings]:
        def refuse(context: Context) -> Findings:
            raise SourceError(Diagnostic("unreachable", "www.acme.example does not answer.", name))

        return refuse

    found = ask([Source("website", refuses("website")), Source("press", refuses("press"))], context)
    assert codes(found) == [("unreachable", "website")]


def test_when_all_break_the_error_is_handed_on_but_not_when_one_says_in_words_why_it_cannot(context: Context) -> None:
    assert [type(error) for error in ask([Source("broken", breaks)], context).crashes] == [ZeroDivisionError]
    assert ask([Source("broken", breaks), Source("sulky", fails)], context).crashes == []


def test_a_source_that_hangs_is_left_behind_and_named(context: Context) -> None:
    ended = Event()

    def hangs(context: Context) -> Findings:
        ended.wait(60)  # deaf to stopped()
        return Findings((ADA,))

    found = ask([Source("deaf", hangs, seconds=0.1), Source("good", finds)], context)
    ended.set()
    assert codes(found) == [("timeout", "deaf")]
    assert len(found.people) == 1


def test_a_source_whose_time_is_up_is_told_and_what_it_has_by_then_is_kept(context: Context) -> None:
    def listens(context: Context) -> Findings:
        while not context.stopped():
            Event().wait(0.01)
        return Findings((ADA,))

    found = ask([Source("polite", listens, seconds=0.1)], context)
    assert len(found.people) == 1
    assert codes(found) == []


def test_waiting_for_anothers_clue_is_not_counted_as_time_used(context: Context) -> None:
    clue = Clue(NO_ORGNR, "923609016", "https://acme.example/")

    def gives(context: Context) -> Findings:
        Event().wait(1.0)  # far longer than the follower has
        context.clues.add(clue)
        return Findings()

    def follows(context: Context) -> Findings:
        clues = list(context.clues.follow(NO_ORGNR, context.stopped))
        return Findings((ADA,)) if clues == [clue] else Findings()

    side = SideBySide(Breakers(), givers=["website"])
    found = ask([Source("website", gives), Source("brreg", follows, seconds=0.5)], context, side)
    assert len(found.people) == 1


def test_nobody_waits_for_a_giver_that_is_not_asked_or_has_failed(context: Context) -> None:
    def follows(context: Context) -> Findings:
        return Findings((ADA,)) if not list(context.clues.follow(NO_ORGNR, context.stopped)) else Findings()

    side = SideBySide(Breakers(), givers=["website", "wikidata"])
    found = ask([Source("website", breaks), Source("brreg", follows)], context, side)
    assert len(found.people) == 1


def test_a_service_that_keeps_failing_is_left_alone_but_a_brands_own_site_never(context: Context) -> None:
    side = SideBySide(Breakers(), own_site=["website"])
    for _ in range(FAILURES):
        assert codes(ask([Source("sulky", fails)], context, side)) == [("unreachable", "sulky")]
        ask([Source("website", breaks)], context, side)
    asked = Event()
    found = ask([Source("sulky", lambda _context: asked.set() or Findings()), Source("website", finds)], context, side)
    assert codes(found) == [("left_alone", "sulky")]
    assert not asked.is_set()
    assert len(found.people) == 1


def test_each_tick_says_how_every_source_is_doing(context: Context) -> None:
    ticks: list[dict[str, Report]] = []
    clue_given, seen = Event(), Event()
    side = SideBySide(Breakers(), givers=["website"])
    for _ in range(FAILURES):
        side.breakers.failed("tired", Diagnostic("timeout", "It takes too long.", "tired"))

    def gives(context: Context) -> Findings:
        clue_given.wait(20)
        return Findings((Person("A\x00da", "Example"),), diagnostics=(Diagnostic("one", "One.", "website"),))

    def follows(context: Context) -> Findings:
        list(context.clues.follow(NO_ORGNR, context.stopped))
        seen.wait(20)
        raise SourceError(Diagnostic("unreachable", "It does not answer.", "brreg"))

    def tick(reports: Sequence[Report]) -> None:
        ticks.append({report.name: report for report in reports})
        if ticks[-1]["brreg"].state == State.WAITING:
            clue_given.set()
        if ticks[-1]["website"].state == State.DONE:
            seen.set()

    sources = [Source("tired", finds), Source("website", gives), Source("brreg", follows)]
    side.ask(sources, BRAND, context, tick, every=0.05)
    assert {tuple(seen) for seen in ticks} == {("tired", "website", "brreg")}
    assert {seen["tired"].state for seen in ticks} == {State.LEFT_ALONE}
    assert "left alone" in ticks[0]["tired"].note
    assert ticks[0]["website"].state == State.ASKING
    assert ticks[-1]["brreg"] == Report("brreg", State.FAILED, ticks[-1]["brreg"].seconds, note="It does not answer.")
    website = ticks[-1]["website"]
    assert (website.state, website.people[0].first_name, website.note) == (State.DONE, "A da", "One.")
    assert website.seconds > 0


def test_what_the_tick_raises_goes_through(context: Context) -> None:
    ended = Event()

    def waits(context: Context) -> Findings:
        while not ended.is_set() and not context.stopped():
            Event().wait(0.01)
        return Findings()

    def cancelled(_reports: Sequence[Report]) -> None:
        raise KeyError("cancelled")

    with pytest.raises(KeyError, match="cancelled"):
        SideBySide(Breakers()).ask([Source("any", waits)], BRAND, context, cancelled, every=0.01)
    ended.set()
