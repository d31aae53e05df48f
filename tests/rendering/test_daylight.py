import pytest

from mailer.rendering.daylight import hours, year_of_light

KIRKENES = 69.73
# Whole hours a week, drawn up by hand when the letter was designed.
DRAWN = (
    [0, 0, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21]
    + [24] * 10
    + [22, 20, 19, 18, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 2]
    + [0] * 5
)


def test_the_year_in_kirkenes_is_as_drawn():
    assert [round(hours(KIRKENES, week)) for week in range(1, 53)] == DRAWN


def test_a_53rd_week_has_the_light_of_the_52nd():
    assert hours(KIRKENES, 53) == hours(KIRKENES, 52)


@pytest.mark.parametrize("week", [12, 38])
def test_day_and_night_are_nearly_equal_everywhere_at_the_equinoxes(week: int):
    assert all(abs(hours(latitude, week) - 12) < 1 for latitude in (0.0, 59.9, KIRKENES))


def test_the_horizon_is_a_year_long_and_goes_from_night_to_light():
    cells = year_of_light(KIRKENES)
    assert sum(weeks for _, weeks in cells) == 52
    assert cells[0] == ("#21405F", 2)
    assert ("#F5D795", 10) in cells
    assert cells[-1] == ("#21405F", 5)
