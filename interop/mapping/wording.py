"""Words for words, and one piece of a text: transforms for cells that hold one of a few words, or several things."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from interop.json_codec import Json
from interop.mapping.pieces import Pieces
from interop.mapping.refusal import Refusal
from interop.mapping.transform import ArgumentError, Transform, text_of


def words(argument: Json, zone: tzinfo | None) -> Transform:
    """``{words: {Y: active, N: inactive}}``: the record's word to ours; of several for one, the first comes back."""
    if not isinstance(argument, Mapping) or not argument or any(isinstance(v, dict | list) for v in argument.values()):
        raise ArgumentError(f"words wants a table, as in {{words: {{Y: active, N: inactive}}}}, found {argument!r}")
    ours = {_fold(word): text_of(value) for word, value in argument.items()}
    theirs: dict[str, str] = {}
    for word, value in argument.items():
        theirs.setdefault(text_of(value), word)

    def read(value: Json) -> Json:
        found = ours.get(_fold(text_of(value)))
        if found is None:
            known = ", ".join(repr(word) for word in argument)
            raise Refusal("word-unknown", f"{text_of(value)!r} is not one of the words of this rule", f"known: {known}")
        return found

    def write(value: Json) -> Json:
        word = theirs.get(text_of(value))
        if word is None:
            raise Refusal(
                "reverse-word", f"the rule has no word for {value!r}, it knows {', '.join(map(repr, theirs))}"
            )
        return word

    return Transform("words", read, write)


def part(argument: Json, zone: tzinfo | None) -> Transform:
    """``{part: {of: "/", number: 1}}``: one piece of a text, counted from 1; back where all pieces have their rules."""
    given = argument if isinstance(argument, dict) else {}
    separator, number = given.get("of"), given.get("number", 0)
    whole = isinstance(number, int) and not isinstance(number, bool) and number >= 1
    if not isinstance(separator, str) or not separator or not whole or len(given) != 2:  # of, number
        raise ArgumentError(f"part wants {{of: separator, number: 1}}, found {argument!r}")

    def read(value: Json) -> Json:
        pieces = text_of(value).split(separator)
        if number > len(pieces):
            text = f"{text_of(value)!r} has {len(pieces)} pieces between {separator!r}, wanted piece {number}"
            raise Refusal("piece-missing", text, "write all pieces at the source")
        return pieces[number - 1].strip() or None

    def write(value: Json) -> Json:
        return Pieces(separator, ((number, text_of(value)),))

    return Transform("part", read, write, piece=(separator, number))


def _fold(word: str) -> str:
    return " ".join(str(word).split()).casefold()
