"""How the database is emptied after a test that commits: of rows, and quickly.

Django empties every table by TRUNCATE, which on PostgreSQL makes new files for each, and then makes content types,
permissions and groups anew. Tests have few rows, and those three never change: deleting what there is takes a tenth.
"""

from typing import Any

from django.core.management.commands import flush
from django.db.backends.base.base import BaseDatabaseWrapper

# Made by migrate
KEPT = {"django_content_type", "auth_permission", "auth_group", "auth_group_permissions", "core_audit_head"}
# The audit trail lets go only of what its head says was forgotten.
AUDIT = [
    "UPDATE core_audit_head SET purged_through = 9223372036854775807",
    "DELETE FROM core_audit_entry",
    "UPDATE core_audit_head SET number = 0, link = '', purged_through = 0, purged_link = ''",
]


def install() -> None:
    """Have `flush`, which Django's tests end with, do so."""
    flush.sql_flush = _deletions
    flush.emit_post_migrate_signal = _nothing_to_make


def _deletions(_style: Any, connection: BaseDatabaseWrapper, **_options: Any) -> list[str]:
    """Return a statement for each table; foreign keys are checked when all are through."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return AUDIT + [f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables if table not in KEPT]


def _nothing_to_make(*_arguments: Any, **_options: Any) -> None:
    pass
