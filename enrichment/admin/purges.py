"""What each run of the purge did away with, to look at."""

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from core.read_only import Kept
from enrichment.models import PurgeReport


@admin.register(PurgeReport)
class PurgeReportAdmin(Kept):
    list_display = ["at", "total"]
    list_filter = ["at"]
    date_hierarchy = "at"
    fields = ["at", "total", "what"]
    readonly_fields = ["what"]

    @admin.display(description="what and why")
    def what(self, report: PurgeReport) -> SafeString:
        lines = ((row["number"], row["what"].replace("_", " "), row["reason"]) for row in report.rows)
        return format_html_join("", "<p>{} × {}: {}</p>", lines)
