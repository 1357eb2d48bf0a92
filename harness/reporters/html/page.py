"""Puts the page together: template, style and script in one text, every stored name escaped on its way in."""

import base64
import hashlib
import re
from importlib import resources

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from harness.grouping import place
from harness.model import Access, Cell, Outcome, Report, SealState, Severity
from harness.reporters._sdks import kept_parts, recognised_words, seal_rows
from harness.reporters.base import (
    ACCESS_WORDS,
    CELL_WORDS,
    OUTCOME_WORDS,
    Run,
    masked_words,
    matrix,
    origin,
    readers,
    subject,
)
from harness.reporters.html import sections
from harness.wording import count_of, sdk_word, type_word, visible, weight

__all__ = ["page"]

_LONGEST_NAME = 480
"""Characters of a path or locator that the page shows; it says how many more there are."""
_OPTION = re.compile(r"(--[a-z][a-z-]*)")


def page(report: Report, run: Run | None) -> str:
    """The whole page."""
    script = _asset("report.js")
    lines, lines_left = sections.ledger(report)
    return (
        _environment()
        .from_string(_asset("report.html"))
        .render(
            report=report,
            run=run,
            style=Markup(_asset("report.css")),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            script_digest=_digest(script),
            subject=subject(report),
            headline=sections.headline(report),
            rows=matrix(report),
            masked=masked_words(report),
            recognised=recognised_words(report),
            kept=kept_parts(report),
            several_sdks=len({each.sdk for each in report.components}) > 1,
            seals=seal_rows(report),
            checks=sections.checks(report),
            found=sections.findings(report),
            parts=sections.parts(report),
            ledger=lines,
            ledger_left=lines_left,
            unread=sections.unread(report),
            accesses=list(Access),
            access_words=ACCESS_WORDS,
            cells=list(CELL_WORDS),
            cell_words=CELL_WORDS,
            outcome_words=OUTCOME_WORDS,
            states=sections.STATE_WORDS,
            severities=sorted(Severity, reverse=True),
            leaks={Cell.EXPOSED, Cell.BROKEN, Cell.MASKED, Cell.PSEUDONYMOUS},
            fail=Outcome.FAIL,
            passed=Outcome.PASS,
            opened=SealState.OPENED,
        )
    )


def _environment() -> Environment:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_one_line
    )
    environment.filters.update(
        breakable=_breakable,
        capfirst=lambda text: text[:1].upper() + text[1:],
        count_of=count_of,
        digits=_digits,
        hyphenable=_hyphenable,
        origin=origin,
        place=place,
        prose=_prose,
        readers=readers,
        sdk=sdk_word,
        type=type_word,
        weight=weight,
    )
    return environment


def _asset(name: str) -> str:
    return resources.files("harness.reporters.html").joinpath(name).read_text(encoding="utf-8")


def _digest(script: str) -> str:
    """What the page's own policy demands of its script: nothing else may run in it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _one_line(value: object) -> object:
    """Every text that the template prints, before it is escaped; what is markup already was made of such text."""
    return visible(value) if type(value) is str else value


def _breakable(text: str) -> Markup:
    """A path or locator that may break after each slash, and says so where it is shortened."""
    shown = visible(text[:_LONGEST_NAME])
    marked = Markup("/<wbr>").join(map(escape, shown.split("/")))
    rest = len(text) - _LONGEST_NAME
    if rest > 0:
        marked += Markup(' <i class="cut">… {} more characters, see result.json</i>').format(f"{rest:,}")
    return marked


def _prose(text: str) -> Markup:
    """A sentence in which no option of a command is torn apart where a line ends."""
    parts = _OPTION.split(visible(text))
    return Markup("").join(
        Markup('<span class="nb">{}</span>').format(part) if n % 2 else escape(part) for n, part in enumerate(parts)
    )


def _hyphenable(heading: str) -> Markup:
    """Our own heading, whose one long word may part where a column is narrow."""
    return Markup("debug&shy;ging").join(map(escape, heading.split("debugging")))


def _digits(who: frozenset[Access]) -> str:
    """Attackers as the script filters by them: `245`."""
    return "".join(str(int(access)) for access in sorted(who))
