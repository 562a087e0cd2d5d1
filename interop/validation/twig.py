"""A snapshot's flat rows as a tree: every element with its children and its slices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interop.definitions import ElementDefinition


class Twig:
    """One element of a structure, what stands below it and how its occurrences are sliced.

    name    last step of the path, ``value[x]`` for a choice
    slices  slices of this element; a re-slice hangs below the slice it divides
    """

    __slots__ = ("children", "definition", "name", "slices")

    def __init__(self, definition: ElementDefinition):
        self.definition = definition
        self.name = definition.name
        self.children: list[Twig] = []
        self.slices: list[Twig] = []

    def child(self, name: str) -> Twig | None:
        """The element below, by its own name or by the name of one type of a choice (``valueQuantity``)."""
        return next((twig for twig in self.children if same_element(twig.name, name)), None)

    def descendants(self) -> Iterator[tuple[tuple[str, ...], Twig]]:
        """This element and everything below it, each with the names that lead there."""
        yield (), self
        for child in self.children:
            for path, twig in child.descendants():
                yield (child.name, *path), twig


def same_element(name: str, other: str) -> bool:
    """Whether two names mean one element: ``value[x]`` and ``valueQuantity`` do."""
    if name == other:
        return True
    choice, concrete = (name, other) if name.endswith("[x]") else (other, name)
    stem = choice.removesuffix("[x]")
    return (
        choice is not concrete
        and choice.endswith("[x]")
        and concrete.startswith(stem)
        and concrete[len(stem) :][:1].isupper()
    )


def grow(elements: Sequence[ElementDefinition]) -> Twig:
    """The tree of a snapshot or a part of one; rows stand in depth-first order, slices after what they divide."""
    root = Twig(elements[0])
    branch = [root]
    above = root.definition.path.count(".")
    for element in elements[1:]:
        depth = element.path.count(".") - above
        del branch[max(1, depth) :]
        twig = Twig(element)
        _attach(branch[-1], twig)
        branch.append(twig)
    return root


def _attach(parent: Twig, twig: Twig) -> None:
    divided = _divided(parent, twig) if twig.definition.slice_name else None
    if divided is None:
        parent.children.append(twig)
    else:
        divided.slices.append(twig)


def _divided(parent: Twig, twig: Twig) -> Twig | None:
    head = next((t for t in reversed(parent.children) if same_element(t.name, twig.name)), None)
    name = twig.definition.slice_name or ""
    while head is not None:
        # ``a/b`` divides slice ``a``.
        nested = next((s for s in head.slices if name.startswith(f"{s.definition.slice_name}/")), None)
        if nested is None:
            return head
        head = nested
    return None
