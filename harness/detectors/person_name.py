"""Names of people, by what says so: a key, a title, a greeting, a signature, an email address of that name nearby, or
what the sentence does with it. No word is a name because a list has it."""

import re
from collections.abc import Iterator
from dataclasses import replace

from harness.detectors._context import CASELESS, NAME_CUES, NAME_KEYS, TITLES
from harness.detectors._found import apart
from harness.detectors._person import BEGIN, PART, PARTIES
from harness.detectors._person_keys import BARE, LETTERHEAD, NAMED, ROLES, keyed
from harness.detectors._person_sentences import (
    IN_ROW,
    SPEAKS,
    WITH_INITIAL,
    WITH_PARTICLE,
    addressed,
    announced,
    listed,
    paired,
)
from harness.detectors.base import Cue, Detector, Match, Shape, Window
from harness.model import MaskRule

_TITLES = frozenset(title.lower() for title in TITLES.decode().split("|"))


class PersonName(Detector):
    """A person's name, in any script where a key says so, with capitals elsewhere.

    Confidence: 0.95 words with capitals under a key that names a person, 0.85 anything else that is written like a
    name there; 0.9 under a role (`patient`) or a `name` among personal data; 0.9 behind a title, a greeting, `my name
    is` or a closing formula; in running text 0.9 where an email address nearby is made of it; 0.75 to 0.85 where it
    begins with a common given name and the sentence treats it as somebody, or it stands alone in its line or cell;
    0.6 without a common given name where both are so. Never by its words alone.
    """

    type = "NAME"
    title = "Name of a person"
    cues = (
        NAMED.cue(after=72),
        *(Cue(each, before=4, after=72) for each in ROLES),
        Cue(LETTERHEAD, before=4, after=72),
        Cue(BARE, before=4, after=72),
        Cue(rb"(?:%b)(?:\. ?| )(?:[A-Z]|[\xc3-\xe1])" % TITLES, before=24, after=64),
        Cue(rb"(?:%b)[: ,]{1,3}(?:[A-Z]|[\xc3-\xe1])" % NAME_CUES["introduction"], before=4, after=64),
        Cue(rb"(?:%b) (?:[A-Z]|[\xc3-\xe1])" % NAME_CUES["greeting"], before=4, after=64),
        Cue(
            rb"(?:%b)[,.!]?(?:[ \t\r\n]|\\[rn]){1,6}-{0,2} ?(?:[A-Z]|[\xc3-\xe1])" % NAME_CUES["sign-off"],
            before=4,
            after=64,
        ),
        Cue(IN_ROW, before=96, after=96),
        Cue(WITH_PARTICLE, before=40, after=64),
        Cue(WITH_INITIAL, before=40, after=64),
        Cue(PARTIES, before=80, after=4),
        Cue(rb"[Nn]ame(?:d him|d her|d it|s are|d| is) [a-z]{3}", before=8, after=32),
        Cue(
            rb"(?:[a-z]|[\x80-\xbf])(?: (?:%b)|, (?:can|could|would|will) (?:I|you|we)) " % SPEAKS, before=48, after=8
        ),
        Cue(rb"(?:mr|mrs|ms|dr|prof)\. ", before=8, after=32),
        Cue("様|さん|先生|女士|小姐|殿|님|씨".encode(), before=24, after=4),
    )
    shapes = (Shape.TITLE_PAIR,)
    pattern = re.compile(
        rb"(?:%b%b|%b{1,12}|(?<=[\"'=:>|\x1f,])[a-z][a-z '\-]{1,40}|(?<=[:=|] )[a-z][a-z '\-]{1,40}"
        rb"|(?<=[\"'=:>|\x1f,])[\xc3-\xdf][\x80-\xbf]|(?<=[:=|] )[\xc3-\xdf][\x80-\xbf]"
        rb"|(?<=him )[a-z]{3,16}|\\u0[0-9a-f]{3}|(?<=her )[a-z]{3,16}|(?<=is )[a-z]{3,16}|(?<=named )[a-z]{3,16}"
        rb"|(?:mrs?|ms|dr|prof)(?=\. [a-z]))" % (BEGIN, PART, CASELESS)
    )
    telling = NAME_KEYS + rb"|\bname\b|holder|customer|patient|recipient|beneficiar|employee|passenger"
    mask = MaskRule.EDGES
    reach = 96
    least_in_noise = 24
    examples = (
        "first_name=Jane",
        '{"full_name":"Jane Roe"}',
        '<string name="last_name">Müller-Roe</string>',
        "full_name=jane roe",
        'display_name\\":\\"José Sánchez\\"',
        "{'patient': 'Dr Who', 'surname': 'van der Berg'}",
        '{"user": {"name": "Jane Roe", "email": "x1@example.org"}}',
        "Please ask Mrs. Featherstonehaugh about it",
        "Sehr geehrte Frau Müller, hiermit",
        "Hello, my name is Jane Roe and I moved",
        "Dear Jane, your order is on its way",
        "Kind regards,\nJane Roe\n",
        "[2024-01-15T10:22:33Z] Alert for Jane Roe: access from 192.0.2.7",
        "EMP-1,Xaviera Quuxley,xaviera.quuxley@example.org,7",
        "姓名: 王小明",
        "田中様、お世話になっております",
        "фамилия: Иванова",
        "| Name | Jane Roe |\n| Email | x1@example.org |",
        "the letter was signed by Jane Roe last night",
    )
    counterexamples = (
        "className=MainActivity",
        '{"product":{"name":"Blue Suede Shoes","price":12}}',
        '{"name":"Charged","type":"event"}',
        '<string name="app_name">Acme Shop</string>',
        '<permission name="Camera Access"/>',
        "name=New York",
        "full_name=null",
        "first_name=${user.first}",
        "last_name_required=true",
        '{"title":"Eleanor Rigby","artist":"The Beatles"}',
        "The Quick Brown Fox jumps over the Lazy Dog",
        "Dear Customer, your order is on its way",
        "Thank you, Goodbye",
        "I am American and I live in North Carolina",
        "I/ActivityManager: Start Proc com.example for Broadcast Receiver",
        "Terms Of Service and Privacy Policy by Acme Holdings Ltd",
        "Springfield, Illinois",
        "Jordan Valley",
        '"device_name":"Galaxy Ultra"',
        "<key>CFBundleDisplayName</key><string>Photo Booth</string>",
    )

    def confirm(self, window: Window) -> Iterator[Match]:
        """The best proved of what overlaps; what is found does not depend on where a window begins."""
        low = max(window.floor, window.start - self.reach)
        high = min(window.ceiling, window.end + self.reach)
        wide = replace(window, start=low, end=high)
        rules = keyed, announced, paired, listed, addressed
        for start, end, judged in apart(each for rule in rules for each in rule(wide)):
            if window.start <= start < window.end:
                yield Match(start, end, *judged)

    def normalise(self, value: bytes) -> bytes:
        """Lower case, one blank between words, without dots and forms of address."""
        words = value.decode("utf-8", "replace").lower().replace(".", " ").split()
        kept = words[1:] if len(words) > 1 and words[0] in _TITLES else words
        return " ".join(kept).encode()
