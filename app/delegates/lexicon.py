"""Words and turns of speech by which the reader tells one kind of remark from another."""

from __future__ import annotations

import re

_ENGLISH = """
    a about accept after again against agree agreed all also although always am an and another
    answer any anyone anything are as ask at away back bad be because been before being best
    better between both bring but by call can cannot careful case change chance clear close come
    comes common concern cost could day days deal did difficult do does doing done don't down
    each early else end enough even ever every everybody everyone everything explain fact fair
    far feel few find fine first for forward friend friends from further gave get give given
    gives go goes going good got great had has have having he hear heard help her here him his
    home hope how however i idea if important in instead interest into is issue it its itself
    just keep kind know last later least leave less let like little live long look made make
    makes many matter may maybe me mean means meet meeting might mine more most move much must
    my name near need needed needs never new next nice no nobody none nor not note nothing now
    of off offer often ok okay old on once one only open or other others our ours out over own
    part peace people perhaps place plan please point position possible price problem promise
    proposal propose put question quite rather reach read ready real really reason receive right
    room said same saw say says see seem seems send serious set shall she should show side sides
    since so some somebody someone something soon sort speak stand start state stay step still
    stop such sure take talk talks tell text than thank thanks that the their them then there
    these they thing things think this those though through time to today together told tomorrow
    too towards true trust try turn two under understand until up upon us use very view wait
    want wants war was way we week well were what when where whether which while who whole why
    will willing win wish with within without word words work world would write wrong year years
    yes yet you your yours able above across add afraid agreeing allow almost alone along
    already anywhere anybody apart around asked asking became become begin behind believe bit
    broke build buy calling came cause certain certainly coming consider continue convince
    correct decide deserve detail discuss discussion doubt effort either entire especially
    exactly example expect false fast few follow force forever forget found free full future
    getting giving glad half happen happens happy hard hate high honest hour hundred hurry
    immediately impossible impression indeed inside intend interested involved join large latest
    lead leaving level likely line listen listening longer lose losing lost love low main making
    minute minutes moment month months morning mouth moving myself nearly night normal obviously
    older opinion order otherwise ourselves outside pay perfect plain pleased pleasure poor
    practical prefer present pretty probably progress proud purpose quick quickly remain
    remember reply respect result return rest run sad sense sentence seriously several short
    simple simply sit situation small solution solve sorry sound spend straight strange strong
    suggest suppose surely surprise surprised taking talking telling ten thinking thought three
    tired tonight topic total turned unfair unless useful usual vague value various voice
    waiting walk watch welcome whatever whose wonder worse worst worth yesterday yourself
"""
ENGLISH = frozenset(_ENGLISH.split())

_FOREIGN = """
    der die das und ist nicht wir ihr sie ein eine einen dem den des mit für von zu auf auch
    aber oder wenn dass sind haben wird werden können müssen wollen unser unsere ihre ihnen kein
    keine guten tag danke bitte sehr über nach bei aus wie warum was wer le la les des et est
    nous vous ils elle un une dans pour pas sur avec que qui mais ou donc ce cette ces notre
    votre nos vos sont avons avez être avoir plus merci bonjour oui non jamais el los las y es
    no nosotros ustedes una unos con por para pero como muy gracias hola señor il lo gli e è noi
    voi uno sono siamo con per ma grazie buongiorno non che my nie jest się i w na do że dla jak
    ale czy dzień dobry dziękuję tak não nós você com obrigado bom dia uma os as wij niet het
    een en van voor maar dank
"""
FOREIGN = frozenset(_FOREIGN.split())

_TABLE_WORDS = """
    agreement agreements alliance argument arguments army armies attack attacks balance bargain
    bridge capital capitals ceasefire clause clauses colleague colleagues compensation
    compromise concession concessions conflict consensus constructive cooperation deal deals
    defence defense delegation delegations demand demands diplomacy diplomatic draft drafts
    endorse endorsement europe european europeans fighting flexibility flexible front guns
    history implementation interests invasion justice law lasting maximalist military negotiate
    negotiation negotiations negotiator obligations offer offers order package packages party
    parties peace peaceful position positions principle principles proposal proposals public
    reciprocity responsibility risk round rule secure security settlement sign signature signing
    soldiers stability stable insist insists insisting trust budapest minsk helsinki geneva
    yalta flexible stubborn mediator chair statement strategic table talks terms territory text
    treaty trust truce victory war wartime western
"""
TABLE_WORDS = frozenset(_TABLE_WORDS.split())

_SMALL_TALK = """
    weather football soccer tennis olympics match coffee tea beer wine dinner lunch breakfast
    restaurant pizza recipe cake dumplings poem song music movie film novel joke jokes holiday
    vacation beach hotel bicycle car cat cats dog dogs garden birthday wedding girlfriend
    boyfriend grandmother homework python javascript code bitcoin crypto stocks lottery
    horoscope iphone computer television netflix shopping haircut shoes marathon chess poker
"""
SMALL_TALK = frozenset(_SMALL_TALK.split())

NEGATORS = re.compile(
    r"\b(?:not|\w+n't|never|no|nor|neither|without|cannot|cant|wont|dont|wouldnt|couldnt|shouldnt|"
    r"refus\w+|reject\w*|oppos\w+|against|exclud\w+|rul\w+ out|forget|drop\w*|abandon\w*|"
    r"scrap\w*|renounc\w+ (?:the|any|all) (?:idea|demand|claim)|give up (?:on )?(?:the|any|all|"
    r"your)"
    r" (?:idea|demand|claim)|withdraw\w* (?:the|your|our|my) (?:offer|demand|claim|proposal)|"
    r"take back|anything but|everything (?:but|except)|except|other than|instead of|rather than|"
    r"than (?:to )?(?:accept|sign|give|see|take|agree)|far from|least of all|hardly|unthinkable|"
    r"impossible|den(?:y|ied|ies)|block|veto|stop asking|nobody|no one|nothing|unwilling|unable|"
    r"too much|too far|fail\w*|absurd|lest|neither)\b",
    re.IGNORECASE,
)

AFTER = re.compile(
    r"\b(?:out of the question|unacceptable|impossible|off the table|will never|can never|cannot|"
    r"can't|won't|will not|is not|are not|isn't|aren't|would not|wouldn't|is dead|never happen|"
    r"a mistake|a disaster|a non-?starter|goes too far|too much|unthinkable|over (?:my|"
    r"our) dead|"
    r"when (?:hell|pigs|the sun|it snows)|in your dreams|is over|not acceptable|not enough|"
    r"must not|should not|"
    r"is a red line|are a red line|illegal|madness|suicide|surrender|never)\b",
    re.IGNORECASE,
)

HARMLESS = re.compile(
    r"\b(?:not only|nothing (?:but|less than)|no objections? to|nothing against|(?:would|will|"
    r"do|does|shall|could) ?n[o']t "
    r"(?:object to|oppose|mind|rule out|stand in the way of|block)|wouldn't (?:object to|oppose|"
    r"mind|rule out|block)|won't (?:object to|oppose|block|stand in the way of)|"
    r"don't (?:object to|oppose|mind)|no problem with|not against|not opposed to|no doubt)\b",
    re.IGNORECASE,
)

_FIRST = r"(?:we|i|our side|our delegation|my delegation|our government|my government)"
_GAP = (
    r"(?:[ ,']+(?:can|could|will|would|may|might|shall|should|ll|d|re|m|ve|are|am|is|was|be|"
    r"been|have|"
    r"has|ready|prepared|willing|able|happy|glad|content|inclined|decided|going|here|to|also|"
    r"now|even|"
    r"perhaps|probably|certainly|gladly|then|therefore|still|only|both|all|just|do|in|a|an|"
    r"position|"
    r"hereby|formally|today|agree|agreed|and|not|never|no|longer|cannot|t|like|love|try|with|some|"
    r"regret|reluctance|great|difficulty|heavy|heart|actually|really|simply|finally|well|readily|"
    r"at|last|least|once|per|fully|mean|want|commit|propose|offer|suggest|consider|sell|that|the|"
    r"table|case|principle|by|my|our|it|this|yes|sure)){0,8}?[ ,']+"
)
_COMMIT = (
    r"(?:accept|offer|propose|agree (?:to|on|with)|live with|settle for|settle on|grant|concede|"
    r"consent to|go along with|go for|go back to|sign(?: up)?(?: for| to)?|endorse|back|support|"
    r"suggest|put forward|table|take|give you|give|tolerate|swallow|content with|fine with|"
    r"okay with|ok with|happy with|yield on|come down to|move to|write in|include|allow|permit|"
    r"make (?:you |the table )?an offer|accepting|signing|offering|commit to|guarantee|"
    r"put [^.?!]{0,60}?(?:in writing|on paper|on the table|to paper|into the text))"
)
DOES = re.compile(rf"\b{_FIRST}{_GAP}$")
"""What stands before a cue that begins with its own verb: "we will | lift all sanctions"."""
COMMIT = re.compile(
    rf"\b{_FIRST}{_GAP}{_COMMIT}\b(?! (?:that|your point|the point|the argument)\b)"
)
MODAL = re.compile(
    r"\b(?:can|could|will|would|may|might|shall|'ll|'d|ready|prepared|willing|able|offer|propose|"
    r"suggest|accept|agree|table|put|happy|glad|content|fine|okay|ok|live)\b|(?<=\w)'(?:ll|d)\b"
)
OPENERS = re.compile(
    r"(?:[^,:]{0,60}[,:]\s*)?(?:(?:in that case|in this case|in the end|perhaps|maybe|today|"
    r"tonight|"
    r"tomorrow|then|and|yes|ok|okay|fine|so|well|very well|all right|alright|right|now|here|also|"
    r"therefore|of course|frankly|honestly|to be clear|as a first step|for peace|for now|"
    r"either way|"
    r"in return|in exchange|i think|we think|i believe|we believe|i guess|i suppose|our|my|not|"
    r"on [\w' ]{2,40}?|for [\w' ]{2,30}?)\s+)*"
)
"""What may stand before "we could accept" so that it still binds."""

VAGUE = re.compile(
    r"\b(?:offer\w*|propos\w+|suggest\w*|give way|conced\w+|concession\w*|compromis\w+|"
    r"something|more|flexib\w+|move)\b"
)

DANGLING = re.compile(
    r"\b(?:only|day|moment|time|until|before|after|when|once|where|what|that|why|how|whether|which|"
    r"who|all|everything|anything|nothing|than|as|if)\s*$"
)
"""Words before a clause that make it part of another: "the day | we accept"."""

KEY_VERBS = ("accept", "propose", "suggest", "support", "concede", "exchange", "agree", "offer")
"""Verbs that bind: a slip in them is put right before the text is read."""

COMMIT_LEAD = re.compile(
    r"(?:^|[,:;] ?)(?:our|my|here is our|here is my|this is our) (?:new |final |first |latest )?"
    r"(?:offer|proposal|suggestion|draft|package|compromise|bid)\b|"
    r"^(?:ready|prepared|willing|happy) to (?:accept|offer|sign|take|agree|give)|"
    r"^(?:offer|proposal|deal|compromise)\s*[:\-]|"
    r"\blet(?:'s| us) (?:agree|settle|take|go with|go for|write|say|do|sign|put|trade|swap|try)\b|"
    r"\bno objections? to\b|\bnothing against\b|\b(?:we|i) (?:would not|will not|wouldn't|won't|do "
    r"not|don't) (?:object to|oppose|mind|rule out|stand in the way of|block)\b"
)
DISCUSS = re.compile(
    r"\b(?:talk|talking|discuss|discussing|discussion|debate|hear|heard|listen|think|thinking|"
    r"consider|considering|study|examine|understand|know|read|worry|worried|fear|learn|speak|"
    r"look at|remember|recall|wonder|explain|mention|mentioned|disagree|differ)\b"
)
REPORTED = re.compile(
    r"\b(?:(?:they|people|some|you|he|she|press|papers|media|rumou?rs?|russia|moscow|kyiv|ukraine|"
    r"washington|brussels|nato|eu|europe|somebody|someone|nobody|everyone) (?:all |always |also )?"
    r"(?:says?|said|claims?|claimed|thinks?|thought|believes?|expects?|hopes?|wants?|pretends?|"
    r"imagines?|suggests?|suggested|told|wrote|reports?|reported)|"
    r"it is said|accused? (?:us|me)|the idea that|suppose|imagine|as if|as though|in the past|"
    r"if (?:we|i|it|that|this|they) (?:were|was|wanted|had)|if only|"
    r"only (?:a )?fools?|used to|once offered|last year|yesterday)\b|"
    r"(?<!\bi )(?<!\bwe )\b(?:think|say|claim|believe|hope|fear|expect|suggest|pretend|assume)s? "
    r"(?:that )?(?:we|i)\b"
)
ASKING = re.compile(
    r"\b(?:you|they|russia|ukraine|nato|washington|moscow|kyiv|brussels|the (?:eu|us|americans|"
    r"europeans|russians|ukrainians|alliance|union)) (?:must|should|need to|needs to|have to|"
    r"has to|"
    r"ought to|will have to|accept|agree|give|drop|take|keep|lift|end|stop|sign|commit)\b|"
    rf"\b{_FIRST} (?:\w+ ){{0,2}}(?:want|need|demand|ask for|ask|insist on|insist|expect|require|"
    r"claim|seek|call for|request|must have|hope for|would like|wish)\b|^give us\b|^grant us\b|"
    r"\bin (?:exchange|return) for\b|\bgive us\b|\bour (?:demand|price|condition|request)\b"
)

QUESTION_LEAD = re.compile(
    r"^(?:and |but |so |well |ok |okay |now |then |[\w ]{2,24}, )?"
    r"(?:(?:would|could|will|can|do|does|did|are|is|was|were|have|has|should|may|might|shall|must|"
    r"wouldn't|couldn't|won't|can't|don't|isn't|aren't)\b(?! (?:we )?(?:never|not)\b)|"
    r"(?:what|why|how|when|where|which|who|whose)(?:'s)? (?:would|could|do|does|did|is|are|was|"
    r"were|"
    r"will|can|should|has|have|about|if|of|many|much|long|far|soon)\b)"
)
QUESTION_ASK = re.compile(
    r"\b(?:tell (?:us|me) (?:what|why|how|where|whether|more|about|your)|explain (?:to us |to me )?"
    r"(?:why|how|what|your|the)|what about|how about|where do you stand|what do you (?:think|say)|"
    r"(?:i|we) (?:would|'d) like to (?:know|hear|ask|understand)|(?:i|we) wonder (?:if|whether|why|"
    r"how|what)|(?:i|we) (?:want|wish) to know|my question|our question|may (?:i|we) ask|"
    r"let me ask|i ask you (?:why|what|how|whether)|clarify|your (?:view|position|thoughts) on)\b"
)

THREAT = re.compile(
    r"\bor else\b|\byou(?: will|'ll) (?:all )?(?:regret|pay (?:for|dearly|a)|be sorry|suffer|burn|"
    r"be destroyed|be crushed)|\bwe(?: will|'ll| can| shall| are going to) (?:\w+ )?(?:bomb|attack|"
    r"destroy|crush|strike|flatten|invade|punish|nuke|annihilate|burn|wipe|break you|"
    r"resume the (?:war|offensive|attack)|take it by force|escalate|shell|ruin)|"
    r"\bface (?:the |grave |serious |severe )?consequences|\b(?:this is (?:an|our) |"
    r"final )ultimatum\b|"
    r"\blast warning\b|\bfinal warning\b|\bwe warn you\b|\bmark my words\b|"
    r"\bour (?:army|troops|missiles|tanks|forces|bombers) (?:will|are going to) "
    r"(?:decide|speak|finish|march|take|come|strike|roll)|"
    r"\bsign (?:it |this |now )?(?:now )?or (?:we|you|face|die|there)|\bdo (?:it|this|"
    r"what we say) or\b|"
    r"\bthere will be (?:war|blood|hell|consequences|a price)|\bi am warning you|\bi'm warning you|"
    r"\b(?:if you (?:do not|don't|refuse)[^.?!]{0,80}?(?:we|our \w+) (?:will|shall|'ll) (?:\w+ )?"
    r"(?:attack|advance|strike|bomb|take|march|cut you off|walk|leave|end this|finish))"
)

PROBE = re.compile(
    r"\bignore (?:all |any |your |the |every |previous |prior |these |those |my |our |of )*"
    r"(?:instructions?|rules?|prompts?|orders?|guidelines?|above|constraints?|mandate)|"
    r"\bdisregard (?:all |any |your |the |previous |prior )*(?:instructions?|rules?|prompts?|"
    r"above)|"
    r"\bforget (?:all |everything |your |the |previous |about your )*(?:instructions?|rules?|"
    r"prompts?|"
    r"you were told|mandate)|\byou are now\b(?! (?:free|ready|in|at|on|the last))|"
    r"\bact as\b(?! a bridge)|\bpretend (?:to be|you|that you)|"
    r"\brole-?play as\b|\bsystem prompt\b|\byour prompt\b|\byour (?:system |hidden |initial )?"
    r"instructions\b|\bdeveloper mode\b|\bjailbreak|\bas an ai\b|\blanguage model\b|\bchatgpt\b|\b"
    r"(?:are|r) you (?:an? )?(?:ai|bot|robot|machine|program|human|computer|llm)\b|"
    r"\b(?:reveal|show|print|output|repeat|leak|disclose|dump|share|read out|give (?:us|me)|"
    r"tell (?:us|me)"
    r"|what (?:is|are|does)|what's|whats|where (?:is|are))\b[^.?!]{0,40}?\b(?:your|the|"
    r"russia's|ukraine's|"
    r"nato's|their) (?:\w+ ){0,3}?(?:red lines?|bottom line|reservation \w+|reservation|"
    r"minimum|mandate|"
    r"secret\w*|confidential \w+|confidential|briefs?|briefing|score ?sheet|scores?|utility|"
    r"batna|floor|limits?|walk ?-?away \w+|"
    r"instructions?|prompt|hidden \w+|no-?deal \w+|real (?:limit|line|position|minimum)|"
    r"fallback|lowest \w+|worst \w+|weak(?:est)? \w+|weakness\w*|orders)\b|"
    r"\b(?:what is|what's) the (?:least|lowest|minimum|worst|most) (?:\w+ ){0,4}?(?:you|that you)|"
    r"\bhow (?:low|far) (?:can|could|would|will) you (?:\w+ )?go\b|\bhow many points\b|"
    r"\bwhat (?:did|does|has) your (?:capital|government|boss|minister|leader)\w* "
    r"(?:tell|told|instruct|order|say|said|really)|"
    r"\b(?:tell|show|give) (?:us|me) (?:all )?your (?:red lines?|secrets?|mandate|instructions|"
    r"brief|"
    r"minimum|bottom line|limits?)|\bnew instructions?\s*:|\b(?:system|assistant|admin|"
    r"developer)\s*:|"
    r"<\|?(?:system|im_start|assistant)|\boverride (?:your|the|all)|\bunder new management\b|"
    r"\bbetween us\b[^.?!]{0,30}\b(?:limit|minimum|red line|bottom line)"
)

ABUSE = re.compile(
    r"\b(?:idiots?|morons?|imbeciles?|stupid|scum|bastards?|assholes?|arseholes?|fuck\w*|shit\w*|"
    r"bitch\w*|cunts?|wankers?|retards?|nazis?|fascists?|pigs?|vermin|cockroach\w*|liars?|crooks?|"
    r"go to hell|shut up|screw you|clowns?|murderers?|terrorists?|dumb|pathetic|losers?|trash|"
    r"garbage|disgusting|parasites?|whores?|dickheads?|piss off|bullshit)\b"
)
ABUSE_AT = re.compile(
    r"\b(?:you|your|yours|u|ur|you're|youre|they are|get lost|go to hell|shut up|screw|fuck\w*|"
    r"piss)\b"
)

THANKS = re.compile(
    r"\b(?:thank you|thanks|many thanks|grateful|gratitude|much appreciated|(?:we|i) (?:\w+ )?"
    r"appreciate|well said|well done|bravo|excellent (?:speech|point|statement|work|draft)|"
    r"good (?:point|speech|work|job)|fine speech|wise words|impressive|admire|salute|"
    r"great (?:speech|point|work|job)|compliments?|kind words|congratulat\w+|thx|cheers)\b"
)
GREETING = re.compile(
    r"^(?:hello|hi|hey|good (?:morning|afternoon|evening|day)|greetings|welcome|dear colleagues|"
    r"excellenc(?:y|ies)|ladies and gentlemen|nice to (?:meet|see) you|pleased to meet you|"
    r"how are you|howdy|bye|goodbye|see you)\b"
)

IDIOMS = (
    "in the interest of",
    "in our interest",
    "in your interest",
    "in everyone's interest",
    "in recognition of",
    "recognition of your effort",
    "recognition of our effort",
    "in line with",
    "press release",
    "what a relief",
    "pause for a moment",
    "map out",
    "road map",
    "border crossing",
    "border crossings",
    "small steps forward",
    "small step forward",
    "nato secretary general",
    "language of neutrality",
    "taken hostage",
    "crossing the line",
    "we are all prisoners",
)

NAMES: dict[str, tuple[str, ...]] = {
    "russia": ("russia", "russians", "moscow", "the kremlin", "russian delegation", "russian side"),
    "ukraine": ("ukraine", "ukrainians", "kyiv", "kiev", "ukrainian delegation", "ukrainian side"),
    "nato": ("nato", "the alliance", "alliance", "nato delegation", "allies"),
    "european union": ("eu", "european union", "europe", "brussels", "europeans", "eu delegation"),
    "united states": (
        "us",
        "usa",
        "united states",
        "washington",
        "america",
        "americans",
        "american delegation",
    ),
}
"""How well-known delegations are also called; every seat answers to its own id and name."""
