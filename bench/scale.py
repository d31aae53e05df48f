"""`python -m bench.scale`: what one message costs here, whether it costs more as the table grows, and a week of up to 100 million.

The figures of docs/scale.md. About two minutes; `python -m bench.scale 20000` sends so many messages instead of 50,000.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from bench import growing
from bench.footprint import footprint
from bench.rig import bench_house
from bench.sink import running_sink
from bench.week import Costs, Plan, capacities, simulate

RECIPIENTS = 50_000

PLANS = (
    Plan(100_000, worker_cores=1, postgresql_cores=1, network_gbit=0.1, connections=8, relays_per_s=14),
    Plan(1_000_000, worker_cores=1, postgresql_cores=1, network_gbit=1, connections=16, relays_per_s=100),
    Plan(10_000_000, worker_cores=1, postgresql_cores=1, network_gbit=1, connections=64, relays_per_s=1_000),
    Plan(100_000_000, worker_cores=1, postgresql_cores=1, network_gbit=1, connections=256, relays_per_s=5_000),
    Plan(100_000_000, worker_cores=1, postgresql_cores=1, network_gbit=10, connections=640, relays_per_s=20_000),
    Plan(100_000_000, worker_cores=4, postgresql_cores=2, network_gbit=10, connections=640, relays_per_s=20_000),
)


def main() -> None:
    """Measure, simulate, and print three tables."""
    console = Console(width=140)
    with bench_house() as folder, running_sink(folder) as sink:
        cost = footprint(folder, sink, int(sys.argv[1]) if len(sys.argv) > 1 else RECIPIENTS)
        console.print(_pairs("One message", cost))
        rows = growing.measure()
    table = Table(
        "table", "rows before", "making a row, µs", "lease, take, record, count, µs", "messages/s", title="Growing"
    )
    for row in rows:
        table.add_row(row["table"], f"{row['rows']:,}", str(row["rows_us"]), str(row["work_us"]), f"{row['per_s']:,}")
    console.print(table)
    print_weeks(console, costs_of(cost))


def costs_of(cost: Mapping[str, float]) -> Costs:
    """What the simulation needs of the figures of `footprint`."""
    return Costs(
        worker_us=cost["worker_cpu_us"],
        postgresql_us=cost["postgresql_cpu_us"],
        redis_us=cost["redis_cpu_us"],
        wire_bytes=cost["message_bytes"],
        wal_bytes=cost["wal_bytes"],
        row_bytes=cost["delivery_bytes"],
    )


def print_weeks(console: Console, costs: Costs) -> None:
    """Print what becomes of each plan, and how near its other parts are to their limits."""
    table = Table(
        "a week", "cores", "Gbit/s", "connections", "messages/s", "longest campaign", "held up by", "next", "GB/week"
    )
    for plan in PLANS:
        week = simulate(costs, plan)
        rates = capacities(costs, plan)
        following = sorted(rates, key=lambda name: rates[name])[1]
        table.add_row(
            f"{plan.per_week:,}",
            f"{plan.worker_cores} + {plan.postgresql_cores}",
            str(plan.network_gbit),
            str(plan.connections),
            f"{week.per_s:,.0f}",
            f"{week.hours:.1f} h" if not week.unsent else f"{week.unsent:,} are not sent",
            week.held_up_by,
            f"{following} ({rates[following]:,.0f}/s)",
            f"{week.gigabytes:.1f}",
        )
    console.print(table)


def _pairs(title: str, figures: Mapping[str, float]) -> Table:
    table = Table("figure", "value", title=title)
    for name, value in figures.items():
        table.add_row(name, f"{value:,}")
    return table


if __name__ == "__main__":
    main()
