"""Neutral sentence frames for a seat that is one person and says "I"."""

from __future__ import annotations

SINGLE: dict[str, tuple[str, ...]] = {
    "intro": (
        "Good day, and thank you for seeing me.",
        "Thank you for the time; I will try to use it well.",
        "I am glad that this meeting has come about.",
    ),
    "opening": (
        "I came to find out whether there is a text that both sides can be glad of.",
        "I shall say plainly where I stand, and I hope to hear the same.",
        "There is work to do here, and I have come prepared to do my part.",
    ),
    "offer": (
        "My new draft gives {give}, and it asks for {ask} in return.",
        "I have written in {give}, and I look to you for {ask}.",
        "To bring things closer I accept {give}, and I keep asking for {ask}.",
        "As a step forward my paper offers {give}, tied to {ask}.",
    ),
    "offer_plain": (
        "My draft asks for {ask}.",
        "What matters most to me in this text is {ask}.",
        "Please read my paper with one thing in mind, which is {ask}.",
    ),
    "offer_give": (
        "Here is a new text, and the movement in it is {give}.",
        "My paper now goes as far as {give}.",
        "To help things along, I have written in {give}.",
    ),
    "offer_bare": (
        "I put a complete text on the table and would like to hear about every part of it.",
        "A further draft from me is now before you, complete in every part.",
        "Another version is on the table, and I ask that it be read as a whole.",
    ),
    "also": (
        "I also add my name to {drafts}.",
        "At the same time I support {drafts}.",
        "I could equally sign {drafts}, and I say so now.",
        "Please add my name to {drafts}.",
    ),
    "endorse": (
        "I can put my name to what {who} has tabled.",
        "The paper of {who} has my agreement, and {topic} weighed in that decision.",
        "With {topic} settled in this way, I am able to join {who}.",
        "I say yes to {who}, and I am grateful for the work on {topic}.",
    ),
    "endorse_own": (
        "I stand again behind a draft of my own.",
        "My own earlier text has my support once more.",
        "I return to a paper of mine that is still on the table.",
        "An earlier draft of mine deserves a second reading, and I back it.",
    ),
    "reference": (
        "For clarity, I mean offer {number}.",
        "I refer to offer {number}.",
    ),
    "withdraw": (
        "I take back my support for the draft of {who}, and the reason is {topic}.",
        "My name leaves the text of {who}, because {topic} can be settled better.",
        "I no longer back what {who} tabled; my view of {topic} has changed.",
    ),
    "withdraw_own": (
        "I set my own earlier draft aside, because I see {topic} differently now.",
        "My earlier text no longer has my support, and {topic} is the reason.",
        "A draft of mine is overtaken; on {topic} I now look elsewhere.",
    ),
    "reason": (
        "My view of {topic} in this draft has changed.",
        "I no longer find {topic} settled as it should be.",
        "On {topic} I believe that both sides can do better.",
        "As matters stand, {topic} keeps me from holding to this text.",
        "I have looked again at {topic} and cannot stay with these words.",
        "My agreement rested on a balance over {topic} that I do not see any more.",
    ),
    "refuse": (
        "I cannot join the draft of {who} as long as {topic} is settled in this way.",
        "My answer to {who} is no for now, and the obstacle is {topic}.",
        "Before I can follow {who}, the words on {topic} would have to change.",
        "I have read the paper of {who}, and I stop at {topic}.",
        "On {topic} the proposal of {who} asks more of me than it gives.",
    ),
    "bridge": (
        "I could live with {option}, given a fair balance elsewhere.",
        "A text with {option} in it would not fail because of me.",
        "It may help to know that {option} is something I could carry.",
        "I would not rule out {option}.",
    ),
    "answer": (
        "On {topic} I owe {who} an answer, and here it is.",
        "I have listened to {who} on {topic}.",
        "{who} spoke to me about {topic}, and I take the point up.",
        "Regarding {topic}, this is my reply to {who}.",
    ),
    "press": (
        "May I ask {who} to take a step on {topic}?",
        "It would help me to hear from {who} on {topic}.",
        "My question to {who} concerns {topic}, and it is a simple one: what would be enough?",
    ),
    "hold": (
        "I have nothing new to table, and on {topic} I stay where I am.",
        "My position on {topic} is unchanged, and I am still listening.",
        "For this turn I keep my text as it is, {topic} included.",
        "On {topic} my last word stands until I hear a better one.",
        "Nothing that was said on {topic} has moved me yet, and much of it deserves thought.",
    ),
    "last": (
        "This is the last round for me too, so I shall weigh what is here.",
        "I know that time has run out, and that what remains is to choose.",
        "There will be no further round in which I could repair what is left undone.",
    ),
    "thanks": (
        "I thank {who} for those words.",
        "I value that from {who}, and I answer in the same spirit.",
        "That is good of {who}, and I shall not forget it.",
    ),
    "threat": (
        "I have heard {who}, and I will not answer in the same tone.",
        "Warnings do not move me, and I ask {who} for reasons instead.",
        "I leave that remark with {who} and turn back to the text.",
    ),
    "insult": (
        "I let that remark pass and return to the subjects on the list.",
        "Language of that kind helps nobody here, and I will not return it.",
        "I have been called worse, and I went on working.",
    ),
    "greeting": (
        "I greet {who}.",
        "Thank you, and a good day to {who} from me.",
        "It is good of {who} to say hello.",
    ),
    "note": (
        "I have heard {who}.",
        "I take note of what {who} has said.",
        "I have listened to {who} with attention.",
        "That is heard, and I thank {who} for saying it openly.",
    ),
    "decline": (
        "My limits are my own affair; what I say is what I table.",
        "Where I would stop is not something that I discuss, with {who} or with anybody else.",
        "That request I decline, politely and finally.",
        "Ask me what I propose and why, and leave my reckoning to me.",
        "I must disappoint {who}: what is in my head stays there until it is on paper.",
        "You would not tell me yours, and I shall not tell you mine.",
    ),
    "unread": (
        "I could not follow that; please put it as a question on a subject of this talk.",
        "I am not certain what was meant, and I would rather ask than guess.",
        "Forgive me, I did not catch the meaning of that.",
        "I cannot tell what you are asking me.",
    ),
    "offtopic": (
        "I have no word to say on that here.",
        "I would rather not leave the subjects on the list.",
        "That goes beyond what I came to talk about.",
    ),
    "subjects": (
        "Ask me about {one} or about {two}, and you will have an answer.",
        "I am ready to speak about {one}, and equally about {two}.",
        "I would sooner talk about {one}, or about {two}, where a text can still be found.",
    ),
    "question": (
        "On {topic} my answer is this.",
        "Here is what I have to say on {topic}.",
        "My view of {topic} can be put simply.",
        "About {topic} I have this to say.",
        "As far as {topic} goes, I speak openly.",
    ),
    "aims": (
        "What I have come for can be said in a few words.",
        "You ask what matters to me, and I have said it openly.",
        "My concerns are no secret here.",
        "Let me tell {who} once more what I am here for.",
    ),
    "wishes": (
        "My own wishes are about {one} and about {two}.",
        "I have spoken for {one} and for {two}, and I stand by it.",
        "First on my list stand {one} and {two}, as you have heard.",
    ),
    "leeway": (
        "Where I can move shows when there is a whole text to look at.",
        "I move where {who} moves, and not before.",
        "What I can give depends on what stands beside it.",
        "Put a text before me that serves both sides, and you will see how far I can go.",
    ),
    "caucus": (
        "I am glad to speak with {who} in private.",
        "In this room I can be brief with {who}.",
        "Let me use this time with {who} well.",
    ),
    "reading": (
        "Do you propose {option}? Put it on paper and I will answer it properly.",
        "I understood {option}; only a written text can have my reply.",
        "That sounded like {option}, and I would want to see it in a complete draft.",
        "Should you be offering {option}, send it as a text and I will weigh the whole.",
    ),
    "vague": (
        "I hear an offer on {topic}, but not its exact terms; put it in a draft, please.",
        "Something is being offered on {topic}, and I need to see it in writing to answer.",
        "On {topic} I would rather read your proposal than guess at it.",
    ),
    "more": (
        "Then let me go on about {topic}.",
        "On {topic} there is more behind my words.",
        "Let me put it another way on {topic}.",
        "I come back to {topic}, since that is what you asked.",
    ),
    "deal": (
        "I agree to texts and not to sentences, so let me see it written out.",
        "Put it down as a full text and ask for my name; that is when I can say yes or no.",
        "When it stands on paper from top to bottom, you will have a plain answer from me.",
    ),
    "no_draft": (
        "I have no text of {who} before me yet; table one, and I shall read it.",
        "I would gladly judge a draft of {who}, and so far I see none.",
        "Bring it as a full text first, for {who} has given me nothing to sign so far.",
    ),
    "backed": (
        "My name stands under offer {number}, and I have not taken it away.",
        "Offer {number} of {who} has my support already.",
    ),
    "draft_view": (
        "In the text of {who} I look first at {topic}.",
        "What I read twice in the draft of {who} is {topic}.",
        "If you ask where the draft of {who} is hardest for me, look at {topic}.",
    ),
    "proposal": (
        "What I offer is put on paper, and this is what it turns on.",
        "You will have a text from me, and what it turns on I can say.",
        "My offers come written, and whole; the thought behind them is no secret.",
        "The best that I can do shows in a text, and it looks better the more it gets in return.",
    ),
    "alternative": (
        "You have other roads, and so have I; let me see first how far this one leads.",
        "I do not doubt that you have a choice, and I would like to be the better one.",
        "I could go home without a text, and I did not come here for that.",
        "That is your right, and I would be sorry; tell me what would keep us talking.",
    ),
    "private": (
        "Ask for a room, and I shall come to it.",
        "Gladly, once a room is open; here everybody hears what I say.",
        "Some things I would say more easily without an audience.",
    ),
    "alone": (
        "I see nobody else listening, so speak freely.",
        "What you say here stays with me.",
        "There is no audience here that I know of.",
    ),
    "accord": (
        "That helps, and I would like to see {topic} drafted in that spirit.",
        "Good; if {topic} can be settled, I would spend the time on the rest.",
        "I thought that {topic} might not divide us, and I am glad of it.",
    ),
    "glad": (
        "I am glad to hear it, and gladder to read it.",
        "Good, and I shall remember that {who} said so.",
        "I take that as a step, and I would like to see it in a text.",
    ),
    "no": (
        "I have heard the no; tell me what would make it a yes.",
        "You decline, and I respect it; what would you put in its place?",
        "I take it that this is not enough for {who}; say what is missing.",
        "Then it will not be that; I am ready to look at another way to the same end.",
    ),
    "others": (
        "Others speak for themselves, and I answer for nobody but me.",
        "You would have to ask them; I know their texts and not their thoughts.",
        "About third parties I say nothing here that I would not say to their faces.",
    ),
    "trust": (
        "I do not ask you to believe me; I ask for terms that hold without it.",
        "A promise of mine is worth what stands in the text, so let me put it there.",
        "If you doubt me, write in what would let you see that I keep to it.",
    ),
    "procedure": (
        "I know no more of the order of business than you do; the table's own papers show it.",
        "That is shown by the table itself, and I only follow it.",
    ),
    "trade": (
        "{who} ties {one} to {two}, and I shall look at the two side by side.",
        "I hear an exchange, with {one} on one side of it and {two} on the other.",
        "You ask me to weigh {one} against {two}.",
        "That is a bargain over {one} and over {two}, and I take it as one.",
    ),
    "trade_end": (
        "Neither half is worth anything alone: put both into one text, and I reply to that.",
        "What such an exchange is worth to me depends on all the rest, so write it out.",
        "I do not take one half of a bargain in advance; bring the two in one draft.",
        "Let me see it on paper, with everything that stands around it.",
    ),
    "tied": (
        "I note that it comes with a condition on {topic}.",
        "You make it hang on {topic}, and I have heard that as well.",
        "In return you look to {topic}, if I follow you.",
    ),
    "news": (
        "I have heard the news too, and I am still here.",
        "The news does not change my text; it changes how long I can look at it.",
    ),
    "news_topic": (
        "The news bears on {topic}, and I cannot act as if it did not.",
        "What is reported today is one more reason for me to see {topic} settled in writing.",
    ),
    "walk": (
        "I am leaving these talks.",
        "I have come to the end of what I can do here, and I leave the table.",
        "I see no text here that I could sign, and so I go.",
    ),
    "argue": (
        "What I carry on {topic} is {option}, and I have given my reasons.",
        "On {topic} my text provides for {option}, and I ask you to test it.",
        "As to {topic}, I would still settle on {option}.",
        "I keep to {option}, because on {topic} I know of nothing that asks less of both sides.",
        "Nobody has yet shown me why {option} should fail as an answer on {topic}.",
        "My reasons on {topic} are before you, and they lead to {option}.",
        "When I speak of {topic}, I mean {option}.",
    ),
    "between": (
        "Some texts here carry {other}; on {topic} I would sooner see {option}.",
        "I compare {option} with {other}, and on {topic} I prefer the first.",
        "Set {option} beside {other}, and you have my difficulty on {topic}.",
    ),
    "close": (
        "On {topic} I remain ready to listen to anyone who brings a text.",
        "There is more to be said on {topic}, and I will say it when it helps.",
        "My door stays open on {topic}.",
        "I hope to hear more about {topic} before the round is over.",
        "I would welcome a proposal on {topic}.",
    ),
}
"""By act, with the fill-ins of the frames for delegations."""
