"""Access in the admin: users and their roles, the record of signing in, API tokens."""

from core.admin import records, sign_ins, tokens, trail, users  # noqa: F401 - registered by their import
