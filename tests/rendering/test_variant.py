from dataclasses import replace

from mailer.rendering.letter import Reader
from mailer.rendering.outline import outline
from mailer.rendering.variant import distinct_variants, in_order, sections_for
from tests.rendering.letters import ISSUE


def test_someone_without_interests_gets_everything():
    assert sections_for(ISSUE, Reader()) == (0, 1, 2, 3, 4, 5)


def test_others_get_the_common_sections_and_their_own_in_the_editors_order():
    assert sections_for(ISSUE, Reader(("students",))) == (0, 1, 2, 4)
    assert sections_for(ISSUE, Reader(("entrepreneurs",))) == (0, 1, 5)
    assert sections_for(ISSUE, Reader(("entrepreneurs", "businesses"))) == (0, 1, 3, 4, 5)


def test_an_interest_nobody_wrote_for_leaves_the_common_sections():
    assert sections_for(ISSUE, Reader(("sports",))) == (0, 1)


def test_a_part_is_there_when_one_of_its_sections_is():
    assert [group.heading for group in outline(ISSUE, Reader(("entrepreneurs",))).groups] == ["", "Piloten", ""]
    assert [group.heading for group in outline(ISSUE, Reader(("businesses",))).groups] == ["", "Piloten", "Fremtid"]


def test_a_label_tells_this_reader_why_and_stands_once_where_a_whole_part_is_for_them():
    groups = outline(ISSUE, Reader(("students",))).groups
    assert [story.because for story in groups[1].stories] == [(), ("students",)]
    assert groups[2].because == ("students",)
    assert [story.because for story in groups[2].stories] == [()]


def test_contents_tell_when_only_some_of_a_part_is_for_the_reader():
    rows = outline(ISSUE, Reader(("businesses", "students", "entrepreneurs"))).contents
    assert [(row.heading, row.because, row.wholly) for row in rows] == [
        ("Piloten", ("students",), False),
        ("Fremtid", ("businesses", "students"), True),
        ("Fest", ("entrepreneurs",), True),
    ]


def test_fewer_than_three_headings_need_no_contents():
    assert outline(ISSUE, Reader(("students",))).contents == ()


def test_a_heading_that_is_only_suggested_is_in_no_letter():
    suggested = replace(ISSUE, sections=(replace(ISSUE.sections[5], heading_suggested=True),))
    assert outline(suggested, Reader()).groups[0].stories[0].heading == ""
    assert outline(suggested, Reader(), suggested_headings=True).groups[0].stories[0].heading == "Fest"


def test_readers_who_see_the_same_letter_share_one():
    readers = [
        Reader(("students",)),
        Reader(("students", "sports")),
        Reader(("sports",)),
        Reader(("music",)),
        Reader(),
        Reader(("students",), "en"),
    ]
    shared = distinct_variants(ISSUE, readers)
    assert list(shared) == readers
    assert len(set(shared.values())) == 4
    assert shared[readers[1]] == readers[0]
    assert shared[readers[3]] == readers[2]


def test_interests_are_named_in_the_organisations_order():
    reader = Reader(("sports", "businesses", "students", "students"))
    assert in_order(reader, ["students", "music", "businesses"]).interests == ("students", "businesses", "sports")
