"""Asks one set of mail hosts about the domains they serve, by their rules and ours."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from enrichment.emails.checks import Check, Result
from enrichment.emails.verification import catch_all, operators, replies, smtp_answer
from enrichment.emails.verification.pacing import Pacing
from enrichment.emails.verification.replies import Action
from enrichment.emails.verification.smtp_answer import Answer
from enrichment.emails.verification.smtp_hosts import Hosts, Network, NoEntry
from enrichment.emails.verification.smtp_session import Refused, Session
from enrichment.emails.verification.smtp_wire import WireError
from enrichment.emails.verification.syntax import Address

BLOCKED_PAUSE = 3600.0  # seconds


@dataclass(frozen=True, slots=True)
class Errand:
    """What to ask about one domain: addresses by the text that the caller knows them by, group by group."""

    domain: str
    groups: list[dict[str, Address]] = field(default_factory=list)

    @property
    def locals(self) -> set[str]:
        return {address.local for group in self.groups for address in group.values()}


@dataclass(frozen=True, slots=True)
class Run:
    """What all routes of a run share. `catch_all`: known before or found since; None: asked, and it is not clear."""

    network: Network
    pacing: Pacing
    now: Callable[[], datetime]
    checks: dict[str, Check]
    catch_all: dict[str, bool | None]


class Stopped(Exception):
    """No more is asked of this domain, or (`entirely`) of these hosts.

    `answer` is that of the address in question, `rest` that of all who come after it.
    """

    def __init__(self, answer: Answer, *, rest: Answer | None = None, entirely: bool = False) -> None:
        super().__init__(answer.reason)
        self.answer = answer
        self.rest = rest or answer
        self.entirely = entirely


class Route:
    """See the module. What goes wrong with a recipient costs its domain, what goes wrong before costs them all."""

    def __init__(self, run: Run, hosts: Sequence[str], errands: Sequence[Errand]) -> None:
        self._run = run
        self.operator = operators.operator_of(hosts)
        self._hosts = Hosts(run.network, hosts)
        self._errands = errands
        self._most = max(1, run.network.config.recipients_per_session)

    async def walk(self) -> None:
        """Ask everything. Afterwards every address has its check, unless its group ended before it."""
        try:
            for number, errand in enumerate(self._errands):
                try:
                    await self._ask_all(errand)
                except Stopped as stopped:
                    self._fill(self._errands[number:] if stopped.entirely else [errand], stopped.rest)
                    if stopped.entirely:
                        break
            await self._hosts.hang_up()
        finally:
            self._hosts.drop()

    async def _ask_all(self, errand: Errand) -> None:
        for group in errand.groups:
            for email, address in group.items():
                if email not in self._run.checks:
                    await self._ask_one(errand, email, address)
                if self._run.checks[email].result is Result.DELIVERABLE:
                    break

    async def _ask_one(self, errand: Errand, email: str, address: Address) -> None:
        accepts_all = self._run.catch_all.get(errand.domain)
        if accepts_all:
            self._note(email, self._catch_all())
            return
        try:
            answer = await self._ask(errand, address)
        except Stopped as stopped:
            self._note(email, stopped.answer)
            raise
        if answer.result is not Result.DELIVERABLE or accepts_all is False:
            self._note(email, answer)
            return
        try:
            answer = await self._weigh(errand, answer)
        except Stopped:
            self._note(email, smtp_answer.unclear(answer))
            raise
        self._note(email, answer)

    async def _weigh(self, errand: Errand, accepted: Answer) -> Answer:
        """Return what an accepted address is worth: ask about a made-up one, unless this run has done so."""
        known, later = self._run.catch_all, False
        if errand.domain not in known:
            known[errand.domain] = None
            made_up = await self._ask(errand, catch_all.made_up(errand.domain, errand.locals))
            known[errand.domain] = catch_all.judge(made_up.result)
            later = made_up.later
        if known[errand.domain] is None:
            return smtp_answer.unclear(accepted, later=later)
        return self._catch_all() if known[errand.domain] else accepted

    async def _ask(self, errand: Errand, address: Address) -> Answer:
        """Return the answer for one recipient, from a second session where the first one asks for that."""
        answer = await self._try(errand, address)
        if answer.action in {Action.NEW_SESSION, Action.RECONNECT}:
            await self._hosts.hang_up()
            answer = await self._try(errand, address)
        if answer.action is Action.PAUSE:
            raise self._left_in_peace(answer)
        if answer.code in {None, 421} and answer.reason != "unsupported":
            self._hosts.drop()  # by a 421 the server ends the session (RFC 5321 section 3.8)
            self._run.pacing.failed(self.operator)
            raise Stopped(answer)
        if answer.result is not Result.UNKNOWN:
            self._run.pacing.succeeded(self.operator)
        return answer

    async def _try(self, errand: Errand, address: Address) -> Answer:
        await self._pace()
        session = await self._ready(errand)
        try:
            if session.domain != errand.domain:
                wide = not all(map(str.isascii, errand.locals))
                await session.begin(errand.domain, self._run.network.config.sender, wide=wide)
            if not session.takes(address.local):
                return smtp_answer.unknown("unsupported", session.host)
            reply = await session.ask(address)
        except Refused as refused:
            return self._refused(session, refused)
        except WireError as error:
            self._hosts.drop()
            return smtp_answer.unknown(error.reason, session.host)
        answer = smtp_answer.replied(session.host, reply, replies.classify("rcpt", reply.code, reply.text))
        if answer.action is Action.NEW_SESSION:
            self._most = max(1, session.asked - 1)
        return answer

    async def _pace(self) -> None:
        if not self._run.pacing.paused(self.operator):
            await asyncio.sleep(self._run.pacing.delay(self.operator))
        if self._run.pacing.paused(self.operator):
            paused = smtp_answer.paused(self.operator)
            raise Stopped(paused, entirely=True)

    async def _ready(self, errand: Errand) -> Session:
        session = self._hosts.session
        # The made-up address is to be asked about in the session in which a real one was accepted.
        room = 1 if errand.domain in self._run.catch_all else min(2, self._most)
        if session and session.asked + room <= self._most:
            return session
        await self._hosts.hang_up()
        try:
            return await self._hosts.open()
        except NoEntry as no_entry:
            if no_entry.answer.action is Action.PAUSE:
                raise self._left_in_peace(no_entry.answer) from None
            self._run.pacing.failed(self.operator)
            raise Stopped(no_entry.answer, entirely=True) from None

    def _refused(self, session: Session, refused: Refused) -> Answer:
        meaning = replies.classify(refused.stage, refused.reply.code, refused.reply.text)
        answer = smtp_answer.replied(session.host, refused.reply, meaning)
        if answer.action is Action.PAUSE:
            return answer
        if session.domain:  # it may have had enough of this session alone
            return replace(answer, action=Action.RECONNECT)
        self._run.pacing.failed(self.operator)
        raise Stopped(answer, entirely=True)

    def _left_in_peace(self, blocked: Answer) -> Stopped:
        self._run.pacing.pause(self.operator, BLOCKED_PAUSE, blocked.reason)
        return Stopped(blocked, rest=smtp_answer.paused(self.operator), entirely=True)

    def _catch_all(self) -> Answer:
        return smtp_answer.accepts_all(self._hosts.preferred, hides=operators.hides_directory(self.operator))

    def _note(self, email: str, answer: Answer) -> None:
        self._run.checks[email] = answer.check(email, self._run.now())

    def _fill(self, errands: Sequence[Errand], answer: Answer) -> None:
        for errand in errands:
            for group in errand.groups:
                smtp_answer.fill(self._run.checks, group, answer, self._run.now())
