"""`manage.py processing_register`: the register of processing activities (GDPR art. 30), from the configuration."""

from argparse import ArgumentParser
from typing import Any

import orjson
from django.core.management.base import BaseCommand

from enrichment import register, register_text


class Command(BaseCommand):
    help = "Print the register of processing activities (GDPR, article 30) as Markdown, from the configuration."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object instead")

    def handle(self, *args: Any, **options: Any) -> None:
        generated = register.generate()
        if options["json"]:
            self.stdout.write(orjson.dumps(register_text.as_json(generated)).decode())
        else:
            self.stdout.write(register_text.as_markdown(generated), ending="")
