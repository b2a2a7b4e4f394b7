"""Mail that came back: how often it is classified rightly, how many addresses are suppressed wrongly, and how fast.

With ../shared/data/bounces at hand (real messages, and what they are), beside flufl.bounce alone, to which a permanent
failure is hard and a temporary one soft. Prints one line.
"""

import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from outreach import bounces  # noqa: E402 - after the path is set

DATA = ROOT.parent / "shared" / "data" / "bounces"

Classify = Callable[[bytes], list[str]]


def main() -> None:
    """Print the shares of both, of the messages at hand."""
    if not DATA.exists():
        print("bounces: no messages at hand")
        return
    wanted = json.loads((DATA / "expected.json").read_text(encoding="utf-8"))
    messages = [((DATA / "messages" / name).read_bytes(), entry["kinds"]) for name, entry in sorted(wanted.items())]
    print(f"bounces, {len(messages)} messages: {_figures(ours, messages)}; flufl.bounce alone: {_peer(messages)}")


def ours(raw: bytes) -> list[str]:
    """Return the kinds of a message's recipients."""
    return [one.kind for one in bounces.read(raw).recipients]


def _peer(messages: list[tuple[bytes, list[str]]]) -> str:
    try:
        from flufl.bounce import all_failures
    except ImportError:
        return "not installed"
    logging.getLogger("flufl.bounce").disabled = True

    def classify(raw: bytes) -> list[str]:
        try:
            temporary, permanent = all_failures(message_from_bytes(raw))
        except Exception:  # noqa: BLE001 - it raises on some messages
            return []
        return ["soft"] * len(temporary) + ["hard"] * len(permanent)

    return _figures(classify, messages)


def _figures(classify: Classify, messages: list[tuple[bytes, list[str]]]) -> str:
    began = time.perf_counter()
    told = [(classify(raw), kinds) for raw, kinds in messages]
    took = time.perf_counter() - began
    right = sum(_fits(kinds, found) for found, kinds in told)
    suppressed = sum("hard" in found and not {"hard", "any"} & set(kinds) for found, kinds in told)
    return f"right {right / len(messages):.3f}, wrongly suppressed {suppressed}, {len(messages) / took:,.0f} messages/s"


def _fits(wanted: list[str], found: list[str]) -> bool:
    """Return whether the kinds are the wanted ones in any order; several of one kind may be told as fewer or more."""
    if set(wanted) == {"any"}:
        return bool(found)
    if len(set(wanted)) == 1 and set(found) == set(wanted):
        return True
    missing, extra = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
    return missing["any"] == missing.total() == extra.total()


if __name__ == "__main__":
    main()
