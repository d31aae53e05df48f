import pytest

from tests.factories import SubscriberFactory


def test_a_field_is_added_changed_filled_listed_and_removed(ukebrev):
    SubscriberFactory(address="kari@example.org")
    town = ("field", "add", "town", "--nb", "sted", "--en", "town", "--kind", "choice", "--choices", "Vadsø|Vardø")
    assert ukebrev(*town, "--json").json["choices"] == ["Vadsø", "Vardø"]
    assert ukebrev("field", "change", "town", "--choices", "Vadsø|Kirkenes").code == 0
    filled = ukebrev("field", "set", "kari@example.org", "town=kirkenes", "--json")
    assert filled.json["fields"] == {"town": "Kirkenes"}
    (row,) = ukebrev("field", "list", "--json").json
    assert (row["nb"], row["people"]) == ("sted", 1)
    assert "Kirkenes" in ukebrev("field", "list").out
    assert ukebrev("audience", "count", "--field", "town=Kirkenes", "--json").json["recipients"] == 1
    assert ukebrev("field", "remove", "town", "--json").json == {"slug": "town", "people": 1}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "name", "--nb", "a", "--en", "a"), "every subscriber has it already"),
        (("add", "town", "--nb", "a", "--en", "a", "--kind", "choice"), "needs choices"),
        (("change", "town"), "no field 'town'"),
        (("remove", "town"), "no field 'town'"),
        (("set", "kari@example.org", "town"), "has no ="),
        (("set", "kari@example.org", "town=Oslo"), "no field 'town'"),
    ],
)
def test_wrong_input_is_a_sentence_and_exit_code_2(ukebrev, words, says):
    SubscriberFactory(address="kari@example.org")
    answer = ukebrev("field", *words)
    assert answer.code == 2
    assert says in answer.err
    assert "Traceback" not in answer.err
