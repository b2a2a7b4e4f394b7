"""Every column that holds text in clear is known, with what goes there: a new one is encrypted, or enters this list.

What may not stand in it: addresses, profiles, evidence, texts written to or by people (docs/adr/0004-encryption.md).
"""

from django.apps import apps
from django.db import models

from core.fields import BlindIndexField, EncryptedTextField

OURS = ("core", "crm", "outreach", "enrichment")
# Besides flags, numbers, moments and columns with a fixed choice of words.
IN_CLEAR = {
    "core.AuditEntry": "action actor via object_type object_id subject details values digest link",
    "core.AuditHead": "link purged_link",
    "core.SubjectKey": "subject",
    "core.DailyCount": "name label",
    "core.KeyCheck": "word_index",
    "core.ApiToken": "name token_hash hint",
    "core.RefreshToken": "fingerprint",
    "crm.Brand": "name name_key domain website linkedin_company_url",
    "crm.Contact": "first_name last_name name_key job_title seniority department",
    "crm.ContactAddress": "verification_status verification_method mail_operator",
    "crm.HistoryEntry": "kind",
    "crm.Suppression": "value_index",
    # The law, and what admins decide about it
    "crm.RegionRule": "policy default_action generated_address label_required registry_to_check conditions source_law "
    "source_url evidence confidence reason",
    "crm.Assessment": "interest necessity balance safeguards assessed_by_name",
    "crm.AddressOutcome": "email_index domain mail_operator method",
    # Senders and texts are ours: what a person gets of them is in Message, encrypted
    "outreach.Mailbox": "address sender_name company postal_address privacy_url signature dkim_selector pause_reason "
    "preflight",
    "outreach.Template": "name subject body",
    "outreach.Variant": "name subject body",
    "outreach.Experiment": "name",
    "outreach.Sequence": "name weekdays",
    # Sentences of ours, and what servers said without the addresses in it (recording.without_addresses)
    "outreach.Enrolment": "zone pause_reason stop_reason",
    "outreach.Message": "reasons receipt message_id provider_id error",
    "outreach.Event": "key reason status advice",
    "outreach.MailboxPosition": "account error",
    "outreach.Notice": "error",
    "enrichment.EnrichedContact": "first_name last_name job_title company discovery_method activity name_key seniority "
    "department",
    "enrichment.ContactEmail": "name_permutations domain pattern",
    "enrichment.DomainProfile": "domain mx_hosts",
    "enrichment.AddressCheck": "email_index",
    "enrichment.MailOperator": "name reason",
    "enrichment.EnrichmentJob": "brand_name brand_website linkedin_company_url error_message options diagnostics",
    "enrichment.JobProgress": "steps sources",
    "enrichment.SavedView": "name",
    "enrichment.ReviewBatch": "reason templates",
    "enrichment.ReviewItem": "reason",
    "enrichment.SubjectRequest": "email_index token_hash",
    "enrichment.PurgeReport": "rows",
    "enrichment.IdempotencyKey": "operation key request_hash result",
    "enrichment.ProviderUsage": "provider operation",
}
TEXT = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.FileField)


def test_no_column_holds_text_in_clear_but_those_known() -> None:
    found = {}
    for model in apps.get_models(include_auto_created=True):
        names = [field.name for field in model._meta.local_concrete_fields if is_clear_text(field)]
        if names and model._meta.app_label in OURS:
            found[model._meta.label] = names
    assert found == {model: names.split() for model, names in IN_CLEAR.items()}


def is_clear_text(field: models.Field) -> bool:
    if isinstance(field, EncryptedTextField | BlindIndexField) or field.choices:
        return False
    return isinstance(field, TEXT) and (field.max_length is None or field.max_length > 2)
