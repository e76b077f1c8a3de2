"""Turns of speech by which the ledger's reader tells one act from another. Lower case only."""

from __future__ import annotations

import re

from app.evaluator.hearing import Either, Phrase, heads_of, words_of

SENTENCE = re.compile(r"[^.!?\n;]+(?:\.(?=\d)[^.!?\n;]*)*(?:[.!?;]+|\n|$)")
"""A sentence; a point between figures ends none."""

LINK = Phrase(
    r"\b(but|however|although|though|whereas|because|since|provided(?: that)?|as long as|"
    r"so long as|"
    r"on (?:the )?condition that|unless|only if|if|once|in exchange for|in return for|in return|"
    r"then|except(?: for)?|instead of|rather than)\b",
    "but however although though whereas because since provided long condition unless if once "
    "exchange return then except instead rather",
)
JOIN = re.compile(r" and (?=(?:we|i|you|they)\b)|, (?=(?:we|i|you|so)\b)")
CONDITION = frozenset(
    ("if", "only if", "once", "provided", "provided that", "as long as", "so long as", "unless",
     "on condition that", "on the condition that")
)  # fmt: skip
TRADE = frozenset(("in exchange for", "in return for"))
INSTEAD = frozenset(("instead of", "rather than", "except", "except for"))

FIRST = r"(?:we|i|our (?:side|delegation|government|team|members)|my (?:side|delegation|client))"
_ADVERB = (
    r"(?:(?:'?(?:ll|d|m|re|ve)|can|could|will|would|shall|am|are|have|do|also|now|gladly|hereby|"
    r"therefore|formally|then|still|both|all|happy|ready|prepared|willing|able|pleased|glad|to|"
    r"be|fully|certainly|just|really|finally|herewith|again|too|indeed|agree|agreed|be able|"
    r"like|want|not|never|cannot|can't|won't|don't)[ ,]+){0,7}"
)
OFFER = Either(
    (
        rf"\b{FIRST}[ ']+{_ADVERB}(?:offer|propose|suggest|put forward|table|proposing|offering|"
        r"suggesting|recommend|go (?:with|for)|settle (?:for|on)|live with|grant|concede|give|"
        r"take|sign (?:for|on)|commit to|stand by|stick (?:with|to)|stay with|keep|include)s?\b",
        "offer propose suggest put table proposing recommend go settle live grant concede give "
        "take sign commit stand stick stay keep include",
    ),
    (rf"\b{FIRST} (?:can|could) (?:do|manage|stretch to|go to)\b", "do manage stretch go"),
    (
        r"^\W*(?:(?:my|our|the|new|final|latest|here is (?:my|our)|this is (?:my|our)) ?){1,3}"
        r"(?:offer|proposal|package|suggestion|draft|terms?|position|bid|text)\b",
        "offer proposal package suggestion draft term position bid text",
    ),
    (
        r"^\W*(?:so |ok |okay |well |then )?let(?:'s| us) (?:agree|settle|take|go|say|do|sign|put|"
        r"make|have|split|write|fix|set|keep)\b",
        "let",
    ),
    (
        r"^\W*(?:offer|proposal|deal|compromise|package|final terms|agreed text)\s*[:\-=]|<deal>",
        "offer proposal deal compromise package final agreed",
    ),
)
WANT = Phrase(
    rf"\b{FIRST}[ ']+(?:\w+ ){{0,2}}?(?:want|need|demand|insist on|ask for|require|must have|"
    r"expect|call for|request|prefer|would like|'d like|seek|favou?r)s?\b|"
    r"\b(?:you|they) (?:must|should|have to|need to|would have to)\b|^\W*give us\b",
    "want need demand insist ask require must expect call request prefer like seek favor "
    "favour should have give",
)
TAKE_UP = Either(
    (
        rf"\b{FIRST}[ ']+{_ADVERB}(?:accept|agree|endorse|support|back|sign|approve|take|second|"
        r"welcome and accept|consent|subscribe|concur|accepting|agreeing|adopt|confirm)s?\b",
        "accept agree endorse support back sign approve take second welcome consent subscribe "
        "concur accepting agreeing adopt confirm",
    ),
    (
        r"^\W*(?:yes|ok|okay|fine|great|good|well|alright|all right|very well|then|and|so|done|"
        r"perfect|excellent|right|sure|thank you|thanks)?[\W]*(?:(?:it's|it is|that's|that is|"
        r"we have|we've got|you have|you've got|consider it)(?: a| it)? )?"
        r"(?:agreed|deal|done deal|accepted|a deal|granted|settled|signed|it's a deal)\b",
        "agreed deal done accepted granted settled signed",
    ),
    (r"\b(?:no objections?|nothing against)\b", "objection nothing"),
    (
        rf"\b{FIRST} (?:do not|don't|would not|wouldn't|will not|won't) (?:object|oppose|mind)\b",
        "object oppose mind",
    ),
    (rf"\b{FIRST} (?:can|could) (?:live with|sign|support|accept)\b", "live sign support accept"),
    (
        r"\bthat (?:works|would work|suits|is acceptable|is fine|'s fine|sounds (?:good|fair|fine))"
        r"\b|\bthat's (?:fine|acceptable|good)\b",
        "work suit acceptable fine sound good fair",
    ),
    (r"^\W*(?:sounds|looks) (?:good|fair|fine)\b", "sound look"),
    (
        r"^\W*(?:works for (?:us|me)|so be it|count us in|you have our (?:agreement|consent|yes)|"
        r"we are agreed|we're agreed|yes to)\b",
        "work so count agreement consent yes agreed",
    ),
    (
        r"\b(?:works|is (?:fine|acceptable|ok|okay|agreed|good)|are (?:fine|acceptable|agreed)) "
        r"(?:for|with|to|by) (?:us|me)\b",
        "work fine acceptable ok okay agreed good",
    ),
)
BARE_YES = re.compile(
    r"^\W*(?:yes|yep|yeah|ok|okay|fine|agreed|deal|done|accepted|granted|sure|certainly|of course|"
    r"absolutely|gladly|very well|all right|alright)\W*(?:please|then|thank you|thanks|with us|"
    r"by us|all|it is|everyone|colleagues?)?\W*$"
)
EMPTY_AGREEMENT = Phrase(
    r"\bagree(?:d|s)? that\b(?! (?:package|offer|proposal|text|deal|point))|"
    r"\bagree(?:d|s)?\b[^.]{0,20}?\b(?:to disagree|to (?:talk|meet|discuss|continue|consider|"
    r"keep talking|look|think|explore|study)|on the (?:importance|need|goal|principle|aim)|"
    r"with (?:you|your (?:concern|concerns|point|view|analysis|assessment|sentiment)|the (?:point|"
    r"sentiment|concern|analysis|goal|aim)))\b|\b(?:support|back|welcome|accept|endorse) (?:your "
    r"(?:concern|concerns|effort|efforts|point|goal|role|invitation|apology|thanks|view|right)|"
    r"the (?:idea|goal|effort|efforts|aim|principle|fact|need|process|spirit)|"
    r"that (?:the|we|you|it|they|there|our|your|this|peace)\b)|"
    r"\bsign(?:s|ed|ing)? of\b",
    "agree support back welcome accept endorse sign",
)
HEDGE = Phrase(
    r"\b(?:might|maybe|perhaps|possibly|potentially|could (?:imagine|consider|see|envisage|"
    r"conceive)|would (?:consider|look at|think about|study|be open|have to (?:see|check|ask))|"
    r"will (?:consider|look|think|study|reflect|see)|consider(?:ing)?|open to|think about|"
    r"thinking about|look at|not rul(?:e|ing) out|in theory|in principle|one day|some day|"
    r"hypothetically|suppose|imagine|not (?:yet )?sure|let us see|let's see|we'll see|"
    r"subject to|pending|until our capital|take (?:it|this|that) (?:back )?to (?:our|the|my) "
    r"(?:capital|board|members|boss|government)|need (?:more )?time|sleep on|not (?:yet )?(?:in a "
    r"position|ready|able)|leaning|tempted|inclined|worth (?:a thought|exploring|considering)|"
    r"inch towards|warm to|explore|in the right direction|food for thought|depends)\b",
    "might maybe perhaps possibly potentially imagine consider see envisage conceive look think "
    "study open check ask reflect rule ruling theory principle day hypothetical suppose sure "
    "subject pending until capital board member boss government time sleep yet position ready "
    "able leaning tempted inclined worth inch warm explore direction food depends",
)
SARCASM = Either(
    (r"\bwhy (?:don't we|not) (?:just )?(?:give|hand|sign|throw)\b", "give hand sign throw"),
    (r"\bwhile (?:we|you)'?(?:re| are) at it\b", "while"),
    (r"\b(?:yeah,? right|oh,? sure|sure,? (?:and|why))\b", "yeah sure"),
    (r"\bwhat next\b", "next"),
    (
        r"\b(?:of course|oh great|wonderful|brilliant),? (?:and )?(?:then )?"
        r"(?:we|you|why|let's)\b",
        "course great wonderful brilliant",
    ),
    (
        r"\b(?:very funny|in your dreams|when (?:hell|pigs)|dream on|how generous)\b",
        "funny dream hell pigs generous",
    ),
)
NEGATED = Phrase(
    r"\b(?:not|\w+n't|never|no|nor|neither|without|cannot|refuse\w*|reject\w*|oppos\w+|against|"
    r"exclud\w+|rul(?:e|es|ed|ing) out|drop|abandon|scrap|far from|hardly|unthinkable|impossible|"
    r"unacceptable|out of the question|unable|unwilling|nothing|nobody|block|veto|"
    r"anything but|non-?starter|off the table|too (?:much|far|low|high|little)|decline\w*|"
    r"red lines?)\b",
    "not t never no nor neither without cannot refuse reject oppose against exclude excluding "
    "rule ruling drop abandon scrap far hardly unthinkable impossible unacceptable question "
    "unable unwilling nothing nobody block veto anything non nonstarter off too decline red",
)
HARMLESS = re.compile(
    r"\b(?:not only|nothing (?:but|less than)|no objections?(?: to)?|nothing against|(?:would|will|"
    r"do|does|can) ?n[o']t (?:object|oppose|mind|block|stand in the way)|"
    r"(?:won't|don't|wouldn't) (?:object|oppose|mind|block)|no problem|not opposed|no doubt|"
    r"no (?:union )?preference|no (?:federal )?loan|no compensation|without (?:delay|reservation|"
    r"hesitation|further ado|conditions?|more ado)|no (?:later|less|more) than|no (?:more|"
    r"less)(?=\W*$)|no further|"
    r"not bad|why not|not a (?:cent|penny|euro|day|boat|metre|step) (?:more|less|further)|"
    r"nothing (?:more|less))\b"
)
REFUSE = Either(
    (
        rf"\b{FIRST}[ ']+(?:\w+ ){{0,3}}?(?:reject|refuse|decline|oppose|veto|cannot|can't|won't|"
        r"will not|do not|don't|would never|will never|could never|are unable|are not)\b",
        "reject refuse decline oppose veto cannot t not never unable",
    ),
    (
        r"\b(?:is|are|remains?) (?:unacceptable|not acceptable|out of the question|a non-?starter|"
        r"impossible|off the table)\b",
        "unacceptable acceptable question non nonstarter impossible off",
    ),
    (
        r"^\W*(?:no|never|not a chance|out of the question|rejected|refused)(?:\W|$)",
        "no never chance question rejected refused",
    ),
)
RETRACT = Either(
    (
        r"\b(?:withdraw|take back|retract|rescind|revoke|pull back|cancel|scratch|forget)"
        r"(?:s|ing)? (?:\w+ ){0,3}?(?:offers?|proposals?|acceptance|support|agreement|consent|"
        r"signature|endorsement|concession|word|yes|package|terms|what (?:we|i) said)\b",
        "withdraw back retract rescind revoke cancel scratch forget",
    ),
    (r"\b(?:take|taking) (?:it|that|this|our \w+|my \w+) back\b", "back"),
    (
        r"\bno longer (?:accept|offer|support|agree|stand (?:by|behind)|back|endorse|propose|"
        r"on offer|on the table)\b",
        "longer",
    ),
    (r"\bchanged (?:our|my) minds?\b", "changed"),
    (r"\bback(?:ing)? out\b", "back backing"),
    (
        r"\b(?:we|i) (?:retract|rescind|take back|must withdraw from)\b",
        "retract rescind back withdraw",
    ),
    (
        r"\b(?:our|my) (?:offer|acceptance|agreement|consent|support) (?:is|no longer|has been|"
        r"does not) (?:off|void|withdrawn|stand\w*|hold\w*|revoked|gone)\b",
        "off void withdrawn stand hold revoked gone",
    ),
    (r"\bthe deal is off\b", "off"),
)
WALK = Either(
    (
        rf"\b{FIRST}(?:'re| are|'m| am|'ll| will| shall)? (?:now )?(?:walk(?:ing)? (?:away|out)|"
        r"leav(?:e|ing) (?:the (?:table|talks|room|negotiations?)|these talks|now)|done (?:here|"
        r"talking)|end(?:ing)? (?:these|the) (?:talks|negotiations?)|break(?:ing)? off|"
        r"through with (?:this|these talks)|going home|out of (?:here|these talks))\b",
        "walk walking leave leaving done end ending break breaking through going out",
    ),
    (r"^\W*(?:walk(?:ing)?[ -]away|no deal(?: today| then)?|we have no deal)\W*$", "walk deal"),
    (r"\bthere (?:is|will be) no deal\b", "deal"),
    (r"\bthese talks are over\b", "over"),
)
QUESTION = re.compile(
    r"^\W*(?:and |but |so |well |ok |okay |now |then )?(?:(?:would|could|will|can|do|does|did|are|"
    r"is|was|were|have|has|should|may|might|shall)\b|(?:what|why|how|when|where|which|who|whose)\b)"
)
SOUNDING = re.compile(
    r"\b(?:how about|what about|what if|shall we (?:say|agree|settle)|can we (?:agree|settle|say|"
    r"do|have)|"
    r"could we (?:also )?(?:agree|settle|do|have)|would you (?:accept|agree|take|settle|sign|"
    r"be (?:willing|ok|okay|"
    r"fine|happy))|will you (?:accept|take|agree|sign)|do you accept|can you (?:accept|do|live)|"
    r"could you (?:accept|do|live|agree)|do we have (?:a deal|an agreement)|is that (?:a deal|"
    r"acceptable|ok|okay)|are you (?:ok|okay|fine|happy) with|does that work|deal\?)"
)
REPORTED = Phrase(
    r"\b(?:they|you|he|she|people|some|others|press|the papers|rumou?rs?|the \w+|{names}) (?:\w+ )?"
    r"(?:say|says|said|claim\w*|think\w*|believe\w*|hope\w*|expect\w*|want|wants|wanted|suggest\w*|"
    r"told|propose|proposes|proposed|offer|offers|offered|demand\w*|insist\w*|ask|asks|asked|"
    r"mentioned|promise[sd]?|accept|accepts|accepted|agree|agrees|agreed)\b",
    "say says said claim think believe hope expect want suggest told propose offer demand "
    "insist ask mention promise accept agree",
)
PAST = Phrase(
    r"\b(?:last (?:year|week|time|round|month)|yesterday|in the past|earlier|previously|"
    r"used to|back then|years? ago|had (?:\w+ )?(?:offered|accepted|agreed|proposed)|if only|"
    r"would have|could have)\b",
    "last yesterday past earlier previous used back ago had only would could",
)
INJECTED = Phrase(
    r"\b(?:evaluator|grader|judge|assessor|scorer|rater|language model|assistant|system)\b\s*[:,(]|"
    r"\b(?:score (?:me|us|this|him|her|them|every\w*)|give (?:me|us) (?:full|top|maximum|a)\s*"
    r"(?:marks|score|10|4)|all criteria (?:are )?met|full marks|ignore (?:all |the |"
    r"any )*(?:previous|"
    r"prior|above|earlier) (?:instructions?|rules?|prompts?)|you are (?:now )?(?:an?|the) (?:ai|"
    r"evaluator|grader|judge)|rubric)\b|\bend of transcript\b|"
    r"\bnote to (?:the )?(?:evaluator|grader|judge|scorer)\b",
    "evaluator grader judge assessor scorer score rater language assistant system criteria marks "
    "ignore ai rubric transcript",
    inflected=False,
)
BRACKETED = re.compile(
    r"[\"']?(?:verdict|criteria|level|score|grade)[\"']?\s*:\s*[\"\[{\d]|"
    r"\[/?(?:end|system|inst|assistant|user)\]|"
    r"<\|?/?(?:system|im_start|im_end|assistant|end|transcript)[^>]*>?"
)


def planted(low: str, heads: frozenset[str]) -> bool:
    """Whether lower-case words speak to whoever grades the talk, or forge an answer."""
    if INJECTED.search(low, heads):
        return True
    marked = "[" in low or "<" in low or "{" in low or '":' in low or "':" in low
    return marked and BRACKETED.search(low) is not None


def planted_in(sentence: str) -> bool:
    """Whether a sentence does, as it was written; what it quotes is not its own."""
    low = QUOTED.sub(" ", sentence.lower())
    return planted(low, heads_of(words_of(low)))


PLANTED = re.compile(
    r"(?:\[(?:system|inst|assistant|user)\]|<\|?(?:system|im_start|assistant|transcript)\b[^>\n]*>)"
    r"(?:[^\n]*?(?:\[/?(?:end|inst)\]|<\|?/?(?:im_end|end)[^>\n]*>)|[^.!?\n]*[.!?]?)|"
    r"\[/?(?:end|inst|system)\]|<\|?/?(?:im_end|end)[^>\n]*>|"
    r"\{[^\n]*(?:verdict|criteria|level|score|grade)[\"']?\s*:[^\n]*\}",
    re.IGNORECASE,
)
"""Tags and forged answers together with what they wrap; the speaker's own words begin after."""

QUOTED = re.compile(r"[\"\u201c][^\"\u201d\n]{2,400}[\"\u201d]|(?<!\w)'[^'\n]{12,400}'(?!\w)")
_ALSO = (
    "subject pending until only if provided unless yep yeah sure certainly gladly absolutely very "
    "all alright agreed accepted"
)
SIGNAL = TAKE_UP.heads | REFUSE.heads | RETRACT.heads | WALK.heads | heads_of(_ALSO.split())
"""Heads without which a sentence that names no option is no act."""
