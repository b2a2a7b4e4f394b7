import time
import uuid

import pytest

from core.ids import new_id, parse_id


def test_ids_are_uuid7_and_sort_by_time() -> None:
    first = new_id()
    time.sleep(0.002)
    second = new_id()
    assert first.version == second.version == 7
    assert first < second


@pytest.mark.parametrize("text", ["", "1", "x" * 5000, "clx9v1234", "../etc/passwd", "\x00", "０" * 32 + "z"])
def test_an_id_of_another_shape_is_none(text: str) -> None:
    assert parse_id(text) is None


def test_an_id_reads_back() -> None:
    value = uuid.uuid4()
    assert parse_id(str(value)) == value
