"""Local → FHIR → local: what is kept, normalised, changed, dropped, invented, and why."""

from __future__ import annotations

import pytest

from interop.errors import ContentError
from interop.json_codec import dumps
from interop.workbench.roundtrip import Result, read_baseline, roundtrip

NONE = "ID,Medicine,Note,Stopped\n"
R = "ID,Surname,Forenames,Born,Sex,Room,Shoe Size"
KEEP_ID = ('      - {value: official, target: "name[official].use"}\n',
           '      - {value: official, target: "name[official].use"}\n'
           '      - {source: resident.ID, target: "identifier[id].value"}\n')  # fmt: skip


def _trips(bench, now, residents, *changes, medicines=NONE):
    b = bench(KEEP_ID, *changes)
    found = roundtrip(b.mapping, b.book, b.records(f"{R}\n{residents}\n", medicines), now=now)
    return found, {trip.name: trip for trip in found.fields}


def test_a_value_that_comes_back_is_kept(bench, now):
    found, trips = _trips(bench, now, "R1,Ashworth,Edith May,14/08/1938,F,,")
    assert trips["resident.Surname"].counts == {Result.KEPT: 1}
    assert found.totals()[Result.KEPT] == 5


def test_another_spelling_of_the_same_thing_is_normalised(bench, now):
    """Both spellings become the same FHIR value, though the texts differ."""
    _, trips = _trips(bench, now, "R1,A,B,1/8/1938,F,,", ("dd/MM/yyyy", "[dd/MM/yyyy, d/M/yyyy]"))
    assert trips["resident.Born"].counts == {Result.NORMALISED: 1}
    assert [(e.before, e.after) for e in trips["resident.Born"].examples[Result.NORMALISED]] == [
        ("1/8/1938", "01/08/1938")
    ]


def test_many_words_for_one_code_are_normalised_to_the_one_that_claims_it(bench, now):
    _, trips = _trips(bench, now, "R1,A,B,14/08/1938,Lady,,")
    assert trips["resident.Sex"].counts == {Result.NORMALISED: 1}


def test_a_declared_drop_is_no_new_loss_and_gives_its_reason(bench, now):
    found, trips = _trips(bench, now, "R1,A,B,14/08/1938,F,7,")
    assert trips["resident.Room"].reasons == {Result.DROPPED: {"Changes daily": 1}}
    assert found.new_losses == ()


def test_a_field_no_rule_reads_is_a_loss(bench, now):
    found, trips = _trips(bench, now, "R1,A,B,14/08/1938,F,,5")
    assert trips["resident.Shoe Size"].reasons == {Result.DROPPED: {"no rule reads it": 1}}
    assert found.new_losses == (("resident.Shoe Size", "dropped"),)


def test_a_one_way_rule_declares_its_loss(bench, now):
    medicines = "ID,Medicine,Note,Stopped\nR1,Senna,at night,\n"
    found, trips = _trips(bench, now, "R1,A,B,14/08/1938,F,,", medicines=medicines)
    assert trips["medicines.Note"].reasons == {Result.DROPPED: {"its rules run forwards only": 1}}
    assert found.new_losses == ()


def test_a_value_refused_on_the_way_there_says_so(bench, now):
    _, trips = _trips(bench, now, "R1,A,B,31/02/1938,F,,")
    (reason,) = trips["resident.Born"].reasons[Result.DROPPED]
    assert reason.startswith("refused on the way there: date-")


def test_what_the_record_never_said_is_invented(bench, now):
    change = (
        "  resident.Room: Changes daily\n",
        "  resident.Room: Changes daily\nbackwards: {resident.Shoe Size: '0'}\n",
    )
    found, trips = _trips(bench, now, "R1,A,B,14/08/1938,F,,", change)
    assert trips["resident.Shoe Size"].counts == {Result.INVENTED: 1}
    assert found.new_losses == ()  # a constant under `backwards:` is declared


def test_a_baseline_accepts_losses_and_only_those(bench, now):
    b = bench(KEEP_ID)
    records = b.records(f"{R}\nR1,A,B,14/08/1938,F,,5\n", NONE)
    first = roundtrip(b.mapping, b.book, records, now=now)
    accepted = read_baseline(dumps(first.baseline()), "losses.json")
    again = roundtrip(b.mapping, b.book, records, now=now, accepted=accepted)
    assert (again.new_losses, again.stale) == ((), ())
    worse = b.records(f"{R}\nR1,A,B,14/08/1938,F,,5\n", "ID,Medicine,Batch,Stopped\nR1,S,X,\n")
    assert roundtrip(b.mapping, b.book, worse, now=now, accepted=accepted).new_losses == (
        ("medicines.Batch", "dropped"),
    )


def test_a_baseline_holds_no_value_and_tells_what_no_longer_happens(bench, now):
    b = bench(KEEP_ID)
    found = roundtrip(b.mapping, b.book, b.records(f"{R}\nR1,A,B,14/08/1938,F,,5\n", NONE), now=now)
    assert found.baseline() == {"mapping": "home/test", "acceptedLosses": {"resident.Shoe Size": ["dropped"]}}
    clean = b.records(f"{R}\nR1,A,B,14/08/1938,F,,\n", NONE)
    accepted = frozenset({("resident.Shoe Size", "dropped")})
    assert roundtrip(b.mapping, b.book, clean, now=now, accepted=accepted).stale == (("resident.Shoe Size", "dropped"),)


def test_a_pattern_accepts_a_whole_table(bench, now):
    b = bench(KEEP_ID)
    records = b.records(f"{R}\nR1,A,B,14/08/1938,F,,5\n", NONE)
    accepted = frozenset({("resident.*", "dropped")})
    assert roundtrip(b.mapping, b.book, records, now=now, accepted=accepted).new_losses == ()


@pytest.mark.parametrize("text", ["[]", "{}", '{"acceptedLosses": []}', '{"acceptedLosses": {"a": 1}}'])
def test_a_file_that_is_no_baseline_is_refused(text):
    with pytest.raises(ContentError, match="a baseline is"):
        read_baseline(text.encode(), "x.json")


def test_json_without_values_shows_where_and_not_what(bench, now):
    found, _ = _trips(bench, now, "R1,A,B,14/08/1938,Lady,,Secret")
    told = dumps(found.as_json(values=False)).decode()
    assert "Secret" not in told
    assert "Lady" not in told
    assert 'column \\"Shoe Size\\"' in told
