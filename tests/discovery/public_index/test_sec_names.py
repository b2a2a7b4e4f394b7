"""Names as EDGAR writes them. People are invented."""

import pytest

from enrichment.discovery.public_index.sec_names import owner, related


@pytest.mark.parametrize(
    ("written", "first", "last", "full"),
    [
        ("SAMPLE MICHAEL A", "Michael", "Sample", "Michael A. Sample"),
        ("Sample Michael Andrew", "Michael", "Sample", "Michael Andrew Sample"),
        ("SAMPLE MICHAEL A JR", "Michael", "Sample", "Michael A. Sample Jr"),
        ("SAMPLE MICHAEL A. III", "Michael", "Sample", "Michael A. Sample III"),
        ("SAMPLE JR MICHAEL", "Michael", "Sample", "Michael Sample Jr"),
        ("SAMPLE, ANN MD", "Ann", "Sample", "Ann Sample"),
        ("VAN DER BERG JAN", "Jan", "van der Berg", "Jan van der Berg"),
        ("MCTEST SEAN", "Sean", "McTest", "Sean McTest"),
        ("O'SAMPLE MARY-ANN", "Mary-Ann", "O'Sample", "Mary-Ann O'Sample"),
        ("SAMPLE J MICHAEL", "J. Michael", "Sample", "J. Michael Sample"),
    ],
)
def test_a_name_that_begins_with_the_family_name_is_turned_round(
    written: str, first: str, last: str, full: str
) -> None:
    name = owner(written)
    assert name is not None
    assert (name.first, name.last, name.full) == (first, last, full)


@pytest.mark.parametrize(
    "written", ["Brightwater Holdings LP", "SAMPLE FAMILY TRUST", "Sample", "", None, 7, "SAMPLE 1234", "*** ***"]
)
def test_companies_and_nonsense_are_nobody(written: object) -> None:
    assert owner(written) is None


def test_a_name_in_parts_is_put_together() -> None:
    name = related("DANIEL", "m", "SAMPLE, JR.")
    assert name is not None
    assert (name.first, name.last, name.full) == ("Daniel", "Sample", "Daniel M. Sample Jr")


@pytest.mark.parametrize(("first", "last"), [("N/A", "Sample"), ("-", "Sample"), (None, "Sample"), ("Ann", "Acme LLC")])
def test_parts_that_are_no_name_are_nobody(first: object, last: object) -> None:
    assert related(first, "", last) is None
