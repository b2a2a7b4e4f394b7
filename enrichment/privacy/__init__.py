"""The public pages on which people use their rights, without signing in."""
