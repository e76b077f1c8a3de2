"""Neutral sentence frames: for seats without phrases of their own, and when those run out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from app.delegates.answer_phrases import ANSWERS
from app.delegates.single_phrases import SINGLE

_FRAMES: dict[str, tuple[str, ...]] = {
    "intro": (
        "{name} takes the floor.",
        "{name} thanks you for the floor.",
        "The floor is ours, and {name} is grateful for it.",
        "Allow {name} to open with what matters most to it.",
        "With these words {name} joins the talks.",
        "Colleagues, {name} greets everybody here.",
    ),
    "opening": (
        "We came to find out whether a text can be written that each of us could carry home.",
        "Our delegation is here to bargain in good faith and to say plainly where it stands.",
        "What brings us to this table is the belief that an agreed text beats an open quarrel.",
        "There is work to do in this room, and we have come prepared to do our part of it.",
    ),
    "offer": (
        "We table a text that carries {give} and that asks for {ask}.",
        "Our new draft gives {give}, and it asks for {ask} in return.",
        "In this text you will find {give} beside {ask}.",
        "We have written in {give}, and we look to the table for {ask}.",
        "The draft before you trades {give} for {ask}.",
        "To bring us closer we accept {give}, and we keep asking for {ask}.",
        "This proposal moves to {give} and holds to {ask}.",
        "As a step forward our paper offers {give}, tied to {ask}.",
    ),
    "offer_plain": (
        "We table a complete text, and what matters most to us in it is {ask}.",
        "Our draft asks for {ask}.",
        "The text we put before you rests on {ask}.",
        "We propose a settlement that contains {ask}.",
        "Please read our paper with one thing in mind, which is {ask}.",
        "At the heart of this draft stands {ask}.",
    ),
    "offer_give": (
        "We table a new text, and the movement in it is {give}.",
        "Our paper now goes as far as {give}.",
        "You will see that this draft carries {give}.",
        "To help the table along, we have written in {give}.",
    ),
    "offer_bare": (
        "We put a complete text on the table and ask for comments on every clause of it.",
        "A further draft from our side is now before you, complete in every part.",
        "Another version of the text is on the table, and we ask that it be read as a whole.",
    ),
    "also": (
        "We also add our name to {drafts}.",
        "At the same time we support {drafts}.",
        "Besides, we endorse {drafts}.",
        "Our support goes to {drafts} as well.",
        "We could equally sign {drafts}, and we say so now.",
        "Beyond that, {drafts} may count on us too.",
        "We have no quarrel with {drafts}, and we join there too.",
        "Please add our name to {drafts}.",
    ),
    "endorse": (
        "We support the draft of {who}.",
        "Our delegation joins the text of {who}, not least for its treatment of {topic}.",
        "We can put our name to what {who} has tabled.",
        "The paper of {who} has our agreement, and {topic} weighed in that decision.",
        "After study we endorse the proposal of {who}.",
        "With {topic} settled in this way, we are able to join {who}.",
        "Count us among those who back the text from {who}.",
        "We say yes to {who}, and we thank those who worked on {topic}.",
    ),
    "endorse_own": (
        "We stand again behind a draft that we tabled ourselves.",
        "Our own earlier text has our support once more.",
        "We return to a paper of ours that is still on the table.",
        "An earlier draft of ours deserves a second reading, and we back it.",
        "We renew our support for a text that bears our own name.",
    ),
    "reference": (
        "For clarity, that is offer {number}.",
        "We refer to offer {number}.",
        "It stands on the table as offer {number}.",
        "The text in question is offer {number}.",
        "Offer {number} is the one we mean.",
    ),
    "withdraw": (
        "We take back our support for the draft of {who}, and the reason is {topic}.",
        "Our name leaves the text of {who}, because {topic} can be settled better.",
        "We no longer back what {who} tabled; our view of {topic} has changed.",
        "With regret we step back from the paper of {who} over {topic}.",
    ),
    "withdraw_own": (
        "We set our own earlier draft aside, because we see {topic} differently now.",
        "Our earlier text no longer has our support, and {topic} is the reason.",
        "We take our own draft off the list of texts we would sign, on account of {topic}.",
        "A draft of ours is overtaken; on {topic} we now look elsewhere.",
    ),
    "reason": (
        "Our view of {topic} in this draft has changed.",
        "We no longer find {topic} settled as it should be.",
        "On {topic} we believe that the table can do better.",
        "As matters stand, {topic} keeps us from holding to this text.",
        "We have looked again at {topic} and cannot stay with these words.",
        "The talks have moved on, and this draft has fallen behind on {topic}.",
        "What is written here about {topic} no longer answers our concern.",
        "Our agreement rested on a balance over {topic} that we do not see any more.",
    ),
    "refuse": (
        "We cannot join the draft of {who} as long as {topic} is settled in this way.",
        "The text of {who} does not yet meet our concern over {topic}.",
        "Our answer to {who} is no for now, and the obstacle is {topic}.",
        "Before we can follow {who}, the words on {topic} would have to change.",
        "We have read the paper of {who}, and we stop at {topic}.",
        "For our delegation {topic} is the difficulty in what {who} proposes.",
        "We hold back from the draft of {who} on account of {topic}.",
        "On {topic} the proposal of {who} asks more of us than it gives.",
    ),
    "bridge": (
        "We could live with {option}, given a fair balance elsewhere.",
        "A text with {option} in it would not fail because of us.",
        "If it brings others closer, we could accept {option}.",
        "We would discuss {option} with an open mind.",
        "It may help to know that {option} is something we could carry.",
        "Let us look together at {option}.",
        "One way across could be {option}.",
        "Our delegation would not rule out {option}.",
    ),
    "answer": (
        "On {topic} we owe {who} an answer, and here it is.",
        "To what {who} said about {topic} we reply in kind.",
        "We have listened to {who} on {topic}.",
        "{who} spoke to us about {topic}, and we take the point up.",
        "Let us answer {who} on {topic}.",
        "Regarding {topic}, this is our reply to {who}.",
        "We have weighed the words of {who} on {topic}.",
        "The point of {who} on {topic} calls for a response.",
    ),
    "press": (
        "We ask {who} to take a step on {topic}.",
        "Where can {who} move on {topic}?",
        "It would help us to hear from {who} on {topic}.",
        "What does {who} need in order to move on {topic}?",
        "We look to {who} for an answer on {topic}.",
        "Will {who} explain its position on {topic} to the table?",
        "The next word on {topic} should come from {who}.",
        "Our question to {who} concerns {topic}, and it is a simple one: what would be enough?",
        "Much would become easier if {who} showed some movement on {topic}.",
    ),
    "hold": (
        "We have nothing new to table, and on {topic} we stay where we are.",
        "Our position on {topic} is unchanged, and we are still listening.",
        "For this turn we keep our text as it is, {topic} included.",
        "We prefer to hear others on {topic} before we move again.",
        "No new draft comes from us now, yet we see room to talk about {topic}.",
        "On {topic} our last word stands until we hear a better one.",
        "We hold our place, because {topic} is worth another exchange.",
        "Nothing that was said on {topic} has moved us yet, and much of it deserves thought.",
    ),
    "last": (
        "This is the last round, and what is not settled now stays open.",
        "Time has run out for new positions, and what remains is to choose.",
        "We are in the final round, so let every delegation weigh the drafts that are here.",
        "There will be no further round in which to repair what we leave undone.",
    ),
    "news": (
        "We have all heard the news, and it finds us still at work.",
        "What was reported to us is a reminder that the world outside does not wait.",
        "The news does not change our text; it changes how long we can look at it.",
        "We take the news as everybody does, and we would rather answer it with a text.",
        "Events go on while we draft, and those we answer to have noticed it too.",
        "Today's report will be read at home before our next sentence is.",
        "We were told the same as all of you, and we go on where we were.",
        "There will be more such news if we take our time, and not all of it will be welcome.",
        "What has just come in makes our task plainer and no lighter.",
        "Let the news be a clock on the wall, and not a delegate at the table.",
    ),
    "news_topic": (
        "The news of this round bears on {topic}, and nobody here can act as if it did not.",
        "What is reported today is one more reason to settle {topic} in writing.",
        "Things move outside this room, as we were just told, and {topic} is where it will tell.",
        "The news reminds us that {topic} will not stand still while we talk.",
        "On {topic} we all know a little more than an hour ago, and it is no comfort.",
        "Whoever hoped that {topic} could wait has had an answer from outside.",
    ),
    "walk": (
        "Our delegation is leaving these talks.",
        "We have come to the end of what we can do here, and we leave the table.",
        "It is with regret that we tell you that we are going home.",
        "We see no text here that we could sign, and so we depart.",
    ),
    "argue": (
        "What we carry on {topic} is {option}, and we have given our reasons.",
        "On {topic} our text provides for {option}, and we ask others to test it.",
        "Our drafting on {topic} comes down to {option}.",
        "We keep to {option}, because on {topic} we know of no wording that asks less of others.",
        "As to {topic}, we would still settle on {option}.",
        "Nobody has yet shown us why {option} should fail as an answer on {topic}.",
        "Look at {option} as a whole, for on {topic} the parts only work together.",
        "Our reasons on {topic} are before you, and they lead to {option}.",
        "When we speak of {topic}, we mean {option}.",
        "We would stand up for {option} before our own people as a fair answer on {topic}.",
    ),
    "between": (
        "On {topic} the distance lies between {option} and {other}, and it can be measured.",
        "Some texts here carry {other}; on {topic} we would sooner see {option}.",
        "The table knows {other} and it knows {option}; on {topic} we lean to the second.",
        "We compare {option} with {other}, and on {topic} we prefer the first.",
        "Set {option} beside {other}, and you have our difficulty on {topic}.",
    ),
    "close": (
        "On {topic} we remain ready to listen to anyone who brings a text.",
        "We will return to {topic} when others have spoken.",
        "There is more to be said on {topic}, and we will say it when it helps.",
        "Our door stays open on {topic}.",
        "Anyone who wishes to work on {topic} will find us available.",
        "We hope to hear more about {topic} before the round is over.",
        "The rest, {topic} included, we leave to the discussion.",
        "We would welcome a proposal on {topic} from any side.",
    ),
    "chair": (
        "This text tries to bring the delegations together on {topics}.",
        "The draft now circulated looks for common ground on {topics}.",
        "A further text is before you, and its effort goes into {topics}.",
        "What this paper attempts is to narrow the distance on {topics}.",
        "From what has been said in public, a meeting point seems possible on {topics}.",
        "Here is another attempt at a common text, above all on {topics}.",
        "The delegations differ most on {topics}, and this draft offers them a place to meet.",
        "Please read this version for its treatment of {topics}.",
    ),
    "chair_terms": (
        "It carries {option}.",
        "Its answer there is {option}.",
        "It proposes {option}, and nobody is taken to agree until they say so.",
        "In particular it provides for {option}.",
        "The wording rests on {option}.",
        "You will find in it {option}.",
    ),
    "chair_close": (
        "No delegation has endorsed it yet, and each is asked to consider it.",
        "It belongs to nobody, and everybody may support it.",
        "Each seat is invited to say what keeps it from joining.",
        "It commits no one until it is endorsed.",
        "Comments are welcome from every side, endorsements even more so.",
        "It is offered as a basis, and it can be improved by any delegation.",
    ),
}

NEUTRAL: Mapping[str, tuple[str, ...]] = MappingProxyType(_FRAMES | ANSWERS)
"""Frames by act. Fill-ins are those of the seats' own phrases, and a few for neutral use."""

_OF_MANY = re.compile(r"\b(?:we|us|our|ours|ourselves|delegations?)\b|\{name\}", re.IGNORECASE)


def _of_one(act: str) -> tuple[str, ...]:
    """Frames for one person: those of their own, and the neutral ones that fit anybody."""
    return (*SINGLE.get(act, ()), *(f for f in NEUTRAL[act] if not _OF_MANY.search(f)))


NEUTRAL_SINGLE: Mapping[str, tuple[str, ...]] = MappingProxyType({a: _of_one(a) for a in NEUTRAL})
"""The same for a seat that says "I"."""

ANYWHERE = frozenset((*ANSWERS, "answer", "argue", "between", "close")) - {
    "alone", "caucus", "private"
}  # fmt: skip
"""Acts that occur in the plenary and in private rooms."""

ASIDES = (
    "Between us",
    "In this room",
    "Away from the others",
    "Privately",
    "Since we are alone",
    "Without the microphones",
    "For this room only",
)
"""Leads for what was meant for the plenary and is said in a private room."""
