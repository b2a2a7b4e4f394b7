"""How much of a page has been looked at: a count of steps, not of time, so that one page always ends at one place.

A page made to be slow is cut short: who finds the steps used up stops, and keeps what was found until then.
"""

from dataclasses import dataclass

LIMIT = 1_500_000  # of one page; a step takes up to a microsecond; a page of 300 kB, a team's, takes up to 300,000

# What the parts of a page cost.
ELEMENT = 6
LINE = 20
CHARACTERS = 3  # characters of text that cost one step
ANCHOR = 5
SCRIPT = 60  # a script or an attribute that may hide an address, beside its length
DISGUISE = 1  # each character of a text that may hide an address
NODE = 4  # an object in JSON-LD
ITEM = 60  # a person in microdata, or a card
AT = 4  # an "@"
CANDIDATE = 150
MENTION = 60
PAIR = 12  # comparing an address with a person


@dataclass(slots=True)
class Work:
    """The steps left for a page, and whether something was left out for want of them."""

    left: int = LIMIT
    cut: bool = False

    def spend(self, steps: int, keep: int = 0) -> bool:
        """Count `steps`. False when fewer than `keep` are left: then the caller stops, and the page counts as cut."""
        self.left -= steps
        if self.left < keep:
            self.cut = True
        return self.left >= keep
