"""The shipped mappings over the shipped examples: they compile, they map, they come back cell for cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from interop.bundle import assemble_document
from interop.mapping import load

ROOT = Path(__file__).parents[3]
MAPPINGS = ROOT / "mappings"
STORY = ROOT / "examples" / "red-bag-journey"
PUBLISHED = ROOT.parent / "shared" / "real-inputs" / "hl7v2-adt"
NAMES = sorted(p.relative_to(MAPPINGS).with_suffix("").as_posix() for p in MAPPINGS.glob("*/*.yaml"))


def files(path: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in path.iterdir()} if path.is_dir() else {path.name: path.read_bytes()}


@pytest.fixture(scope="module")
def red_bag():
    return load(MAPPINGS / "care-home" / "red-bag.yaml")


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_mapping_compiles_and_carries_its_path_as_its_name(name):
    assert load(MAPPINGS / f"{name}.yaml").name == name


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("care-home/red-bag", "care-home"),
        ("care-home/red-bag", "care-home-corrected"),
        ("hospital/adt", "hospital/adt-a01.hl7"),
        ("hospital/adt", "hospital/adt-a03.hl7"),
        ("hospital/discharge", "hospital/discharge.json"),
    ],
)
def test_an_example_maps_without_an_error_and_the_same_way_every_time(name, source, now):
    mapping = load(MAPPINGS / f"{name}.yaml")
    (record,) = mapping.read(files(STORY / source)).records
    first, second = mapping.apply(record, now=now), mapping.apply(record, now=now)
    assert not [str(i) for i in first.issues if i.severity in ("error", "fatal")]
    assert first.bundle() == second.bundle()
    assert first.person is not None


def test_the_bad_record_is_told_cell_by_cell(red_bag, now):
    (record,) = red_bag.read(files(STORY / "care-home-bad")).records
    told = {(i.code, str(i.source)) for i in red_bag.apply(record, now=now).issues if i.severity == "error"}
    assert told >= {
        ("nhs-number-check-digit", 'residents.csv row 2, column "NHS Number"'),
        ("date-impossible", 'residents.csv row 2, column "DOB"'),
    }


def test_the_red_bag_comes_back_cell_for_cell(red_bag, now):
    (record,) = red_bag.read(files(STORY / "care-home")).records
    back = red_bag.reverse(red_bag.apply(record, now=now).bundle())
    differing = set()
    for table in red_bag.spec.tables:
        before, after = record.tree.get(table.name), back.tree.get(table.name)
        pairs = [(before, after)] if table.one else list(zip(before, after, strict=True))
        for ours, theirs in pairs:
            differing |= {(table.name, k) for k, v in ours.items() if v and plain(v) != plain(theirs.get(k))}
    assert differing <= {
        ("resident", "NHS Number"),  # comes back without its spaces
        ("resident", "Room"),  # dropped on purpose
        ("contacts", "Next of Kin"),  # a "No" makes nothing, so it cannot come back
        ("assessment", "safeguarding"),  # read only by the condition of an empty section
    }


def plain(value):
    """Text without the spaces at its ends and line ends; empty members left out."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if v not in (None, "")}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return " ".join(str(value).split()) if isinstance(value, str) else value


def test_a_hospitals_discharge_becomes_the_homes_own_files(now):
    hospital, home = load(MAPPINGS / "hospital" / "discharge.yaml"), load(MAPPINGS / "care-home" / "discharge.yaml")
    (record,) = hospital.read(files(STORY / "hospital" / "discharge.json")).records
    back = home.reverse(hospital.apply(record, now=now).bundle())
    changes = {row["Medicine"].split()[0]: row["Change"] for row in back.tree["medicines"]}
    assert (changes["Zopiclone"], changes["Amlodipine"], changes["Alendronic"]) == ("Stopped", "Changed", "New")
    assert [row["Substance"] for row in back.tree["allergies"]] == ["Penicillin", "Sticking plaster (zinc oxide)"]
    again = home.read(back.files)
    assert [r.key for r in again.records] == ["9990000018"]


EXAMPLES = [
    ("care-home/red-bag", "red-bag-journey/care-home"),
    ("care-home/red-bag-json", "red-bag-json/RH-014.json"),
    ("care-home/care-plan", "care-plan/care-plans.xlsx"),
    ("hospital/adt", "red-bag-journey/hospital/adt-a03.hl7"),
    ("hospital/discharge", "red-bag-journey/hospital/discharge.json"),
]


@pytest.mark.parametrize(("name", "source"), EXAMPLES)
def test_every_value_has_its_origin_in_tables_json_workbooks_and_hl7(name, source, now):
    mapping = load(MAPPINGS / f"{name}.yaml")
    record = next(iter(mapping.read(files(ROOT / "examples" / source)).records))
    mapped = mapping.apply(record, now=now)
    bundle = mapped.bundle()
    cells = set()
    for number, entry in enumerate(bundle["entry"]):
        for path, value, (pointer, raw, rule) in mapped.trace.values(entry["fullUrl"]):
            assert mapped.trace.find(f"Bundle.entry[{number}].resource.{path}")[0] == pointer
            assert rule.startswith(f"{name}#")
            assert value is not None
            if raw:
                cells.add(str(pointer))
    assert len(cells) > 20


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published HL7 v2 messages are not beside this checkout")
def test_published_adt_messages_map_without_an_error(now):
    mapping = load(MAPPINGS / "hospital" / "adt.yaml")
    for path in sorted(PUBLISHED.glob("*.hl7")):
        (record,) = mapping.read(files(path)).records
        mapped = mapping.apply(record, now=now)
        assert mapped.event == path.name[:7].replace("-", "^")
        assert {"Patient", "Encounter"} <= {e.type for e in mapped.resources}
        assert not [str(i) for i in mapped.issues if i.severity in ("error", "fatal")], path.name


def test_the_order_of_a_document_is_that_of_its_references(red_bag, now):
    (record,) = red_bag.read(files(STORY / "care-home")).records
    mapped = red_bag.apply(record, now=now)
    bundle = mapped.bundle()
    walked = assemble_document(
        mapped.composition,
        mapped.resources,
        identifier=mapped.identifier,
        timestamp=mapped.timestamp,
        full_url=bundle["entry"][0]["fullUrl"],
    )
    assert [e["fullUrl"] for e in bundle["entry"]] == [e["fullUrl"] for e in walked["entry"]]
