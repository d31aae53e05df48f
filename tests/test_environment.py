"""Environment variables are read with their types, and all that is wrong is told at once."""

from pathlib import Path

import pytest

from mailer.environment import Environment, EnvironmentProblem


def problems(environment: Environment) -> list[str]:
    with pytest.raises(EnvironmentProblem) as raised:
        environment.check()
    return raised.value.sentences


def test_values_have_their_types_and_defaults() -> None:
    environment = Environment(
        {"PORT": " 8001 ", "DEBUG": "Yes", "HOSTS": "a, b,,", "SITE": "https://a.no/", "EMPTY": ""}
    )
    assert environment.integer("PORT", 1) == 8001
    assert environment.boolean("DEBUG", default=False) is True
    assert environment.words("HOSTS") == ["a", "b"]
    assert environment.url("SITE") == "https://a.no"
    assert environment.text("EMPTY", "default") == "default"
    assert environment.integer("NOWHERE", 5) == 5
    environment.check()


def test_everything_that_is_wrong_is_told_at_once() -> None:
    environment = Environment({"PORT": "70000", "DEBUG": "perhaps", "SITE": "ftp://a.no", "NAME": "a\nBcc: b"})
    assert environment.integer("PORT", 8000, low=1, high=65535) == 8000
    environment.boolean("DEBUG", default=False)
    environment.url("SITE")
    environment.text("NAME")
    assert problems(environment) == [
        "PORT: '70000' is not a whole number from 1 to 65535.",
        "DEBUG: 'perhaps' is not yes or no.",
        "SITE: 'ftp://a.no' is not an address like https://... or http://....",
        "NAME: holds a line break or another control character; write it on one line.",
    ]


def test_a_secret_comes_from_the_variable_or_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("hemmelig\n")
    environment = Environment({"KEY_FILE": str(file), "OTHER": "åpen"})
    assert environment.secret("KEY") == "hemmelig"
    assert environment.secret("OTHER") == "åpen"
    assert environment.secret("NONE") == ""
    environment.check()


def test_a_secret_that_is_given_twice_or_cannot_be_read_is_told_without_its_value(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    environment = Environment({"KEY": "hemmelig", "KEY_FILE": "x", "OTHER_FILE": str(missing)})
    environment.secret("KEY")
    environment.secret("OTHER")
    told = problems(environment)
    assert told == [
        "KEY: is set, and KEY_FILE as well; keep one of them.",
        f"OTHER_FILE: cannot read {missing}: No such file or directory.",
    ]
    assert "hemmelig" not in " ".join(told)


@pytest.mark.parametrize("site", ["https://", "example.org", "https://a.no:0", "https://a.no:x", "https://[::1"])
def test_an_address_without_a_host_or_with_a_wrong_port_is_refused(site: str) -> None:
    environment = Environment({"SITE_URL": site})
    environment.url("SITE_URL", "http://localhost")
    assert len(problems(environment)) == 1


def test_rates_are_pairs_of_a_domain_as_dns_has_it_and_a_number() -> None:
    environment = Environment({"RATES": "Gmail.com=5\n kåfjord.no=0.5,a.no=100000"})
    assert environment.rates("RATES") == {"gmail.com": 5.0, "xn--kfjord-iua.no": 0.5, "a.no": 100000.0}
    assert environment.rates("NOWHERE") == {}
    environment.check()


@pytest.mark.parametrize(
    "value", ["gmail.com", "gmail.com=", "gmail.com=0", "gmail.com=nan", "gmail=5", "=5", "a b.no=1"]
)
def test_rates_that_are_none_are_told_with_an_example(value: str) -> None:
    environment = Environment({"RATES": value})
    assert environment.rates("RATES") == {}
    (problem,) = problems(environment)
    assert "is not a list like gmail.com=5 outlook.com=10" in problem


def test_limits_are_so_many_within_so_long() -> None:
    environment = Environment({"SIGNUPS": "20/10m, 100/1D"})
    assert environment.windows("SIGNUPS", "1/1h") == ((20, 600), (100, 86400))
    assert environment.windows("NOWHERE", "1/1h") == ((1, 3600),)
    environment.check()


@pytest.mark.parametrize(
    "value", ["20", "20/m", "0/1h", "1/0s", "1/31d", "1/1w", "20/10m x", ",", "-1/1h", "1/1h;2/1d"]
)
def test_limits_that_are_none_are_told_with_an_example(value: str) -> None:
    environment = Environment({"SIGNUPS": value})
    assert environment.windows("SIGNUPS", "1/1h") == ((1, 3600),)
    assert environment.problems == [
        f"SIGNUPS: {value!r} is not a list like 20/10m 100/1d: so many within so many s, m, h or d, at most 30d."
    ]


def test_a_choice_is_one_of_several_and_the_first_by_default() -> None:
    environment = Environment({"CHOICE": "Hold", "OTHER": "perhaps"})
    assert environment.choice("CHOICE", ("send", "hold")) == "hold"
    assert environment.choice("NOWHERE", ("send", "hold")) == "send"
    environment.choice("OTHER", ("send", "hold"))
    assert problems(environment) == ["OTHER: 'perhaps' is not one of send, hold."]
