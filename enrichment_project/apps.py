"""Django's admin with our site (admin_site.py)."""

from django.contrib.admin import apps


class AdminConfig(apps.AdminConfig):
    default_site = "enrichment_project.admin_site.Site"
