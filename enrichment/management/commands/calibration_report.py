"""`manage.py calibration_report`: how the chances that were given compare with what came of messages."""

from collections.abc import Iterable
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser
from rich.table import Table

from crm import outcomes
from enrichment import calibrating, terminal
from enrichment.emails.reliability import Bin, Report

MOST_OPERATORS = 20  # shown to people

NONE_YET = (
    "There are no outcomes yet, so every chance rests on declared priors: measured shares of patterns, and what mail "
    "servers' and providers' answers are thought to be worth. Record what comes of messages: manage.py record_outcomes."
)
NOTHING_PREDICTED = (
    "Outcomes on record: {count}. But no address has both a prediction and an outcome that proves it right or wrong, "
    "so every chance rests on declared priors."
)


class Command(BaseCommand):
    help = "Compare the chances that were given to addresses with what came of messages to them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_args: Any, json: bool, **_options: Any) -> None:
        report, recorded = calibrating.report(), outcomes.counts()
        if json:
            self.stdout.write(orjson.dumps(as_json(report, recorded)).decode())
        elif report.count:
            self._print(report)
        else:
            count = sum(recorded.values())
            self.stdout.write(NOTHING_PREDICTED.format(count=count) if count else NONE_YET)

    def _print(self, report: Report) -> None:
        console = terminal.console(self.stdout)
        console.print(bins_table(report.bins))
        console.print()
        if report.operators:
            console.print(operators_table(report))
            console.print()
        console.print(
            f"{report.count} addresses. Brier score {report.brier:.3f} (0 is best, 0.25 is a coin); "
            f"chances are off by {report.expected_calibration_error:.1%} on average."
        )


def as_json(report: Report, recorded: dict[str, int]) -> dict[str, Any]:
    """Return what a program reads: the figures over all operators, of each one, and how much is on record."""
    operators = [{"operator": name} | _figures(own) for name, own in _by_size(report)]
    return _figures(report) | {"operators": operators, "outcomes": recorded}


def _figures(report: Report) -> dict[str, Any]:
    return {
        "count": report.count,
        "brier": _rounded(report.brier),
        "expectedCalibrationError": _rounded(report.expected_calibration_error),
        "bins": [
            {
                "from": item.low,
                "to": item.high,
                "predicted": _rounded(item.predicted),
                "observed": _rounded(item.observed),
                "low": _rounded(item.interval[0]),
                "high": _rounded(item.interval[1]),
                "count": item.count,
            }
            for item in report.bins
        ],
    }


def bins_table(bins: Iterable[Bin]) -> Table:
    """Return the reliability table; the last column says where the prediction lies outside the interval."""
    table = terminal.table("Chance given", "Predicted", "Right", "95% interval", "Addresses", "")
    for item in bins:
        low, high = item.interval
        table.add_row(
            f"{item.low:.0%} to {item.high:.0%}",
            f"{item.predicted:.1%}",
            f"{item.observed:.1%}",
            f"{low:.0%} to {high:.0%}",
            str(item.count),
            "" if low <= item.predicted <= high else "too high" if item.predicted > high else "too low",
        )
    return table


def operators_table(report: Report) -> Table:
    """Return the figures of the operators of whom most is known."""
    table = terminal.table("Mail operator", "Addresses", "Right", "Brier score", "Off by")
    known = _by_size(report)
    for name, own in known[:MOST_OPERATORS]:
        table.add_row(
            name,
            str(own.count),
            terminal.chance(own.base_rate),
            f"{own.brier:.3f}",
            f"{own.expected_calibration_error:.1%}",
        )
    if len(known) > MOST_OPERATORS:
        table.add_row(f"and {len(known) - MOST_OPERATORS} more", "", "", "", "")
    return table


def _by_size(report: Report) -> list[tuple[str, Report]]:
    return sorted(report.operators.items(), key=lambda item: (-item[1].count, item[0]))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
