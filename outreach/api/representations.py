"""Rows as the API shows them. Times are UTC, ids opaque."""

from typing import Any

from outreach import linkedin
from outreach.calendar import Day, Entry
from outreach.experiments import Arm, Verdict
from outreach.models import Enrolment, Event, Experiment, Mailbox, Message, Sequence, Step, Task, Template, Variant

Json = dict[str, Any]


def mailbox(row: Mailbox) -> Json:
    return {
        "id": row.pk,
        "address": row.address,
        "senderName": row.sender_name,
        "company": row.company,
        "postalAddress": row.postal_address,
        "privacyUrl": row.privacy_url,
        "signature": row.signature,
        "dailyCap": row.daily_cap,
        "dkimSelector": row.dkim_selector,
        "active": row.active,
        "pausedAt": row.paused_at,
        "pauseReason": row.pause_reason,
        "checks": [{"check": name, **found} for name, found in row.preflight.items()],
        "checkedAt": row.preflight_at,
    }


def template(row: Template) -> Json:
    return {
        "id": row.pk,
        "name": row.name,
        "subject": row.subject,
        "body": row.body,
        "variants": [variant(each) for each in row.variants.all()],
        "updatedAt": row.updated_at,
    }


def variant(row: Variant) -> Json:
    return {"id": row.pk, "name": row.name, "subject": row.subject, "body": row.body}


def sequence(row: Sequence, version: Any) -> Json:
    return {
        "id": row.pk,
        "name": row.name,
        "active": row.active,
        "paused": row.paused,
        "mailboxId": row.mailbox_id,
        "weekdays": row.weekdays,
        "version": version.number,
        "steps": [step(each) for each in version.steps.all()],
        "createdAt": row.created_at,
    }


def step(row: Step) -> Json:
    return {
        "position": row.position,
        "channel": row.channel,
        "delayDays": row.delay_days,
        "templateId": row.template_id,
    }


def enrolment(row: Enrolment) -> Json:
    return {
        "id": row.pk,
        "contactId": row.contact_id,
        "sequenceId": row.sequence_id,
        "version": row.version.number,
        "mailboxId": row.mailbox_id,
        "address": row.address.email if row.address else None,
        "zone": row.zone,
        "state": row.state,
        "pauseReason": row.pause_reason,
        "stopReason": row.stop_reason,
        "createdAt": row.created_at,
    }


def message(row: Message) -> Json:
    """Return a message; its text is that which went out, null before."""
    return {
        "id": row.pk,
        "enrolmentId": row.enrolment_id,
        "contactId": row.enrolment.contact_id,
        "step": row.step.position,
        "channel": row.step.channel,
        "state": row.state,
        "dueAt": row.due_at,
        "sentAt": row.sent_at,
        "reasons": row.reasons,
        "receipt": row.receipt,
        "releasedAt": row.released_at,
        "arm": row.arm,
        "messageId": row.message_id,
        "attempts": row.attempts,
        "error": row.error,
        "email": row.email,
        "subject": row.subject,
        "body": row.body,
    }


def task(row: Task) -> Json:
    message, contact = row.message, row.message.enrolment.contact
    return {
        "id": row.pk,
        "state": row.state,
        "messageId": message.pk,
        "contactId": contact.pk,
        "contactName": str(contact),
        "channel": message.step.channel,
        "linkedInUrl": linkedin.link_for(contact),
        "subject": message.subject,
        "text": message.body,
        "createdAt": row.created_at,
        "expiresAt": row.expires_at,
        "closedAt": row.closed_at,
    }


def event(row: Event) -> Json:
    return {
        "id": row.pk,
        "kind": row.kind,
        "source": row.source,
        "messageId": row.message_id,
        "contactId": row.contact_id,
        "brandId": row.brand_id,
        "matched": row.matched,
        "happenedAt": row.happened_at,
        "reason": row.reason,
        "status": row.status,
        "email": row.email,
        "subject": row.subject,
        "text": row.text,
        "sentiment": row.sentiment,
        "needsHuman": row.needs_human,
        "advice": row.advice,
        "handledAt": row.handled_at,
    }


def experiment(row: Experiment) -> Json:
    return {
        "id": row.pk,
        "name": row.name,
        "templateId": row.template_id,
        "variantId": row.variant_id,
        "plannedPerArm": row.planned_per_arm,
        "state": row.state,
        "startedAt": row.started_at,
        "endedAt": row.ended_at,
    }


def verdict(found: Verdict) -> Json:
    return {
        "decided": found.decided,
        "winner": found.winner,
        "pValue": found.p_value,
        "sentence": found.sentence,
        "warnings": list(found.warnings),
        "arms": [arm(each) for each in found.arms],
    }


def arm(found: Arm) -> Json:
    return {
        "name": found.name,
        "companies": found.size,
        "waiting": found.waiting,
        "positive": found.positive,
        "optedOut": found.opted_out,
        "bounced": found.bounced,
        "unsaid": found.unsaid,
    }


def day(found: Day) -> Json:
    return {"date": found.date, "messages": [entry(each) for each in found.entries], "more": found.more}


def entry(found: Entry) -> Json:
    return {
        "messageId": found.message_id,
        "enrolmentId": found.enrolment_id,
        "contactId": found.contact_id,
        "contactName": found.contact,
        "brandId": found.brand_id,
        "company": found.company,
        "sequence": found.sequence,
        "step": found.step,
        "channel": found.channel,
        "state": found.state,
        "at": found.at,
        "localTime": found.local.isoformat(timespec="seconds"),
        "blocks": list(found.blocks),
        "overdue": found.overdue,
    }
