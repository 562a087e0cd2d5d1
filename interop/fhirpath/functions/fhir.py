"""What FHIR adds to FHIRPath (FHIR R4 fhirpath.html, 2.9.1.5)."""

from __future__ import annotations

from interop.fhirpath.code import Code, boolean
from interop.fhirpath.functions.invocation import Family, Invocation, in_family, text_of
from interop.fhirpath.model import Model
from interop.fhirpath.narrative_rules import is_plain_xhtml
from interop.fhirpath.navigation import as_node, nodes, values
from interop.fhirpath.node import Item, Items, Node, raw
from interop.fhirpath.runtime import Environment, run_error, singleton
from interop.json_codec import Json, JsonObject

FUNCTIONS: Family = {}
_EXTENSION = frozenset({"Extension"})
_STRUCTURES = "http://hl7.org/fhir/StructureDefinition/"


@in_family(FUNCTIONS, "extension")
def extension(call: Invocation) -> Code:
    """The extensions with a url."""
    call.wants(1)
    focus = call.focus()
    if call.compiler.may_be_primitive(focus.types) and not call.nodes and call.model is not None:
        focus = call.focus(nodes=True)
    of, url, kinds, model, typed = focus.run, call.argument(0).run, focus.types, call.model, call.nodes

    def run(this: Item, env: Environment) -> Items:
        wanted = raw(singleton(url(this, env)))
        found = [e for item in of(this, env) for e in _extensions(item, typed)]
        return [e for e in found if raw(e).__class__ is dict and raw(e).get("url") == wanted]

    def _extensions(item: Item, typed: bool) -> Items:
        return nodes(item, "extension", kinds, model) if typed else values(item, "extension", ("extension",))

    return Code(run, _EXTENSION)


@in_family(FUNCTIONS, "getValue")
def get_value(call: Invocation) -> Code:
    """The value of one primitive, without its type and extensions."""
    call.wants(0)
    focus = call.focus_values()
    of = focus.run

    def run(this: Item, env: Environment) -> Items:
        items = of(this, env)
        value = raw(items[0]) if len(items) == 1 else None
        return [] if value is None or value.__class__ is dict else [value]

    return Code(run, None, many=False)


@in_family(FUNCTIONS, "resolve")
def resolve(call: Invocation) -> Code:
    """The resources that references point at; what cannot be reached is left out."""
    call.wants(0)
    of = call.focus(nodes=False).run

    def run(this: Item, env: Environment) -> Items:
        found = (_resolved(raw(item), env) for item in of(this, env))
        return [resource for resource in found if resource is not None]

    return Code(run)


def _resolved(item: Json, env: Environment) -> JsonObject | None:
    reference = item.get("reference") if item.__class__ is dict else item
    if not isinstance(reference, str):
        return None
    found = _contained(reference, env) if reference.startswith("#") else None
    return env.services.resolve(reference) if found is None else found


def _contained(reference: str, env: Environment) -> JsonObject | None:
    for holder in (raw(env.root), raw(env.resource)):
        if holder.__class__ is not dict:
            continue
        if reference == "#":
            return holder
        for contained in holder.get("contained") or ():
            if contained.__class__ is dict and contained.get("id") == reference[1:]:
                return contained
    return None


@in_family(FUNCTIONS, "memberOf")
def member_of(call: Invocation) -> Code:
    """Whether a code is in a value set; empty when nobody can tell."""
    call.wants(1)
    of, value_set = call.focus(nodes=False).run, call.argument(0).run

    def answer(this: Item, env: Environment) -> bool | None:
        item, wanted = raw(singleton(of(this, env))), raw(singleton(value_set(this, env)))
        if item is None or wanted is None:
            return None
        return env.services.member_of(item, text_of(wanted, "memberOf"))

    return boolean(answer)


@in_family(FUNCTIONS, "subsumes", "subsumedBy")
def subsumes(call: Invocation) -> Code:
    """The same code subsumes itself; anything else needs a terminology and is not told here."""
    call.wants(1)
    of, other = call.focus(nodes=False).run, call.argument(0).run

    def answer(this: Item, env: Environment) -> bool | None:
        ours, theirs = raw(singleton(of(this, env))), raw(singleton(other(this, env)))
        return True if ours is not None and ours == theirs else None

    return boolean(answer)


@in_family(FUNCTIONS, "conformsTo")
def conforms_to(call: Invocation) -> Code:
    """Whether an element conforms to a profile; for R4's own types their name decides."""
    call.wants(1)
    focus, profile, model = call.focus(nodes=True), call.argument(0).run, call.model
    of, kinds = focus.run, focus.types

    def answer(this: Item, env: Environment) -> bool | None:
        item, wanted = singleton(of(this, env)), raw(singleton(profile(this, env)))
        if item is None or wanted is None:
            return None
        url = text_of(wanted, "conformsTo")
        told = env.services.conforms_to(raw(item), url)
        return told if told is not None else _is_type(as_node(item, kinds), url, model)

    return boolean(answer)


def _is_type(owner: Node | None, url: str, model: Model | None) -> bool:
    name = url.partition("|")[0].removeprefix(_STRUCTURES)
    if owner is None or model is None or not model.knows(name):
        raise run_error(f"the profile {url} is not known", "expression-profile", "load the package that has it")
    return model.is_a(owner.type, name)


@in_family(FUNCTIONS, "htmlChecks")
def html_checks(call: Invocation) -> Code:
    """Whether a narrative's XHTML keeps FHIR's rules (txt-1 and txt-2)."""
    call.wants(0)
    of = call.focus(nodes=False).run

    def answer(this: Item, env: Environment) -> bool | None:
        text = raw(singleton(of(this, env)))
        return None if text is None else isinstance(text, str) and is_plain_xhtml(text)

    return boolean(answer)


@in_family(FUNCTIONS, "checkModifiers")
def check_modifiers(call: Invocation) -> Code:
    """The focus, where every modifier extension it carries is one of those named; otherwise a fault."""
    focus = call.focus()
    of, named = focus.run, [call.argument(i).run for i in range(len(call.arguments))]

    def run(this: Item, env: Environment) -> Items:
        items = of(this, env)
        known = [raw(url) for argument in named for url in argument(this, env)]
        for item in items:
            for found in map(raw, values(item, "modifierExtension", ("modifierExtension",))):
                url = found.get("url") if found.__class__ is dict else None
                if url not in known:
                    raise run_error(f"modifier extension {url} is not understood", "expression-modifier")
        return items

    return Code(run, focus.types, focus.many, focus.ordered)
