"""The summary shows the same as the report, and stored names in it are code, never markup."""

from collections.abc import Callable
from dataclasses import replace

from harness.model import Locator, Report
from harness.reporters.markdown import Markdown


def with_path(report: Report, path: str, message: str = "") -> str:
    """The summary of a report with one finding at an odd place."""
    finding = replace(report.verdicts[0].findings[0], locator=Locator(path=path), message=message)
    return Markdown().render(replace(report, verdicts=(replace(report.verdicts[0], findings=(finding,)),)))


def test_the_verdict_is_the_first_word(android: Report, ios: Report, nothing: Report) -> None:
    """What a reviewer must see."""
    assert Markdown().render(android).startswith("# FAIL")
    assert Markdown().render(ios).startswith("# PASS")
    assert Markdown().render(nothing).startswith("# INCONCLUSIVE")


def test_every_table_row_has_as_many_cells_as_its_heading(android: Report) -> None:
    """Also where a title holds a bar."""
    odd = replace(android.verdicts[0], title="a | b", reason="c|d")
    text = Markdown().render(replace(android, verdicts=(odd, *android.verdicts[1:])))

    tables = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    assert len(tables) == 2
    for table in tables:
        assert len({line.replace("\\|", "").count("|") for line in table}) == 1


def test_the_tables_of_sdks_have_whole_rows(encrypted: Report) -> None:
    """Also where the name of a part holds a bar."""
    odd = replace(encrypted.components[0], component="a | b")
    sealed = replace(encrypted.sealed[0], reason="c | d")
    text = Markdown().render(replace(encrypted, components=(odd,), sealed=(sealed,)))

    tables = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    assert len(tables) == 4
    for table in tables:
        assert len({line.replace("\\|", "").count("|") for line in table}) == 1


def test_a_backtick_does_not_end_the_code(android: Report) -> None:
    """The fence is longer than any run in the text."""
    assert "``a`b``" in with_path(android, "a`b")
    assert "``` `` ```" in with_path(android, "``")


def test_text_cannot_link_or_mention(android: Report) -> None:
    """A message may repeat a name of a file."""
    text = with_path(android, "p", "see https://example.test www.example.test @someone <b>x</b> [a](b)")

    assert "https://" not in text
    assert "www.e" not in text
    assert "@someone" not in text
    assert "\\<b\\>x" in text
    assert "\\[a\\](b)" in text


def test_what_is_not_shown_is_counted(crowded: Callable[[int, int], Report]) -> None:
    """In a file, and over files."""
    text = Markdown().render(crowded(3_000, 60))

    assert "… and 25 more in this file" in text
    assert "… and 1,000 more in 20 more files." in text
