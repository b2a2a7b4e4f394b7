"""core/dns.py against a real server on loopback: what is yes, what is no, and what nobody could tell."""

import asyncio
import os
import socket
import threading
from ipaddress import ip_address

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from core import dns
from core.dns import Answer, MxRecord, Resolver, Status
from tests.kit.dns import Behaviour, DnsServer

ZONE = {
    "example.com": {
        "A": ["192.0.2.1", "192.0.2.2"],
        "AAAA": ["2001:db8::1"],
        "MX": ["20 Backup.Example.COM", "10 mx.example.com"],
        "TXT": ["v=spf1 -all", "é" * 300],
    },
    "nullmx.example": {"MX": ["0 ."]},
    "v6only.example": {"AAAA": ["2001:db8::6"]},
    "www.example": {"CNAME": ["step.example"]},
    "step.example": {"CNAME": ["example.com"]},
    "dangling.example": {"CNAME": ["nowhere.example"]},
    "loop.example": {"CNAME": ["pool.example"]},
    "pool.example": {"CNAME": ["loop.example"]},
    "own-zone.example": Behaviour({"CNAME": ["middle.example"]}, chase=False),
    "middle.example": Behaviour({"CNAME": ["example.com"]}, chase=False),
    "round.example": Behaviour({"CNAME": ["trip.example"]}, chase=False),
    "trip.example": Behaviour({"CNAME": ["round.example"]}, chase=False),
    "servfail.example": Behaviour(rcode="SERVFAIL"),
    "refused.example": Behaviour(rcode="REFUSED"),
    "notimp.example": Behaviour(rcode="NOTIMP"),
    "silent.example": Behaviour(silent=True),
    "garbage.example": Behaviour(garbage=True),
    "late.example": Behaviour({"A": ["192.0.2.9"]}, delay=0.05),
    "big.example": Behaviour({"MX": [f"{n} mx{n}.big.example" for n in range(300, 0, -1)]}, truncated=True),
    "half.example": Behaviour({"A": ["192.0.2.5"]}, rcodes={"AAAA": "SERVFAIL"}),
    "half-empty.example": Behaviour(rcodes={"AAAA": "SERVFAIL"}),
    "turning.example": Behaviour(rotation=[{"A": ["192.0.2.1"]}, {"A": ["192.0.2.2"]}]),
    "xn--bcher-kva.example": {"A": ["192.0.2.7"]},
}


@pytest.fixture(scope="module")
def server():
    with DnsServer(ZONE) as running:
        yield running


@pytest.fixture
def resolver(server: DnsServer) -> Resolver:
    server.questions.clear()
    return Resolver([server.address], timeout=5, lifetime=20)


@pytest.fixture
def hasty(server: DnsServer) -> Resolver:
    """A resolver for names that nobody answers for."""
    return Resolver([server.address], timeout=0.1, lifetime=0.3)


def test_records_come_as_text(resolver: Resolver) -> None:
    assert resolver.lookup("Example.com.", "a") == Answer("example.com", "A", Status.OK, ("192.0.2.1", "192.0.2.2"))
    assert resolver.lookup("example.com", "AAAA").records == ("2001:db8::1",)
    assert resolver.lookup("example.com", "TXT").records == ("v=spf1 -all", "é" * 300)


def test_mail_servers_are_sorted_and_in_lower_case(resolver: Resolver) -> None:
    answer = resolver.lookup("example.com", "MX")
    assert answer.mx == (MxRecord(10, "mx.example.com"), MxRecord(20, "backup.example.com"))
    assert answer.records == ("10 mx.example.com", "20 backup.example.com")
    assert resolver.lookup("example.com", "A").mx == ()


def test_a_null_mx_is_a_record_with_an_empty_host(resolver: Resolver) -> None:
    answer = resolver.lookup("nullmx.example", "MX")
    assert (answer.status, answer.mx) == (Status.OK, (MxRecord(0, ""),))


def test_no_such_name_and_no_such_record_are_told_apart(resolver: Resolver) -> None:
    assert resolver.lookup("nowhere.example", "MX").status is Status.NXDOMAIN
    assert resolver.lookup("v6only.example", "MX").status is Status.NODATA


@pytest.mark.parametrize("name", ["servfail", "refused", "notimp", "silent", "garbage", "loop", "round"])
def test_what_nobody_could_tell_is_never_a_no(hasty: Resolver, name: str) -> None:
    answer = hasty.lookup(f"{name}.example", "MX")
    assert (answer.status, answer.records, answer.mx) == (Status.FAILED, (), ())


@pytest.mark.parametrize("name", ["www.example", "own-zone.example"])
def test_aliases_are_followed_by_the_server_or_by_us(resolver: Resolver, name: str) -> None:
    assert resolver.lookup(name, "MX").mx[0].host == "mx.example.com"
    assert resolver.lookup(name, "A").name == name


def test_an_alias_to_nowhere_is_a_no(resolver: Resolver) -> None:
    assert resolver.lookup("dangling.example", "A").status is Status.NXDOMAIN


def test_alias_rings_end_after_a_bounded_number_of_questions(resolver: Resolver, server: DnsServer) -> None:
    resolver.lookup("round.example", "A")
    assert len(server.questions) <= dns.MAX_ALIASES


def test_truncated_answers_are_fetched_over_tcp_and_floods_are_cut(resolver: Resolver) -> None:
    answer = resolver.lookup("big.example", "MX")
    assert answer.status is Status.OK
    assert [record.preference for record in answer.mx] == list(range(1, dns.MAX_RECORDS + 1))


def test_the_next_server_is_asked_when_one_fails(server: DnsServer) -> None:
    for failing in (Behaviour(rcode="SERVFAIL"), Behaviour(rcode="REFUSED"), Behaviour(silent=True)):
        with DnsServer({"example.com": failing}) as first:
            resolver = Resolver([first.address, server.address], timeout=0.2, lifetime=20)
            assert resolver.lookup("example.com", "A").status is Status.OK
            assert set(first.questions) == {("example.com", "A")}


def test_a_port_where_nobody_listens_is_a_failure() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        resolver = Resolver([f"127.0.0.1:{taken.getsockname()[1]}"], timeout=0.05, lifetime=0.1)
        assert resolver.lookup("example.com", "A").status is Status.FAILED


def test_late_answers_are_waited_for(resolver: Resolver) -> None:
    assert resolver.lookup("late.example", "A").records == ("192.0.2.9",)


def test_a_shorter_lifetime_can_be_asked_for(server: DnsServer) -> None:
    patient = Resolver([server.address], timeout=60, lifetime=60)
    assert patient.addresses("silent.example", lifetime=0.1).status is Status.FAILED


@pytest.mark.parametrize(
    "name", ["", ".", "a..example", "a" * 64 + ".example", "a." * 130 + "example", "a b", "a/b", "*"]
)
def test_names_that_cannot_be_are_nodata_without_a_question(resolver: Resolver, server: DnsServer, name: str) -> None:
    assert resolver.lookup(name, "MX").status is Status.NODATA
    assert resolver.addresses(name).status is Status.NODATA
    assert server.questions == []


def test_names_beyond_idna_2008_are_unknown_without_a_question(resolver: Resolver, server: DnsServer) -> None:
    assert resolver.lookup("i❤.example", "MX").status is Status.FAILED
    assert resolver.addresses("i❤.example").status is Status.FAILED
    assert server.questions == []


def test_international_names_are_asked_for_in_a_labels(resolver: Resolver, server: DnsServer) -> None:
    assert resolver.lookup("Bücher.example", "A").records == ("192.0.2.7",)
    assert server.questions == [("xn--bcher-kva.example", "A")]


def test_many_are_asked_at_once() -> None:
    with DnsServer(lambda name: {"MX": [f"10 mx.{name}"]} if name != "d7.example" else None) as many:
        questions = [(f"d{number}.example", "MX") for number in range(1200)]
        answers = Resolver([many.address], timeout=5, lifetime=20).lookup_many(questions)
        assert set(answers) == set(questions) == set(many.questions)
        failing = [question for question in questions if answers[question].status is not Status.OK]
        assert failing == [("d7.example", "MX")]
        assert answers["d8.example", "MX"].mx == (MxRecord(10, "mx.d8.example"),)


def test_look_ups_do_not_wait_for_one_another() -> None:
    asked: set[str] = set()

    def silent_until_fifty(name: str) -> Behaviour:
        asked.add(name)
        return Behaviour({"A": ["192.0.2.1"]}, silent=len(asked) < 50)

    with DnsServer(silent_until_fifty) as server:
        resolver = Resolver([server.address], timeout=0.3, lifetime=10)
        answers = resolver.lookup_many([(f"d{number}.example", "A") for number in range(50)])
    assert {answer.status for answer in answers.values()} == {Status.OK}


def test_a_question_in_several_spellings_is_asked_once(resolver: Resolver, server: DnsServer) -> None:
    spellings = [("example.com", "MX"), ("example.com", "MX"), ("EXAMPLE.com.", "mx")]
    answers = resolver.lookup_many(spellings)
    assert set(answers) == set(spellings)
    assert {answer.status for answer in answers.values()} == {Status.OK}
    assert server.questions == [("example.com", "MX")]


def test_one_bad_name_among_many_harms_no_other(server: DnsServer) -> None:
    resolver = Resolver([server.address], timeout=0.5, lifetime=0.5)
    answers = resolver.lookup_many([("a..b", "A"), ("example.com", "A"), ("silent.example", "A"), ("i❤.example", "A")])
    assert {name: answer.status for (name, _), answer in answers.items()} == {
        "a..b": Status.NODATA,
        "example.com": Status.OK,
        "silent.example": Status.FAILED,
        "i❤.example": Status.FAILED,
    }


def test_no_questions_need_no_server() -> None:
    assert Resolver(["127.0.0.1:9"]).lookup_many([]) == {}


def test_addresses_are_of_both_kinds(resolver: Resolver) -> None:
    found = resolver.addresses("example.com")
    assert found.status is Status.OK
    assert set(found.ips) == {ip_address("192.0.2.1"), ip_address("192.0.2.2"), ip_address("2001:db8::1")}


def test_one_kind_of_address_is_enough(resolver: Resolver) -> None:
    assert resolver.addresses("v6only.example").ips == (ip_address("2001:db8::6"),)
    assert resolver.addresses("half.example").ips == (ip_address("192.0.2.5"),)


def test_no_address_is_a_no_only_when_both_kinds_say_so(resolver: Resolver) -> None:
    assert resolver.addresses("nullmx.example").status is Status.NODATA
    assert resolver.addresses("nowhere.example").status is Status.NXDOMAIN
    assert resolver.addresses("half-empty.example").status is Status.FAILED
    assert resolver.addresses("servfail.example").status is Status.FAILED


def test_literals_and_localhost_ask_nobody(resolver: Resolver, server: DnsServer) -> None:
    assert resolver.addresses("192.0.2.77").ips == (ip_address("192.0.2.77"),)
    assert resolver.addresses("[2001:db8::7]").ips == (ip_address("2001:db8::7"),)
    assert resolver.addresses("LocalHost").ips == (ip_address("127.0.0.1"), ip_address("::1"))
    assert resolver.addresses("app.localhost").ips == (ip_address("127.0.0.1"), ip_address("::1"))
    assert server.questions == []


def test_nothing_is_remembered_between_look_ups(resolver: Resolver) -> None:
    assert [resolver.lookup("turning.example", "A").records[0] for _ in range(3)] == [
        "192.0.2.1",
        "192.0.2.2",
        "192.0.2.1",
    ]


def test_threads_may_share_a_resolver(resolver: Resolver) -> None:
    statuses = []
    threads = [
        threading.Thread(target=lambda: statuses.append(resolver.lookup("example.com", "A").status)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [Status.OK] * 8


def test_it_works_inside_a_running_event_loop(resolver: Resolver) -> None:
    async def inside() -> Status:
        return resolver.lookup("example.com", "A").status

    assert asyncio.run(inside()) is Status.OK


@pytest.mark.filterwarnings(
    "ignore:.*fork.*:DeprecationWarning"
)  # newer Pythons warn; prefork workers fork all the same
def test_it_works_on_both_sides_of_a_fork(resolver: Resolver) -> None:
    assert resolver.lookup("example.com", "A").status is Status.OK
    child = os.fork()
    if child == 0:  # what a prefork worker is
        code = 1
        try:
            code = 0 if resolver.addresses("example.com").status is Status.OK else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert resolver.lookup("example.com", "A").status is Status.OK


# Without servers the system's resolver answers. Whether it knows a name, or hangs, no test can arrange on
# every machine, so these put something in place of getaddrinfo.


@pytest.mark.parametrize(
    ("errno", "status"),
    [
        (socket.EAI_NONAME, Status.NXDOMAIN),
        (socket.EAI_AGAIN, Status.FAILED),
        (socket.EAI_FAIL, Status.FAILED),
    ],
)
def test_what_the_system_says_is_three_valued_too(monkeypatch: pytest.MonkeyPatch, errno: int, status: Status) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(errno, "told so")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert Resolver().addresses("example.com").status is status


def test_the_system_gives_each_address_once(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0)),
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1%lo", 0, 0, 1)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: entries)
    assert Resolver().addresses("example.com").ips == (ip_address("192.0.2.1"), ip_address("fe80::1%lo"))


def test_a_system_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: release.wait(30) and [])
    assert Resolver(lifetime=0.05).addresses("example.com").status is Status.FAILED
    release.set()


def test_the_servers_come_from_the_settings(server: DnsServer, settings: Settings) -> None:
    settings.ENRICHMENT_DNS_SERVERS = [f" {server.address} ", ""]
    assert dns.from_settings().addresses("example.com").status is Status.OK


@pytest.mark.parametrize("entry", ["dns.example", "127.0.0.1:99999", "127.0.0.1:x"])
def test_a_malformed_setting_is_named_with_the_right_form(settings: Settings, entry: str) -> None:
    settings.ENRICHMENT_DNS_SERVERS = [entry]
    with pytest.raises(ImproperlyConfigured, match=r"ENRICHMENT_DNS_SERVERS.*127\.0\.0\.1:5353") as error:
        dns.from_settings()
    assert repr(entry) in str(error.value)
