import pytest


def test_a_person_is_added_listed_and_taken_off(ukebrev):
    added = ukebrev("subscriber", "add", "Edda@Example.org", "--name", "Edda", "--interest", "students", "--json")
    assert (added.code, added.json["status"], added.json["interests"]) == (0, "active", ["students"])
    listed = ukebrev("subscriber", "list", "--interest", "students", "--json").json["subscribers"]
    assert "Edda@example.org" in [person["address"] for person in listed]
    left = ukebrev("subscriber", "unsubscribe", "edda@example.org", "--json")
    assert (left.code, left.json["status"]) == (0, "unsubscribed")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "kari@"), "not an e-mail address"),
        (("add", "per@example.org", "--interest", "reindeer"), "no interest 'reindeer'"),
        (("add", "per@example.org", "--language", "se"), "no language 'se'"),
        (("list", "--status", "asleep"), "no status 'asleep'"),
        (("unsubscribe", "nobody@example.org"), "Nobody on the list"),
    ],
)
def test_wrong_input_is_a_sentence_and_exit_code_2(ukebrev, words, says):
    answer = ukebrev("subscriber", *words)
    assert answer.code == 2
    assert says in answer.err
    assert "Traceback" not in answer.err


def test_an_interest_can_be_added_once(ukebrev):
    assert ukebrev("interest", "add", "fishers", "--nb", "fiskere", "--en", "fishers").code == 0
    again = ukebrev("interest", "add", "fishers", "--nb", "fiskere", "--en", "fishers")
    assert again.code == 2
    assert "fishers" in [row["slug"] for row in ukebrev("interest", "list", "--json").json]


def test_who_left_comes_back_only_with_a_reason_of_their_own(ukebrev):
    ukebrev("subscriber", "add", "guro@example.org")
    ukebrev("subscriber", "unsubscribe", "guro@example.org")
    assert ukebrev("subscriber", "resubscribe", "guro@example.org", "--basis", " ").code == 2
    back = ukebrev("subscriber", "resubscribe", "guro@example.org", "--basis", "wrote on 12 November", "--json")
    assert (back.code, back.json["status"]) == (0, "active")
    assert ukebrev("subscriber", "resubscribe", "guro@example.org", "--basis", "again").code == 2


def test_what_a_terminal_would_obey_is_taken_out_of_names(ukebrev):
    ukebrev("subscriber", "add", "esc@example.org", "--name", "\x1b[31mred\x07")
    (person,) = ukebrev("subscriber", "list", "--json").json["subscribers"]
    assert person["name"] == "[31mred"


@pytest.mark.parametrize("slug", ["everything", "none", "Æ", ""])
def test_a_word_with_a_meaning_of_its_own_is_no_interest(ukebrev, slug):
    answer = ukebrev("interest", "add", slug, "--nb", "a", "--en", "b")
    assert answer.code == 2
    assert "can't be" in answer.err
