"""Every form says the same things, each the way its readers expect."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path, PurePath

import pytest
from lxml import etree

from interop.definitions import Definitions
from interop.findings import Checked, Form, Report, written
from interop.outcome import Issue, Outcome, Severity, issue_catalogue
from interop.validation import Validator

URI = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
LEVELS = {"none", "note", "warning", "error"}


@pytest.mark.parametrize("form", Form)
def test_the_same_report_gives_the_same_bytes_and_obeys_nothing_in_it(report: Report, form: Form) -> None:
    data = written(report, form)
    assert written(report, form) == data
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", data)
    if form is not Form.JSON:  # which escapes or keeps text as text
        assert "\u202e" not in data.decode()
    for code in ("json-shape", "content-json", "date-unreadable"):
        assert code in data.decode()


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.html", Form.HTML), ("a.HTM", Form.HTML), ("a.sarif", Form.SARIF), ("a.sarif.json", Form.SARIF),
        ("a.json", Form.JSON), ("out/junit.xml", Form.JUNIT), ("a.txt", Form.TEXT), ("a.pdf", None), ("report", None),
    ],
)  # fmt: skip
def test_the_name_of_a_file_says_its_form(name: str, form: Form | None) -> None:
    assert Form.of_file(PurePath(name)) is form


class TestOperationOutcome:
    def test_places_stand_where_the_reference_validator_puts_them(self, report: Report) -> None:
        files = json.loads(written(report, Form.JSON))["files"]
        assert list(files) == ["wards/a b.json", "broken.json", "fine.json"]
        issue = files["wards/a b.json"]["issue"][2]
        assert issue["expression"] == ["Patient.gender"]
        assert issue["location"] == ["Line[3] Col[3]"]
        assert issue["extension"] == [
            {"url": "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line", "valueInteger": 3},
            {"url": "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col", "valueInteger": 3},
        ]

    def test_one_file_gives_the_resource_itself_and_it_is_valid(self, report: Report) -> None:
        outcome = json.loads(written(Report(report.checked[:1], report.made), Form.JSON))
        assert outcome["resourceType"] == "OperationOutcome"
        assert Validator(Definitions.core()).validate(outcome).errors == ()


class TestSarif:
    """What the JSON schema of SARIF 2.1.0 asks for, section by section."""

    @pytest.fixture
    def run(self, report: Report) -> dict:
        log = json.loads(written(report, Form.SARIF))
        assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
        assert log["$schema"].endswith("sarif-schema-2.1.0.json")
        return log["runs"][0]

    def test_rules_come_from_the_catalogue_each_once(self, run: dict) -> None:
        rules = run["tool"]["driver"]["rules"]
        assert len({rule["id"] for rule in rules}) == len(rules) == 6
        for rule in rules:
            entry = issue_catalogue()[rule["id"]]
            assert (rule["helpUri"], rule["shortDescription"]["text"]) == (entry["spec"], entry["means"])
            assert entry["fix"] in rule["help"]["text"]

    def test_each_result_leads_to_its_rule_file_and_place(self, run: dict, report: Report) -> None:
        assert len(run["results"]) == len(list(report.findings))
        for result in run["results"]:
            assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
            assert result["level"] in LEVELS
            (location,) = result["locations"]
            artifact = location["physicalLocation"]["artifactLocation"]
            assert run["artifacts"][artifact["index"]]["location"]["uri"] == artifact["uri"]
            assert URI.fullmatch(artifact["uri"])
            assert all(number >= 1 for number in location["physicalLocation"].get("region", {}).values())
        first = run["results"][0]["locations"][0]
        assert first["physicalLocation"] == {
            "artifactLocation": {"uri": "wards/a%20b.json", "index": 0}, "region": {"startLine": 3, "startColumn": 3}
        }  # fmt: skip
        assert first["logicalLocations"][0]["fullyQualifiedName"] == "Patient.gender"

    def test_severities_become_levels(self, run: dict) -> None:
        levels = {result["ruleId"]: result["level"] for result in run["results"]}
        assert levels["content-json"] == levels["json-shape"] == "error"
        assert (levels["code-not-preferred"], levels["code-not-checked"]) == ("warning", "note")

    def test_a_fingerprint_outlives_the_line_it_was_on(self, report: Report) -> None:
        def of(line: int) -> dict:
            issue = Issue("cardinality", "found 2", "Patient.name", line=line, col=1)
            return json.loads(written(Report((Checked.of("a", Outcome.of([issue])),), report.made), Form.SARIF))

        before, after = (of(line)["runs"][0]["results"][0] for line in (3, 9))
        assert before["partialFingerprints"] == after["partialFingerprints"]
        assert before["locations"] != after["locations"]

    def test_a_code_from_elsewhere_and_an_absolute_path_do_no_harm(self, report: Report, tmp_path: Path) -> None:
        name = str(tmp_path / "ä.json")
        data = written(Report((Checked.of(name, Outcome.of([Issue("made-up", "x")])),), report.made), Form.SARIF)
        run = json.loads(data)["runs"][0]
        assert run["tool"]["driver"]["rules"] == [{"id": "made-up", "name": "MadeUp"}]
        assert run["artifacts"][0]["location"]["uri"].startswith("file:///")

    def test_no_line_of_a_file_is_in_it(self, report: Report) -> None:
        assert "東京" not in written(report, Form.SARIF).decode() + written(report, Form.JUNIT).decode()


class TestJunit:
    @pytest.fixture
    def root(self, report: Report) -> etree._Element:
        return etree.fromstring(written(report, Form.JUNIT))

    def test_a_suite_a_file_and_a_case_an_error(self, root: etree._Element) -> None:
        counts = [tuple(suite.get(n) for n in ("name", "tests", "failures", "errors")) for suite in root]
        assert counts == [
            ("wards/a b.json", "4", "4", "0"),
            ("broken.json", "1", "0", "1"),
            ("fine.json", "1", "0", "0"),
        ]
        assert [root.get(n) for n in ("tests", "failures", "errors")] == ["6", "4", "1"]
        assert [len(suite.findall("testcase")) for suite in root] == [4, 1, 1]

    def test_a_failure_says_what_and_where(self, root: etree._Element) -> None:
        case = root[0][0]
        assert (case.get("name"), case.get("line")) == ("code-not-in-value-set: Patient.gender", "3")
        failure = case.find("failure")
        assert failure is not None
        assert failure.get("message") == "found 'woman', wanted one of male, female"
        assert "line 3, column 3" in (failure.text or "")

    def test_warnings_fail_nothing(self, root: etree._Element) -> None:
        assert "warning code-not-preferred" in (root[0].findtext("system-out") or "")
        assert "<b>one</b>" in etree.tostring(root, method="text", encoding="unicode")


class Page(HTMLParser):
    """What a browser would fetch, where links lead, and whether tags match."""

    VOID = frozenset({"meta", "wbr", "link", "img", "br"})

    def __init__(self, text: str):
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.names: set[str] = set()
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        self.names.add(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [facts["href"] or ""] if tag == "a" else []
        self.fetched += [
            value or "" for name, value in attrs if name in ("src", "srcset") or (tag == "link" and name == "href")
        ]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


class TestHtml:
    @pytest.fixture
    def page(self, report: Report) -> Page:
        return Page(written(report, Form.HTML).decode())

    def test_it_needs_nothing_else(self, page: Page, report: Report) -> None:
        assert page.open == []
        assert page.fetched == []
        assert not page.names & {"script", "iframe", "object", "form", "img"}
        assert not re.search(rb"@import|url\(", written(report, Form.HTML))

    def test_links_inside_lead_somewhere_and_ids_are_unique(self, page: Page) -> None:
        inside = {link[1:] for link in page.links if link.startswith("#")}
        assert inside <= set(page.ids)
        assert len(page.ids) == len(set(page.ids))
        assert {link for link in page.links if not link.startswith("#")} <= {
            e["spec"] for e in issue_catalogue().values()
        }

    def test_words_of_a_file_are_words(self, page: Page) -> None:
        assert "b" not in page.names
        text = "".join(page.words)
        assert "found <b>one</b> value" in text
        assert '"given": "<b>Edith</b>"' in text
        for said in (
            "line 3, column 3",
            "To do: use a code",
            'residents.csv row 14, column "DOB"',
            "Not valid",
            "Could not tell",
        ):
            assert said in re.sub(r"\s+", " ", text)

    def test_every_code_found_is_explained(self, page: Page, report: Report) -> None:
        assert {f"code-{code}" for code in report.codes} <= set(page.ids)

    def test_an_empty_report_is_a_page_too(self, report: Report) -> None:
        page = Page(written(Report(report.checked[2:], report.made), Form.HTML).decode())
        assert "nothing found" in "".join(page.words)
        assert page.open == []


def test_every_severity_has_a_place_in_every_form(report: Report) -> None:
    for severity in Severity:
        checked = Checked.of("a", Outcome.of([Issue("cardinality", "found 2", severity=severity)]))
        assert all(b"found 2" in written(Report((checked,), report.made), form) for form in Form)
