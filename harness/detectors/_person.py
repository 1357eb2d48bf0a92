"""How the names of people are written, what they are not, and what in a sentence shows that a person is meant."""

import re
import unicodedata

from harness.detectors._context import CAPITAL, LETTER, NOT_A_PERSON
from harness.detectors._given_names import GIVEN

__all__ = [
    "ACTS",
    "BEGIN",
    "CELL_BEFORE",
    "CELL_BEHIND",
    "END",
    "FULL",
    "NEARBY",
    "NEAR_PERSON",
    "PAIR",
    "PART",
    "PARTIES",
    "PREPOSITION",
    "RUN",
    "SENTENCE_BEFORE",
    "SENTENCE_BEHIND",
    "THINGS",
    "folded",
    "has_given",
    "is_named_in",
    "is_person",
    "stripped",
]

_INVISIBLE = rb"\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81\xa0|\xef\xbb\xbf|\xc2\xad"
_GLUE = rb"(?:['\-]|\xe2\x80\x99)(?!s(?![A-Za-z]))(?=%b)" % LETTER
PART = rb"%b(?:%b|%b|%b)*" % (CAPITAL, LETTER, _GLUE, _INVISIBLE)
"""One word of a name, with a capital: `Jane`, `O'Neil`, `Müller-Roe`."""
_PARTICLE = (
    rb"(?:van der|van den|van de|van|von|de la|de los|del|della|de|di|da|dos|das|do|der|den|bin|ibn|bint|al|el|le|la"
    rb"|ter|ten|zu|af|av|du|des|e|y)"
)
BEGIN = rb"(?<![A-Za-z0-9_@/$#&.])(?<![\xc3-\xdf][\x80-\xbf])(?<![\xe0\xe1\xe4-\xed][\x80-\xbf][\x80-\xbf])"
END = rb"(?!%b|[0-9_@])" % LETTER
_MORE = rb"(?:(?:[ ]|\xc2\xa0)(?:%b[ ]){0,2}(?:%b|[A-Z]\.(?=[ ])))" % (_PARTICLE, PART)
FULL = rb"%b%b{0,4}%b" % (PART, _MORE, END)
"""One to five words with capitals, particles and initials between."""
PAIR = rb"%b(?:%b|[A-Z]\.)%b{1,3}%b" % (BEGIN, PART, _MORE, END)
"""Two words or more."""
RUN = re.compile(rb"(?:%b|[ .'\-]|\xe2\x80\x99|\xc2\xa0|\xc2\xb7|\xe3\x83\xbb|%b){1,80}" % (LETTER, _INVISIBLE))
"""What may be a name where a key says so, of any script."""

CELL_BEFORE = re.compile(rb"(?:^|[\n\r,|;>\t\"(\[\x1f\x1e:]|\xe2\x80[\xaa-\xae])[ ]{0,2}\Z")
CELL_BEHIND = re.compile(rb"[ ]{0,2}(?:\Z|[\n\r,|;<\t\")(\]\x1e]|\\n|&lt;|\xe2\x80\xac)")

PARTIES = (
    rb"Plaintiff|Defendant|Petitioner|Respondent|Appell|Esq|PLAINTIFF|DEFENDANT|PETITIONER|RESPONDENT|plaintiff|defendant"
    rb"|hereinafter|being duly"
)
"""What people are in court."""
ACTS = re.compile(
    rb"(?:'s |\xe2\x80\x99s | \(|, (?:[1-9][0-9](?![0-9])|the |an? |who |born |Esq|MD|PhD|Ph\.D|Jr|CEO|CTO|CFO))"
    rb"|:? (?:said|says|told|asked|wrote|writes|replied|explained|added|stated|testified|claims?|claimed|argues?"
    rb"|argued|signed|logged|updated|created|deleted|uploaded|requested|submitted|approved|joined|registered|purchased|paid"
    rb"|ordered|called|sent|received|lives|lived|works|worked|resides|resided|born|died|married|became|listed|spent"
    rb"|shouted|looked|went|came|met|visited|reported|confirmed|presented|is|was|has|had|will|would|can|did|wants?"
    rb"|needs?|likes?|loves?|arrived|moved|started|played|plays|sings|sang|studied|teaches|agreed|filed|appeared"
    rb"|appeals?|appealed|sued|and|v\.?s?\.?|et al) "
    rb"|,?[ \t\r\n]{1,4}\(?(?:%b)" % PARTIES
)
"""What people do, and what is said of them, right behind a name."""
PREPOSITION = re.compile(
    rb"(?i:(?:^|[^a-z])(?:by|for|from|to|with|of|and|contact|alert for|as|named|called|him|her|name|add|tell|ask|call"
    rb"|email|mr|mrs|ms|met|meet|between|against|versus|vs?\.?|re|regarding|customer|client|patient|user|employee"
    rb"|attn|attention|counsel|judge|plaintiff|defendant|witness|partner|wife|husband|brother|sister|mother|father"
    rb"|son|daughter|friend|boss|colleague|manager|doctor|professor|director|president|producer|starring|featuring"
    rb"|subject|said|on behalf|von|para|por|con|de|pour|avec|f\xc3\xbcr|mit|per|da|voor|door)[ :,\-]{1,3})\Z"
)
"""What stands before somebody."""

SENTENCE_BEFORE = re.compile(rb"[a-z,;] \Z")
SENTENCE_BEHIND = re.compile(rb" [a-z(]|[.,;:!?)](?:[ \n\r\"')]|\Z)|\Z|[\n\r]")

_STOP_WORDS = b"""
    yo a an the this that these those there here it its we you they he she i my your our his her their and or
    but if in on at by for from to with of as is are was were be been am not no yes please thank thanks dear
    hello hi hey good new old north south east west northern southern eastern western central upper lower
    great grand big little saint san santa st fort port mount lake river bay beach island islands valley
    hill hills park street road avenue ave rd blvd boulevard lane drive court place square way city town
    county state states united kingdom republic america american english french german spanish italian dutch
    russian chinese japanese arabic hindi turkish british european asia africa europe australia canada india
    china japan france germany spain italy england london york chicago boston texas california washington
    berlin paris monday tuesday wednesday thursday friday saturday sunday january february march april may
    june july september october november december jan feb mar apr jun jul aug sep oct nov dec today tomorrow
    yesterday inc ltd llc corp corporation company co gmbh ag plc group holdings partners associates
    industries technologies technology systems solutions services service software labs studio studios media
    bank university college school institute hospital clinic church museum library center centre hotel
    restaurant international national global federal association foundation society committee council
    department ministry office agency bureau board supreme district circuit act law section article chapter
    title page figure table appendix version release update build beta android ios iphone ipad apple google
    microsoft windows linux facebook instagram twitter amazon samsung huawei xiaomi pixel galaxy chrome
    firefox safari webview bluetooth wifi usb gps api sdk url http https json xml html css sql app apps
    application applications account accounts user users admin customer customers client clients patient
    employee manager engineer developer designer director officer analyst consultant assistant secretary
    president chairman team support help settings setting profile privacy policy terms conditions notice
    warning error info debug fatal success failed failure status type key value name first last full email
    mail phone mobile address date time number code id password login sign log out up open close save cancel
    delete edit add remove create view show hide start stop continue next back previous done ok submit send
    share download upload search find home menu main screen button icon image photo video music song album
    movie film book game play player pause shop store cart order orders payment card credit debit price sale
    free total amount balance invoice bill receipt report reports record records file files folder document
    documents data database network server device devices system default custom sample example test demo
    unknown null true false world war press times post news daily weekly journal magazine review series
    season episode league cup red blue green white black light dark yellow orange purple pink golden silver
    gold happy merry birthday christmas easter day night morning evening week month year years model serial
    mode medium high low active inactive enabled disabled public private internal external standard premium
    basic pro plus lite max mini ultra pacific atlantic summer daylight mean mother maiden middle surname
    given family legal preferred collected verified audit agent summarizer verifier drafter judge justice
    plaintiff defendant witness counsel attorney respondent petitioner appellant appellee hon confidential
    contract agreement exhibit case docket filed motion opinion brief subject regarding maintainer owner
    author contact org organization organisation dept marketing engineering sales finance human resources
    operations acme enterprises logistics airlines air lines express motors energy electric power gas oil
    steel capital insurance financial investments trust fund funds equity securities ventures consulting
    background foreground activity fragment receiver provider handler listener adapter controller location
    camera audio input output keyboard display battery storage memory thread process package permission
    notification notifications message messages push event events session token request response cache
    hotspot channel campaign launched viewed charged clicked added removed installed uninstalled product
    category mister sir madam everyone everybody somebody nobody all folks friends guys class string integer
    boolean object array list map set bold italic regular sans serif mono thin semi condensed extended font
    roman falls springs heights creek ridge canyon desert coast bridge gate station airport stadium arena
    theatre theater palace castle tower cathedral abbey cemetery prize award awards championship tour band
    orchestra choir ensemble quartet label
"""
_STOP = frozenset(_STOP_WORDS.split())
"""Words that are in no name where two stand together: of sentences, places, firms, titles, screens and logs."""
_SURNAMES = frozenset(
    b"white black green brown gray gold silver park hill hills lake west north east day price law church london york"
    b" court judge case page king long little good lane bond banks love light winter moon power steel fields france"
    b" german french english ireland holland chase rivers waters best read".split()
)
"""Some of them are family names, behind a given one."""

_FIRM = re.compile(
    rb"[ ,]{1,2}(?:Inc|Ltd|LLC|L\.L\.C|Corp|Corporation|Company|Co\b|GmbH|AG\b|PLC|plc|S\.?A\b|SARL|B\.?V\b|Group"
    rb"|Holdings|Partners|LLP|& |and (?:Sons|Co\b|Associates|Partners)|University|Institute|Foundation|Street|St\b"
    rb"|Road|Rd\b|Avenue|Ave\b|Lane|Drive|Blvd|Boulevard|Way\b|Court\b|Airport|Hospital|School|College|Bank|Hotel|Park\b"
    rb"|Stadium|Museum|International|Award|Prize|Library|Church|County|Center|Centre|Theat|Bridge|Building|Tower)"
)
THINGS = re.compile(rb"(?:%b)(?:e?s)?" % NOT_A_PERSON)
NEAR_PERSON = re.compile(
    rb"e-?mail|phone|mobile|birth|\bdob\b|\bssn\b|sur_?name|first_?name|last_?name|address|passport|gender"
    rb"|@[a-z0-9\-]+\."
)
NEARBY = 160
"""Bytes to either side in which other personal data, or an email address of that name, supports a guess."""
_FOLDED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe"})


def folded(text: bytes) -> str:
    """Lower case without marks, bidi controls and zero widths; letters of other scripts than Latin as they are."""
    plain = unicodedata.normalize("NFKC", text.decode("utf-8", "replace").lower()).translate(_FOLDED)
    parts = unicodedata.normalize("NFD", plain)
    bare = "".join(each for each in parts if not unicodedata.combining(each) and unicodedata.category(each) != "Cf")
    return unicodedata.normalize("NFC", bare) if not bare.isascii() else bare


def is_person(name: bytes, behind: bytes) -> bool:
    """Whether nothing in it or right behind it speaks of a place, a firm, a title or a screen."""
    words = folded(name).split()
    bare = [word.strip(".'’-").encode() for word in words]
    if bare and bare[-1] in _SURNAMES and words[0] in GIVEN:
        bare.pop()
    if any(word in _STOP for word in bare) or _FIRM.match(behind):
        return False
    return not all(len(word.strip(".")) < 2 for word in words)


def stripped(name: bytes) -> bytes:
    """Without words before it that belong to the sentence: `Customer Jane Roe`, `Hello Jane Roe`."""
    while b" " in name and folded(name.split(b" ", 1)[0]).strip(".'").encode() in _STOP:
        name = name.split(b" ", 1)[1]
    return name


def has_given(name: bytes) -> bool:
    """Whether one of its first two words is a common given name."""
    words = folded(name).split()
    first = [part for word in words[:2] for part in (word, *word.split("-"))]
    return any(word in GIVEN for word in first)


_LOCAL = re.compile(r"([\w.+%\-]{3,64})(?:@|%40)")


def is_named_in(name: bytes, around: bytes) -> bool:
    """Whether an email address nearby is made of the name: its last word, or the first and a letter of the last."""
    if b"@" not in around and b"%40" not in around:
        return False
    words = [re.sub(r"\W", "", word) for word in folded(name).split()]
    told = [word for word in words if len(word) > 2 or (word and not word.isascii())]
    for found in _LOCAL.finditer(folded(around)):
        local = re.sub(r"[\W_]", "", found[1])
        if sum(word in local for word in told) > 1 or (words[-1:] and len(words[-1]) > 3 and words[-1] in local):
            return True
    return False
