import pytest

from mailer.parsing.blocks import block_items, block_text
from mailer.parsing.importing import parse_text
from mailer.parsing.issue import Block

LEAD = "Dette trenger du når vi skal på tur i skogen sammen hele dagen:"


def _blocks(body: str) -> list[Block]:
    issue = parse_text(
        f"Ukebrev\n\nHer er et nytt brev om alt vi skal gjøre.\n\nTur\n\n{LEAD}\n\n{body}\n\n"
        "Turen er gratis for alle barn som melder seg på i god tid.\n"
    )
    return list(issue.sections[0].blocks)[1:-1]


@pytest.mark.parametrize("mark", ["-", "–", "—", "*", "•", "·", "▪", "+", "➢", "1.", "1)"])
@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_items_after_any_mark_are_one_list(mark: str, between: str) -> None:
    marks = [mark.replace("1", str(number)) for number in (1, 2, 3)]
    blocks = _blocks(
        between.join(f"{each} {item}" for each, item in zip(marks, ["sko", "mat og drikke", "kart"], strict=True))
    )
    assert [(block.kind, block_items(block)) for block in blocks] == [("list", ["sko", "mat og drikke", "kart"])]


@pytest.mark.parametrize("mark", ["-", "•"])
def test_marks_without_a_space_are_marks_when_they_stand_together(mark: str) -> None:
    assert block_items(_blocks(f"{mark}sko\n{mark}mat")[0]) == ["sko", "mat"]


def test_lettered_items_keep_their_letters() -> None:
    assert block_items(_blocks("a) sko\nb) mat")[0]) == ["a) sko", "b) mat"]


def test_items_may_be_wrapped_and_nested() -> None:
    block = _blocks("• sko som tåler vann og\n  mye gjørme\n    o støvler\n    o fjellsko\n• mat")[0]
    assert block_items(block) == ["sko som tåler vann og mye gjørme", "støvler", "fjellsko", "mat"]
    assert block.markdown == "- sko som tåler vann og mye gjørme\n  - støvler\n  - fjellsko\n- mat"


def test_lines_of_a_programme_stay_lines() -> None:
    block = _blocks("Tid: lørdag kl. 10\nSted: Skogen\nPris: 50 kr")[0]
    assert block_text(block) == "Tid: lørdag kl. 10\nSted: Skogen\nPris: 50 kr"


@pytest.mark.parametrize(
    "line",
    [
        "-Dette tilbudet ser vi frem til, sa hun.",
        "- Dette blir bra, sier Kari Nordmann.",
        "– Dette blir bra for oss alle.",
        "— Vi er klare, forteller læreren.",
        "«Dette blir bra», sier Kari.",
        "“We never expected this,” said Joan.",
        "«Bli lys, for ditt lys kommer!» Jesaja 60,1",
    ],
)
def test_a_lone_dash_or_quotation_marks_are_speech(line: str) -> None:
    block = _blocks(line)[0]
    assert block.kind == "quotation"
    assert block_text(block) == line.lstrip("-–— ")


def test_replies_under_each_other_are_quotations_and_not_items() -> None:
    blocks = _blocks("– Vi er klare, sier Ola.\n– Det blir gøy, sier Kari.")
    assert [block.kind for block in blocks] == ["quotation", "quotation"]


def test_wrapped_lines_are_joined_and_short_lines_are_not() -> None:
    wrapped = (
        "Dette er et avsnitt som et e-postprogram har brutt ved omtrent\nsytti tegn, og som fortsetter på en ny linje uten at det betyr\n"
        "noe som helst for den som leser det, og slutter her."
    )
    assert [block_text(block) for block in parse_text(f"Brev\n\n{wrapped}\n").intro] == [wrapped.replace("\n", " ")]
