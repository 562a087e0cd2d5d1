"""Ids are version 5 uuids of the JSON of their parts, however they are put together."""

from __future__ import annotations

import json
from uuid import uuid5

from hypothesis import given
from hypothesis import strategies as st

from interop.bundle import stable_uuid, uuids_of
from interop.bundle.identity import NAMESPACE

parts = st.lists(st.text(), min_size=2, max_size=4)


@given(parts)
def test_an_id_is_the_version_5_uuid_of_its_parts_as_json(words):
    if any(words):
        assert stable_uuid(*words) == str(uuid5(NAMESPACE, json.dumps(words, ensure_ascii=False)))


@given(parts, st.data())
def test_ids_that_begin_alike_are_the_same_ids(words, data):
    cut = data.draw(st.integers(1, len(words) - 1))
    if any(words):
        assert uuids_of(*words[:cut])(*words[cut:]) == stable_uuid(*words)
