"""Signing in and out, and one's own account: password, second factor, time zone."""
