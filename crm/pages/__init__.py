"""The pages of the CRM for staff: contacts, merging two of them, brands, the suppression list."""
