"""The page is one file that needs nothing else, says what the report says, and can be read by everybody."""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources

import pytest

from harness.model import Access, Cell, Locator, Outcome, Report, Verdict
from harness.reporters.base import Run
from harness.reporters.html.page import page


class Outline(HTMLParser):
    """The elements of a page, their attributes and text."""

    VOID = frozenset({"meta", "link", "input", "br", "wbr", "use", "path", "rect", "circle"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open):
            self.words += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_every_element_is_closed(android: Report, ios: Report, nothing: Report, encrypted: Report) -> None:
    """A page that only a lenient browser can read is a page that breaks."""
    for report in (android, ios, nothing, encrypted):
        outline = Outline(page(report, None))

        assert outline.unbalanced == []
        assert outline.open == []


def test_the_page_fetches_nothing(android: Report) -> None:
    """No address in it but its own parts."""
    text = page(android, None)
    outline = Outline(text)

    addresses = [a for _, attributes in outline.elements for n, a in attributes.items() if n in {"src", "href"}]
    assert all(address.startswith("#") or address == "data:," for address in addresses)
    assert "url(" not in text
    assert "@import" not in text
    assert "http://" not in text
    assert "https://" not in text


def test_the_policy_admits_its_own_script_and_no_other(android: Report) -> None:
    """The digest in the policy is that of the script as it stands in the page."""
    text = page(android, None)
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)
    policy = next(m["content"] for m in Outline(text).all("meta") if "http-equiv" in m)

    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script.group(1).encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE])
def test_the_verdict_is_said_in_words(outcome: Outcome) -> None:
    """Colour alone tells nothing to those who do not see it."""
    verdict = Verdict(check="c", title="A check", outcome=outcome, examined=1)
    report = Report(
        source="folder", profile=None, app="com.example.app", sdks=(), persona=False, snapshot="", coverage=(),
        unread=(), verdicts=(verdict,), exposure=(), detections=(),
    )  # fmt: skip

    outline = Outline(page(report, None))

    assert outcome.name in outline.words
    assert outline.words.lstrip().startswith(outcome.name)  # the title of the window


def test_every_cell_has_a_word_and_a_sign(android: Report) -> None:
    """For print, and for those who do not tell red from green."""
    text = page(android, None)

    for cell in Cell:
        assert f'id="i-{cell.value}"' in text
        assert re.search(
            rf'class="c c-{cell.value}"[^>]*><svg class="i"[^>]*><use href="#i-{cell.value}"/></svg>', text
        )


def test_tables_are_labelled_for_screen_readers(android: Report, encrypted: Report) -> None:
    """A caption each, and a scope for every heading."""
    outline = Outline(page(android, None))

    assert len(outline.all("caption")) == len(outline.all("table")) == 3
    assert len(Outline(page(encrypted, None)).all("caption")) == 5
    assert all(heading.get("scope") in {"col", "row"} for heading in outline.all("th"))
    assert all(label for label in outline.all("html"))


def test_a_remedy_stands_once_over_the_findings_that_it_is_for(encrypted: Report) -> None:
    """With the part of the SDK that it is about; the parts look as the classes do."""
    text = page(encrypted, None)

    assert text.count("Set level 2.") == text.count("Use opaque ids.") == 1
    assert '<span class="of">CleverTap · event queue</span></h3><p class="fix">Set level 2.</p>' in text
    assert text.count('<span class="chip">CleverTap · event queue</span>') == 2
    for cell in ("exposed", "broken", "held", "unknown"):
        kept = text.partition('id="kept"')[2].partition("</section>")[0]
        assert f'<td><span class="c c-{cell}"' in kept


def test_every_finding_is_on_the_page(android: Report) -> None:
    """With mask, place, state and layers; found by the id that `result.json` gives it."""
    outline = Outline(page(android, None))
    ids = {item.get("id", "") for item in outline.all("li")}

    for finding in android.findings:
        assert f"f-{finding.id}" in ids
        assert finding.locator.pointer in outline.words
        assert finding.evidence is not None
        assert finding.evidence.mask in outline.words
        assert finding.message in outline.words


def test_what_was_not_read_is_said(android: Report) -> None:
    """And is told from what was never meant to be read."""
    words = Outline(page(android, None)).words

    assert "1 not read, 1 passed over on purpose" in words
    assert "databases/big.db" in words
    assert "larger than the limit" in words


def test_a_simulated_result_says_so(android: Report, ios: Report) -> None:
    """At the top, and among what the page does not show."""
    assert "Simulated device or SDK" in page(android, None)
    assert "Simulated device or SDK" not in page(ios, None)


def test_a_run_without_findings_is_only_clean_if_it_passed(ios: Report, nothing: Report) -> None:
    """Inconclusive is no pass."""
    assert "Nothing is held against the app" in page(ios, None)
    assert "Nothing is held against the app" not in page(nothing, None)


def test_a_long_name_is_shortened_and_says_so(android: Report) -> None:
    """Never silently."""
    finding = replace(android.verdicts[0].findings[0], locator=Locator(path="p", steps=("k" * 5_000,)))
    report = replace(android, verdicts=(replace(android.verdicts[0], findings=(finding,)),))

    assert "4,521 more characters, see result.json" in page(report, None)


def test_the_run_is_only_in_the_footer(android: Report) -> None:
    """Times are what tells two pages over the same input apart, and stand in one place."""
    run = Run(started="2026-03-01T12:00:00Z", seconds=3.25)
    plain, timed = page(android, None), page(android, run)

    assert timed.replace(" · 2026-03-01T12:00:00Z · 3.2 s", "") == plain


@pytest.mark.parametrize("files", [40, 5_000])
def test_five_thousand_findings_stay_below_five_megabytes(crowded: Callable[[int, int], Report], files: int) -> None:
    """What does not fit is counted on the page."""
    text = page(crowded(5_000, files), None)

    shown = text.count("<li id=") + text.count("<li data-s")
    assert len(text.encode()) < 5_000_000
    assert shown == 5_000 or f"{5_000 - shown:,} further findings not on this page" in text
    assert "Show all, " in text or files == 5_000


def test_the_strongest_word_of_the_headline_is_the_weakest_attacker(android: Report) -> None:
    """Who needs the least to read something is what a reader must know first."""
    assert "Another app on the same device is enough to read 1 of 10 classes of personal data stored" in page(
        android, None
    )
    held = replace(android, exposure=tuple(replace(e, cell=Cell.HELD) for e in android.exposure))
    assert "none readable by any attacker observed" in page(held, None)
    root = replace(
        android,
        exposure=tuple(
            replace(e, cell=Cell.EXPOSED if e.access is Access.ROOT_CODE else Cell.HELD) for e in android.exposure
        ),
    )
    assert "Code that runs with root rights is enough" in page(root, None)


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", block))


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_text_meets_contrast_aa_in_light_and_dark() -> None:
    """WCAG 2.1, 1.4.3: 4.5 to 1."""
    style = resources.files("harness.reporters.html").joinpath("report.css").read_text(encoding="utf-8")
    light = _colours(style.split("@media")[0])
    dark = light | _colours(style.split("prefers-color-scheme: dark")[1].split("*, *")[0])
    pairs = [
        ("ink", "bg"), ("ink", "card"), ("soft", "bg"), ("soft", "card"), ("soft", "faint"), ("white", "red"),
        ("white", "violet"), ("amber", "amber-bg"), ("amber", "card"), ("blue", "blue-bg"), ("teal", "teal-bg"),
        ("green", "green-bg"), ("red-ink", "card"), ("accent", "card"), ("accent", "bg"),
    ]  # fmt: skip

    for scheme in (light, dark):
        for text, ground in pairs:
            one, other = sorted(_luminance(({"white": "#fff"} | scheme)[name]) for name in (text, ground))
            assert (other + 0.05) / (one + 0.05) >= 4.5, (text, ground)
