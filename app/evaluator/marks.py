"""Turns of speech that mark how a seat bargains: a reason, a summary, a threat, a date."""

from __future__ import annotations

from app.evaluator.hearing import Phrase

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_FIGURES = " ".join(map(str, [*range(32), *range(2020, 2041)]))
MARKS: dict[str, Phrase] = {
    "reasons": Phrase(
        r"\b(?:because|so that|in order to|matters? to|(?:our|my) (?:concern|interest|worry|"
        r"need|fear)|(?:we|i) (?:need|worry|fear|care)|(?:the|a) reason|since (?:we|i)|otherwise|"
        r"(?:that|this|which) is why|what matters|(?:it|this|that|which) would (?:leave|cost|mean|"
        r"spare|spoil|ask|serve|give)|(?:have|has) to be one that)\b",
        "because so order matter concern interest worry need fear care reason since otherwise "
        "why would have has",
    ),
    "why": Phrase(
        r"\b(?:why|what (?:worries|concerns|matters|do you need|would you need|is "
        r"important|lies behind|keeps|stands|holds|makes it|would make|would it take)|what is it "
        r"that|help (?:us|me) understand)\b",
        "why what help",
    ),
    "open": Phrase(
        r"\b(?:what|how|why|which|tell (?:us|me)|explain|describe|where do you)\b",
        "what how why which tell explain describe where",
    ),
    "summary": Phrase(
        r"\b(?:let me (?:summari[sz]e|sum up|recap)|to sum(?:mari[sz]e)? up|to recap|"
        r"in summary|so far we have|as i understand|if i understand|what i hear|"
        r"so what you are saying|you are saying that)\b",
        "summarise summarize summary sum recap far understand hear saying",
    ),
    "check": Phrase(
        r"\b(?:is that (?:right|correct|fair)|did i get that|have i understood|do i "
        r"understand|correct me|am i right)\b",
        "right correct fair get understood understand",
    ),
    "sketch": Phrase(
        r"\b(?:what if|suppose|imagine|one option|another option|alternatively|either|"
        r"for example we|brainstorm|hypothetically|(?:how|what) about|how would it be|"
        r"has anyone considered|try this)\b",
        "what suppose imagine option alternatively either example brainstorm hypothetically "
        "how has try",
    ),
    "cite": Phrase(
        r"\b(?:treaty|charter|article \d+|law|legal|precedent|practice|court|"
        r"resolution|convention|constitution|memorandum|armistice|statute|according to|"
        r"statistics|survey|report|standard|expert)\b",
        "treaty charter article law legal precedent practice court resolution convention "
        "constitution memorandum armistice statute according statistics survey report standard "
        "expert",
    ),
    "threat": Phrase(
        r"\b(?:or else|you will (?:regret|pay|be sorry)|last warning|final warning|"
        r"we (?:will|shall) (?:punish|destroy|crush|ruin|make you)|ultimatum|"
        r"consequences)\b",
        "else regret pay sorry warning punish destroy crush ruin make ultimatum consequences",
    ),
    "warning": Phrase(
        r"\b(?:we would have to|we could not sign|without that we|our members would|"
        r"that is a red line|beyond our mandate|we would have no choice|(?:we|i) (?:cannot|can't|"
        r"could not|will not|shall not) (?:sign|accept|agree|go|do|defend|carry|move))\b",
        "would sign without members red beyond choice cannot can could will shall",
    ),
    "irritator": Phrase(
        r"\b(?:(?:our|my|this|a|an|most|very|more than|too|already) generous|obviously|"
        r"clearly you|as any reasonable|with all due respect|"
        r"be serious|common sense|you people|unreasonable|ridiculous)\b",
        "generous obviously clearly reasonable due serious sense people unreasonable ridiculous",
    ),
    "thanks": Phrase(
        r"\b(?:thank|thanks|grateful (?:to|that|for (?:your|this|that|the|it))|appreciate|"
        r"(?:we|i) (?:understand|see that|recogni[sz]e|acknowledge|know how)|hard for you|"
        r"well said|you are right|(?:fair|good) (?:question|point)|(?:fair|decent|reasonable) "
        r"thing to ask|(?:we|i) respect)\b",
        "thank grateful appreciate understand see recognise recognize acknowledge know hard said "
        "respect right question point thing",
    ),
    "vague": Phrase(
        r"\b(?:soon|appropriate|reasonable|as needed|best efforts?|in due course|where "
        r"possible|adequate|timely|as soon as)\b",
        "soon appropriate reasonable needed effort due possible adequate timely",
    ),
    "dated": Phrase(
        rf"\b(?:by|before|until|within|from|on) (?:the )?(?:\d|\w+ \d|(?:\w+ of )?(?:{_MONTHS})|"
        rf"monday|"
        r"friday|midnight|(?:one|two|three|six|ten) (?:days|weeks|months|years))\b",
        f"{_MONTHS.replace('|', ' ')} monday friday midnight day week month year {_FIGURES}",
    ),
    "checked": Phrase(
        r"\b(?:verif\w+|inspect\w*|monitor\w*|report to|audit\w*|review\w*|observer\w*)\b",
        "verify inspect monitor report audit review observe",
    ),
    "agenda": Phrase(
        r"\b(?:agenda|let us (?:first|begin|start)|shall we (?:begin|start)|one by one|"
        r"next (?:point|issue)|move on to|how shall we proceed)\b",
        "agenda first begin start one next move proceed",
    ),
}
"""Turns of speech by what they are a mark of; searched in lower-case words."""

BY_HEAD: dict[str, list[str]] = {}
"""Marks to look for where a word with this head stands; those of questions are not among them."""
for _name, _mark in MARKS.items():
    for _head in _mark.heads if _name not in ("why", "open") else ():
        BY_HEAD.setdefault(_head, []).append(_name)
