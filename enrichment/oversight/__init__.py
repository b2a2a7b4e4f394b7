"""The pages on which admins look after the law: what is kept and why, requests of people, rules, audit trail."""
