"""What one source finds and another follows."""

import threading
from itertools import count

from enrichment.discovery.clues import CZ_ICO, NO_ORGNR, Clue, Clues

FIRST = Clue(NO_ORGNR, "923609016", "https://example.no/")
SECOND = Clue(NO_ORGNR, "974760673", "https://example.no/kontakt")
OTHER = Clue(CZ_ICO, "27074358", "https://example.cz/")


def never() -> bool:
    return False


def test_clues_of_a_scheme_come_each_once_and_in_their_order() -> None:
    clues = Clues()
    for clue in (FIRST, OTHER, FIRST, SECOND):
        clues.add(clue)
    assert list(clues.follow(NO_ORGNR, never)) == [FIRST, SECOND]
    assert list(clues.follow(CZ_ICO, never)) == [OTHER]


def test_a_follower_waits_while_somebody_may_still_give_and_its_waiting_is_counted() -> None:
    board = Clues(givers=["website", "wikidata"])
    ours = board.for_source()
    got: list[Clue] = []
    first_came = threading.Event()

    def follow() -> None:
        for clue in ours.follow(NO_ORGNR, never):
            got.append(clue)
            first_came.set()

    follower = threading.Thread(target=follow)
    follower.start()
    board.add(FIRST)
    assert first_came.wait(10)
    board.done("website")
    board.add(SECOND)
    board.done("wikidata")
    follower.join(10)
    assert not follower.is_alive()
    assert got == [FIRST, SECOND]
    assert board.waited == 0.0


def test_a_follower_ends_when_it_is_told_to_though_somebody_may_still_give() -> None:
    looks = count()
    clues = Clues(givers=["website"])
    assert list(clues.follow(NO_ORGNR, lambda: next(looks) >= 2)) == []
    assert clues.waited > 0
