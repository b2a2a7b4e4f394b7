"""Access in the admin: users and their roles, the record of signing in, API tokens."""

from core.admin import sign_ins, tokens, users  # noqa: F401 - registered by their import
