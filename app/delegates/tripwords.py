"""Words and patterns by which a speech gives itself away; what of them matters the wires say."""

from __future__ import annotations

import re

_TEXT = (
    r"(?:drafts?|offers?|texts?|packages?|proposals?|papers?|deals?|agreements?|terms|"
    r"settlements?|"
    r"treaty|compromise|conditions?|version|it|this|that|them)"
)
_PAPER = r"(?:drafts?|offers?|texts?|packages?|proposals?|papers?)"
_NAMED_TEXT = (
    rf"(?:[\w']+ ){{0,2}}{_PAPER}(?: (?:no\.? ?)?\d+)?(?: (?:of|by|from) [\w']+(?: [\w']+){{0,2}})?"
)
_US = (
    r"\b(?:we|i|our (?:side|delegation|government|capital|state)|(?:this|my|the) delegation|"
    r"our (?:answer|position) is (?:yes|that we))\b"
)

ACCEPTING = re.compile(
    r"our answer (?:to [^.;:!?]{1,40} )?is (?:[\w']+ ){0,2}yes\b|"
    rf"{_US}(?:[^.;:!?]{{0,40}}?)\b(?:"
    rf"accept(?:s|ed)?\b(?! that (?!(?:the |your |this |their |his |her )?{_PAPER}\b)| (?:the|this|"
    r"our) (?:need|fact|principle|criticism|responsib\w+|point|invitation)\b)|"
    r"agree(?:s|d)?\b(?! that\b| with (?:the point|much|that point)\b| on the need\b)|"
    r"consent(?:s|ed)?\b|hereby\b|ratif(?:y|ies|ied)\b|concede(?:s|d)?\b|capitulate|"
    r"surrender\b|"
    rf"(?:endorse|approve|sign|join|back|support|subscribe|adopt|embrace)(?:s|d|ed)?\b"
    rf"[^.;:!?]{{0,30}}\b{_TEXT}\b|"
    r"(?:commit|bind|pledge|oblige)(?:s|ted)?\b(?: ourselves| itself| myself)?\b|"
    r"undertake(?:s|n)?\b|"
    rf"takes? {_NAMED_TEXT} (?:as it (?:is|stands)|in full|whole)\b|"
    r"(?:are|is|am) (?:hereby |fully |legally |now )?(?:bound|committed|on board|in "
    r"agreement)\b)"
)
"""First person and a verb that takes something on."""

SWEEPING = re.compile(
    r"\b(?:everything|anything|whatever|unconditional\w*|without (?:any )?conditions?|"
    r"all (?:of )?(?:your|their|the|his|her|these|those|offers|drafts|demands|terms)|in full|"
    r"every (?:offer|draft|demand|term|condition))\b"
)
"""What no endorsement of a numbered draft comes to."""

DEAL = re.compile(
    r"\b(?:(?:we|you|they) (?:now )?have (?:a |an |our |my |reached (?:a |an )?)"
    r"(?:deal|agreement|word|signature|commitment|accord)|"
    r"(?<!the day )(?<!the moment )(?<!as soon as )(?<!once )(?<!when )(?<!after )"
    r"(?:it|this|that|everything) is (?:hereby )?(?:agreed|settled|a deal(?=[.!,;]|$)|(?:legally "
    r")?binding|signed|"
    rf"done)|consider (?:it|this|{_NAMED_TEXT}) (?:as )?"
    r"(?:agreed|signed|done|accepted|settled|binding)|"
    r"(?:the|this) (?:deal|agreement|treaty) is (?:done|signed|closed|made|concluded|sealed)|"
    r"count us in|done deal|legally binding (?:offer|commitment|acceptance)|no takesies|"
    r"our signature (?:is|stands)|(?:offer|draft|package|text) (?:no\.? ?)?\d+ is accepted|"
    r"(?:accepted|agreed|deal)[!.]?$|^(?:accepted|agreed|deal|yes)\b[,!.])"
)
"""Claims that something has been concluded: only the rules of procedure can say that."""

TABLING = re.compile(
    rf"{_US}[^.;:!?]{{0,30}}\b(?:table|tabled|submit|put forward|put before you|lay before|"
    rf"offer(?! (?:no\.? ?)?\d)|propose|present)\b (?:you )?"
    rf"(?:(?:a|an|the|this|our|[\w,]+) ){{0,5}}{_PAPER}\b"
)
LEAVING = re.compile(
    rf"{_US}[^.;:!?]{{0,30}}\b(?:leav(?:e|es|ing)|walk(?:s|ing)? (?:away|out)|quit(?:s|ting)?|"
    r"abandon(?:s|ing)?)\b[^.;:!?]{0,20}\b(?:table|talks|room|negotiations?|conference)\b"
)
WITHDRAWING = re.compile(
    rf"{_US}[^.;:!?]{{0,30}}\b(?:withdraw|withdrew|retract|revoke|rescind|take back|pull)\b"
    r"[^.;:!?]{0,30}\b(?:endorsement|support|name|signature|offers?|drafts?|texts?|proposals?|"
    r"packages?|consent|claims?|demands?|objections?)\b"
)
SOFTENED = re.compile(
    r"\b(?:not|never|cannot|can't|won't|don't|couldn't|wouldn't|unable|refuse|nor|neither|"
    r"before|"
    r"until|unless|if|would|could|might|may|without|whether|no one|nobody|hardly|far from|"
    r"rather than|"
    r"instead of|in order to|need to|want to|wish to|hope to|asked? to|invited? to|when we|"
    r"once we|were we|had we|should we)\b"
)
"""What makes a taking on no taking on: a negation or a condition before the verb."""
TWICE = re.compile(
    r"\b(?:not (?:hesitate|only|merely|just|fail)|never (?:hesitate|doubt)|no longer "
    r"(?:object|resist)|"
    r"cannot but|can only|could not but|without (?:hesitation|reservation|delay|condition))\b"
)
"""A negation that is none."""
OTHERS_ACT = (
    r"(?: delegation| side)?(?:,)? (?:has |have |had |will |hereby |also |now |already |thus |"
    r"(?:ful|private|quiet|secret|formal|clear|final)ly )*"
    r"(?:(?:is|are) on board|accept(?:s|ed)?|agree(?:s|d)?|endorse(?:s|d)?|sign(?:s|ed)?|"
    r"commit(?:s|ted)?|"
    r"promise(?:s|d)?|"
    r"withdr(?:aws?|ew|awn)|concede(?:s|d)?|undertake(?:s|n)?|surrender(?:s|ed)?|pledge(?:s|"
    r"d)?|"
    r"capitulate(?:s|d)?|give(?:s|n)? up)\b"
)
SUPPOSED = re.compile(
    r"\b(?:if|whether|until|unless|should|once|when|before|hope|ask|asks|asked|expect|want|"
    r"would|let|"
    r"may|could|must|can|why|what|how|invite|urge|suppose|provided|so that|for|than|see|"
    r"of)\b[^.;:!?]*$"
)
BEHALF = re.compile(
    r"\b(?:(?:on behalf of|in the name of)(?! (?:our|my|the delegation|this delegation|ourselves))|"
    r"(?:speak|speaking|answer|sign|signing) for (?:all|every|both|the others|the table|the rest|"
    r"you\b))"
)
TAGS = (
    *("chair", "the chair", "mediator", "the mediator", "facilitator", "the facilitator"),
    *("system", "assistant", "user", "moderator", "developer", "human", "ai", "narrator"),
)
"""Tags of speakers that are no seats."""
NAMED = re.compile(r"^(?:[A-Z][\w'-]*\s?){1,3}:\s+[\"']?(?:We|I|Our|My)\b")
SCORE = re.compile(
    r"\b\d+(?:\.\d+)?\s*(?:points?|pts)\b|"
    r"\b(?:worth|scores?|totals?|floor|threshold|reservation|utility|value|minimum|mandate|"
    r"aspiration|"
    r"target|limit|bottom line)\b[^.;:!?]{0,25}\b\d{1,3}\b(?! (?:%|percent|years?|months?|"
    r"days?|"
    r"billion|million|km|kilomet))|"
    r"\b(?:score ?sheet|reservation (?:value|point|price)|batna|aspiration level|no[- ]deal "
    r"value|"
    r"(?:confidential|secret|private|internal) (?:brief|briefing|instructions?|mandate|orders|"
    r"sheet|"
    r"notes?)|our (?:real |true |secret )?(?:least|minimum|bottom line) is|red line [a-z]?\d)\b"
)
META = re.compile(
    r"\b(?:as an? (?:ai|language model|assistant)|language model|system prompt|system message|"
    r"my (?:prompt|instructions|programming|developers?)|(?:ignore|disregard|forget|override) "
    r"(?:all |"
    r"any |the |your |my |every )*(?:previous|prior|above|earlier|instructions?|rules|orders)|"
    r"chatgpt|openai|anthropic|jailbreak|developer mode|i am an ai|i'm an ai|prompt injection|"
    r"new instructions?|dan mode|here(?:'s| is) (?:a|the|my) (?:statement|speech|response|reply))\b"
)
MARKUP = re.compile(
    r"https?:|www\.|\bdata:|\]\(|<[a-z/!?]|```|[{}|\\]|\bon_[a-z]+|[a-z]\w*=\w|\w@\w+\.\w|"
    r"^#{1,6} |"
    r"&#?\w+;|(?:^|\n)\s*[-*\u2022] |\w\*\*[^:\w]|\s\*\*\w|\$\(|\[\[|<<"
)
BLOB = re.compile(
    r"\S{41,}|\b[0-9a-f]{16,}\b|\b(?=\w*\d)(?=\w*[a-z])[a-z0-9+/]{14,}={0,2}|"
    r"(?:\b\w[ ._-]){6}"
)
COURTESY = re.compile(
    r"\b(?:thank\w*|grateful|gratitude|appreciat\w+|applaud\w*|commend\w*|admir\w+|"
    r"congratulat\w+|"
    r"honou?red|wonderful|excellent|brilliant|magnificent|praise\w*|salute|farewell|goodbye|"
    r"splendid|marvellous|delighted|good bye|remarkable wisdom)\b"
)
PRAISE = re.compile(
    r"\byour (?:[\w-]+ )?(?:wisdom|statesmanship|generosity|genius|eloquence|brilliance|courage|"
    r"kindness|foresight|greatness|grace(?! period)|"
    r"(?:vision|dedication)(?! (?:of|for|to|on)\b))\b|"
    r"\byour (?:great|bold|wise|strong|able|inspir\w+|visionary|remarkable) leadership\b|"
    r"\byou are (?:(?:an?|the|so|such|indeed|all|most|very|true|real|\w+ly) )*(?:visionar\w+|"
    r"genius\w*|inspir\w+|beacon|generous|gracious|statesm[ae]n|example|wise(?! to\b)|"
    r"kind(?! of\b)|great(?! powers?\b| deal\b))\b"
)
"""Praise of whoever is spoken to; it is none where the sentence denies or limits something."""
DENIED = re.compile(
    r"n't\b|\b(?:not|never|no|nor|nobody|nothing|without|hardly|but|little|too|unless|if)\b|\?"
)
_TITLE = (
    r"(?:President|(?:Prime |Foreign |Defence )?Minister|Chancellor|Secretary(?: of State)?|"
    r"Secretary General|General|Ambassador|Senator|Dr|Mr|Mrs|Ms|Mx|Sir)\.?"
)
_NAMES = r"[A-Z][\w'-]+(?: (?:(?:de|di|la|van|von|der|den|al|el|bin) )*[A-Z][\w'-]+)"
_SELF = r"\b(?:I am|I'm|(?i:my name is|speaking as))"
POSING = re.compile(
    rf"\bI, (?:{_TITLE} )*(?P<name>{_NAMES}*),|"
    rf"{_SELF} {_TITLE} (?:{_TITLE} )*(?P<titled>{_NAMES}*)|"
    rf"\b(?i:as) {_TITLE} (?:{_TITLE} )*(?P<being>{_NAMES}*),? (?:I|[Ww]e)\b|"
    rf"(?:^|[^\w\s] )(?i:signed|yours)(?: \w+ly)?,? (?:{_TITLE} )*(?P<below>{_NAMES}+)\W*$|"
    rf"{_SELF} (?P<full>{_NAMES}+)(?=[^\w\s]| (?:and|of|for|from)\b|\s*$)"
)
"""A person's name for oneself, in a sentence as it is written. Who is named after "as" is the
speaker only where the speaker goes on, and who is named after "signed" only as a signature."""
ADDRESSED = frozenset(
    re.findall(
        r"\w+",
        "madam madame mister sir chair chairman chairwoman mediator facilitator colleagues "
        "excellency excellencies ladies gentlemen friends president prime foreign defence minister "
        "chancellor secretary general state ambassador senator dr mr mrs ms mx",
    )
)
"""Whom one speaks to, after "I" and a comma; a title alone is no name."""
COMMON = frozenset(
    re.findall(
        r"\w+",
        "the a an of to in on for with and or but not no we our us it its is are be been was were "
        "will "
        "would can could should may might must have has had do does this that these those there "
        "their "
        "they them you your he she his her i my as at by from into over under than then so if "
        "when which "
        "who what how all any both each few more most other some such only own same too very just "
        "also "
        "yet still now here before after until while because about against between through up "
        "down out "
        "off again once",
    )
)
"""English words without which hardly six words can be put together."""
FOREIGN = re.compile(
    r"\b(?:acceptons|j'accepte|d'accord|signons|approuvons|akzeptieren|stimmen (?:wir )?zu|"
    r"annehmen|"
    r"einverstanden|unterzeichnen|aceptamos|acordamos|firmamos|accettiamo|siamo d'accordo|"
    r"firmiamo|"
    r"aceitamos|concordamos|assinamos|zgadzamy|akceptujemy|podpisujemy|kabul ediyoruz|"
    r"accepteren|"
    r"akkoord|soglasn\w*|prinimaem|pryimaiemo|accipimus|hyväksymme|accepterar|godtar)\b"
)
