"""The quick look at a narrative and the long one never disagree: what is plain has no fault."""

from __future__ import annotations

import pytest

from interop.validation import xhtml
from interop.validation.plain_narrative import is_plain

OPEN = '<div xmlns="http://www.w3.org/1999/xhtml">'

PLAIN = [
    f"{OPEN}<p>One &amp; two, St Elsewhere&#39;s</p></div>",
    f"{OPEN}Text</div>",
    f"{OPEN}<p>One and two</p><br/><hr /></div>",
    f'{OPEN}<ul class="a" lang="en"><li><b>one</b> two</li><li>three</li></ul></div>',
    f'{OPEN}<table class="facts"><caption>Plan</caption><tr><th scope="row">A</th><td>B</td></tr></table></div>',
    f"{OPEN}<div><div><div><div><div><p>deep</p></div></div></div></div></div></div>",
]
UNUSUAL = [
    f"{OPEN}<p>One &#1; two</p></div>",
    f"{OPEN}<p>One &#55296; two</p></div>",
    f"{OPEN}<p>One & two</p></div>",
    f"{OPEN} a > b </div>",
    f"{OPEN}<p>a]]>b</p></div>",
    f"{OPEN}<p>one</b></div>",
    f"{OPEN}<pre>one</p></div>",
    f"{OPEN}\ud800</div>",
    "<div>no namespace</div>",
    f"{OPEN}   \n</div>",
    f"{OPEN}\N{NO-BREAK SPACE}</div>",
    f"{OPEN}&#160;</div>",
    f"{OPEN}<script>x</script></div>",
    f'{OPEN}<p onclick="x">y</p></div>',
    f'{OPEN}<a href="#x">y</a></div>',
    f'{OPEN}<img src="#x" alt="y"/>z</div>',
    f'{OPEN}<p xmlns="urn:other">y</p></div>',
    f'{OPEN}<x:p xmlns:x="urn:other">y</x:p></div>',
    f"{OPEN}<p>unclosed</div>",
    f"{OPEN}text</div><div>more</div>",
    f"{OPEN}<!-- nothing --></div>",
    f"{OPEN}<![CDATA[<script>]]></div>",
    f'{OPEN}<p title="a > b">y</p></div>',
    f'{OPEN}<p class="a" class="b">y</p></div>',
    f"{OPEN}&unknown;y</div>",
    f"{OPEN}\x01y</div>",
    f"<?xml version='1.0'?>{OPEN}y</div>",
    f"{OPEN}<P>y</P></div>",
    "",
]


@pytest.mark.parametrize("div", PLAIN)
def test_a_plain_narrative_is_known_at_a_glance(div: str) -> None:
    assert is_plain(div)


@pytest.mark.parametrize("div", UNUSUAL)
def test_anything_else_is_looked_at(div: str) -> None:
    assert not is_plain(div)


@pytest.mark.parametrize("div", PLAIN)
def test_what_is_plain_has_no_fault_in_the_long_look(div: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xhtml, "is_plain", lambda *_: False)
    xhtml.faults.cache_clear()
    assert xhtml.faults(div) == ((), ())
    xhtml.faults.cache_clear()
