"""Mappings by name, the adopter's own before ours, and nothing outside the shelves."""

from __future__ import annotations

from pathlib import Path

import pytest

from interop.catalogue import Catalogue
from interop.errors import CatalogueError


def test_a_shipped_mapping_is_found_by_name() -> None:
    assert Catalogue().mapping("care-home/red-bag").name == "red-bag.yaml"


def test_the_adopters_own_mapping_comes_first(tmp_path: Path) -> None:
    own = tmp_path / "care-home" / "red-bag.yaml"
    own.parent.mkdir()
    own.write_text("mapping: care-home/red-bag\n", encoding="utf-8")
    assert Catalogue(mappings=(tmp_path,)).mapping("care-home/red-bag") == own


@pytest.mark.parametrize("name", ["care-home/redbag", "../../pyproject", "/etc/passwd", "none.yaml"])
def test_what_is_not_on_the_shelves_is_not_found(name: str) -> None:
    with pytest.raises(CatalogueError):
        Catalogue().mapping(name)


def test_a_near_miss_is_named() -> None:
    with pytest.raises(CatalogueError, match="did you mean 'care-home/red-bag'"):
        Catalogue().mapping("care-home/redbag")


def test_pieces_are_not_mappings() -> None:
    names = list(Catalogue().mapping_names())
    assert "hospital/adt" in names
    assert not [name for name in names if "pieces" in name]
