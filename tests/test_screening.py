"""Who is left out for being on the suppression list. Discovery's part is in tests/test_pipeline.py."""

import pytest

from enrichment.screening import screen


@pytest.mark.parametrize(
    ("addresses", "hits", "kept"),
    [
        (["a", "b", "c"], set(), ["a", "b", "c"]),
        (["a", "b", "c"], {"b"}, ["a", "c"]),
        (["a", "b", "c"], {"a"}, None),
        (["a"], {"a"}, None),
        ([], {"a"}, []),
    ],
)
def test_the_likeliest_address_on_the_list_leaves_the_person_out_another_one_only_itself(addresses, hits, kept) -> None:
    assert screen(addresses, hits) == kept
