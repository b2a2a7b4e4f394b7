"""The pages of the review workspace: home, discovering, jobs, found contacts, and deciding about them."""
