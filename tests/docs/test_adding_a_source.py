"""docs/adding-a-source.md shows code that works: it is taken from the page and asked."""

import json
import re
from pathlib import Path

import pytest

from core.dns import Resolver
from core.http import Client, Config
from enrichment.discovery.base import Brand, Context, SourceError
from tests.kit.web import Page, WebServer

PAGE = Path(__file__).resolve().parents[2] / "docs" / "adding-a-source.md"
RECORD = {"officers": [{"first": "Ada", "last": "Example", "role": "Chief Executive Officer"}, {"last": None}, 3]}


@pytest.fixture
def source_class():
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    return names["TradeBodySource"]


def test_the_example_finds_people_with_evidence_and_says_what_goes_wrong(source_class) -> None:
    pages = {"/members/acme.example": Page(json.dumps(RECORD), media_type="application/json")}
    client = Client(Config("tests"), Resolver(["127.0.0.1:1"]))
    with WebServer({"*": pages}) as server:
        context = Context(client)
        source = source_class(base_url=f"http://{server.address}", api_key="hush")
        found = source.find(Brand("Acme", domain="acme.example"), context)
        server.sites["*"]["/members/other.example"] = Page("no", status=401)
        with pytest.raises(SourceError) as raised:
            source.find(Brand("Other", domain="other.example"), context)
        assert source.find(Brand("Unknown", domain="unknown.example"), context).people == ()
    client.close()
    (person,) = found.people
    assert (person.name, person.title, person.seniority, person.decision_maker) == (
        "Ada Example", "Chief Executive Officer", "c_level", True
    )  # fmt: skip
    assert {item.field for item in person.evidence} == {"name", "title"}
    assert "hush" not in str(person)
    assert server.requests[0].headers["x-key"] == "hush"
    assert raised.value.diagnostic.code == "bad_key"
