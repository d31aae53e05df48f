"""Whatever someone writes, the preflight answers."""

import time
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailer.checking.findings import Finding
from mailer.checking.material import Context
from mailer.checking.preflight import examine
from mailer.parsing.issue import Block, ParsedIssue, Section
from tests.checking.examples import EXAMPLES
from tests.checking.material import INTERESTS, PLAIN, issue

_SNIPPETS = st.sampled_from(
    [
        # What has tripped one parser or another.
        "[her](javascript:alert(1))", "[x](http://[::1)", "[](https://a:b@xn--/)", "![](data:,x)", "![x](/i/zz-1x1.png)",
        "```event\nstart: x\n```", "~~~merk\ntittel: a\n~~~", "```hendelse",
        "{{ 7*7 }}", "{% raw %}", "@@UNSUBSCRIBE_URL@@", "<script>", "31. februar 2021", "tirsdag 99. mai", "om to uker",
        "# \n", "> > > x", "Å > B",
        "\ud800", "\x00", "|a|b|\n|-|-|\n|c|", "[les her][1]\n\n[1]: //x", "מזל טוב", "🎉" * 5, "x" * 300,
    ]
)  # fmt: skip
_TEXTS = st.lists(st.one_of(st.text(max_size=40), _SNIPPETS), max_size=4).map(" ".join)
_KINDS = st.sampled_from(
    ["paragraph", "heading", "quotation", "list", "image", "table", "code", "rule", "event", "person", "note"]
)
_BLOCKS = st.lists(st.builds(Block, _KINDS, _TEXTS, st.one_of(st.none(), st.integers(1, 99))), max_size=3).map(tuple)
_SECTIONS = st.builds(
    Section,
    _TEXTS,
    _BLOCKS,
    st.one_of(st.none(), _TEXTS),
    st.lists(st.sampled_from(["students", "x"]), max_size=2).map(tuple),
    heading_suggested=st.booleans(),
)
_ISSUES = st.builds(
    ParsedIssue,
    title=_TEXTS,
    preheader=_TEXTS,
    language=st.sampled_from(["nb", "en", "se", ""]),
    year=st.one_of(st.none(), st.integers(0, 10_000)),
    week=st.one_of(st.none(), st.integers(0, 60)),
    intro=_BLOCKS,
    sections=st.lists(_SECTIONS, max_size=3).map(tuple),
    closing=_BLOCKS,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_ISSUES, _ISSUES)
def test_no_issue_is_too_much(whole, other):
    context = Context(
        language=whole.language, source=whole.title, earlier=[whole], translations=[other], translation_of=other
    )
    found = examine(whole, theme=PLAIN, interests=INTERESTS, context=context)
    assert all(isinstance(finding, Finding) and finding.what for finding in found)


def test_a_section_of_200_kb_is_checked_while_one_waits():
    text = "Vi var på tur i Sør-Varanger 17. november, og det var fint. " * 3400
    whole = issue(sections=(Section("Turen", (Block("paragraph", text, 3),)),))
    began = time.perf_counter()
    assert "letter-clipped" in {finding.code for finding in examine(whole, theme=PLAIN, interests=INTERESTS)}
    assert time.perf_counter() - began < 5


def test_findings_come_worst_first():
    whole = replace(EXAMPLES["link-lost"][0].issue, preheader="", title="X" * 70)
    levels = [finding.level for finding in examine(whole, theme=PLAIN, interests=INTERESTS)]
    assert levels == sorted(levels, key=["error", "warning", "advice"].index)
    assert {"error", "warning"} <= set(levels)
