from typing import Any

import pytest
from django.db import DatabaseError, transaction

from mailer.models import Campaign, Variant
from mailer.sending.copy_in import copy_in
from tests.factories import make_issue

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return Campaign.objects.create(issue=make_issue(), from_name="x", from_address="x@example.org", list_id="x")


def variant(campaign: Campaign, number: int, html: str = "") -> Variant:
    return Variant(
        campaign=campaign,
        number=number,
        language="nb",
        content_language="nb",
        interests=["a", 'b "c", {d}', "\\N"],
        sections=[0, 7],
        section_headings=["", "Ø\ttab\n\\"],
        subject="Uke 45 – {}\\",
        html=html or "<p>Å\r\n\\.\t</p>" * 20_000,
        text="",
        compiled=bytes(range(256)) * 100,
    )


def test_what_is_copied_in_is_what_would_have_been_saved(campaign: Campaign):
    saved, copied = variant(campaign, 1), variant(campaign, 2)
    saved.save()
    with copy_in(Variant) as add:
        add(copied)
    rows: list[dict[str, Any]] = [dict(row) for row in Variant.objects.order_by("number").values()]
    for row in rows:
        row["compiled"] = bytes(row["compiled"])
        del row["id"], row["number"]
    assert rows[0] == rows[1]


@transaction.atomic
def copied(*variants: Variant, then: Exception | None = None) -> None:
    with copy_in(Variant) as add:
        for each in variants:
            add(each)
        if then:
            raise then


def test_nothing_is_kept_of_a_block_that_fails(campaign: Campaign):
    with pytest.raises(RuntimeError, match="mid-letter"):
        copied(variant(campaign, 1), then=RuntimeError("mid-letter"))
    assert not Variant.objects.exists()


def test_what_the_database_refuses_is_its_error(campaign: Campaign):
    with pytest.raises(DatabaseError, match="variant_number_once"):
        copied(variant(campaign, 1), variant(campaign, 1))


def test_no_record_at_all_is_fine():
    with copy_in(Variant):
        pass
    assert not Variant.objects.exists()
