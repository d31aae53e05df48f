"""What the figures are to be, from the issues: the table of `make bench` shows it beside each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """At least or at most so much."""

    limit: float
    at_least: bool

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}"

    def is_met(self, value: float | str) -> bool:
        """Tell whether a figure reaches it. Words, which say why there is no figure, don't."""
        if isinstance(value, str):
            return False
        return value >= self.limit if self.at_least else value <= self.limit


GOALS = {
    "render_8_variants_ms": Goal(60, at_least=False),
    "first_preview_s": Goal(1, at_least=False),
    "sending_vs_smtp_source": Goal(1.0, at_least=True),
    "sending_vs_smtplib": Goal(8, at_least=True),
    "slow_link_vs_smtplib": Goal(5, at_least=True),
    "slow_link_proxy_mb_per_s": Goal(100, at_least=True),
    "launch_1m_first_on_wire_s": Goal(5, at_least=False),
    "launch_1m_rows_s": Goal(15, at_least=False),
    "worker_mb_at_1k": Goal(200, at_least=False),
    "worker_mb_at_1m": Goal(200, at_least=False),
    "import_1m_s": Goal(60, at_least=False),
    "import_1m_mb": Goal(300, at_least=False),
    "audience_count_1m_ms": Goal(300, at_least=False),
    "subscriber_page_1m_ms": Goal(100, at_least=False),
    "signup_rps": Goal(300, at_least=True),
    "signup_p99_ms": Goal(100, at_least=False),
    "oneclick_rps": Goal(300, at_least=True),
    "oneclick_p99_ms": Goal(100, at_least=False),
}
