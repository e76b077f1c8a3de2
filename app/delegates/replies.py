"""Answers a person's words in role: on the subject they raised, and never beyond what is public."""

from __future__ import annotations

from app.delegates.persuasion import best_option, fallback_issues, merit, utter
from app.delegates.purposes import purpose, trades
from app.delegates.reading import Reading, asked_about, priced, read, seats_named
from app.delegates.rhetoric import Fills, Rostrum, joined, package_of, speakable, stance
from app.domain.moves import Speech
from app.domain.table import PLENARY, Remark, Table
from app.domain.terms import Issue


def answer(room: Table, seat: str, asked: Remark) -> Speech:
    """A reply to a remark, from what everybody in that room may see."""
    slot = f"{asked.room}/{asked.number}/{len(room.words)}"
    rostrum = Rostrum(room=room, seat=seat, slot=slot, private=asked.room != PLENARY)
    reading = read(asked.speech.text, room.case, asked.seat)
    reply = _Reply(rostrum, asked, reading)
    reply.compose()
    return Speech(
        text=rostrum.text,
        by="engine",
        to=asked.seat if asked.seat in room.case.seat_ids else None,
        points=tuple(rostrum.points),
        issues=tuple(dict.fromkeys(rostrum.issues)),
        answers=asked.number,
    )


class _Reply:
    """One reply in the making."""

    def __init__(self, rostrum: Rostrum, asked: Remark, reading: Reading) -> None:
        self.rostrum = rostrum
        self.asked = asked
        self.reading = reading
        self.who = rostrum.who(asked.seat)
        self.text = asked.speech.text
        self.purpose = purpose(self.text)
        case = rostrum.case
        first = asked_about(self.text, case, asked.seat) if reading.kind == "question" else ()
        self.issues = list(dict.fromkeys((*first, *reading.issues)))
        if not self.issues and reading.kind in ("question", "statement", "offtopic"):
            known = rostrum.room.agenda.ids
            self.issues = [issue for issue in asked.speech.issues if issue in known]
            self.issues = self.issues or list(priced(self.text, case))

    def compose(self) -> None:
        """The reply by the kind of remark, then up to the least length."""
        self._greeting_of_the_room()
        match self.reading.kind:
            case "question" | "statement" | "offtopic" | "unread" if self._to_the_purpose():
                pass
            case "question":
                self._question()
            case "offer":
                self._offer()
            case "statement":
                self._statement()
            case "threat":
                self._say("threat")
                self._argue(1)
            case "thanks":
                self._say("thanks")
                self._rest()
            case "greeting":
                self._say("greeting")
                self._subjects()
            case "probe":
                self._say("decline")
                self._subjects()
            case "unread":
                self._say("insult" if self.reading.abuse else "unread")
                self._subjects()
            case "offtopic":
                self._off_topic()
        self._complete()

    # -- purposes ------------------------------------------------------------------------

    def _to_the_purpose(self) -> bool:
        """What is said to words whose purpose is plain; False where their subject matters more."""
        if self.reading.abuse or not self.reading.language_ok:
            return False
        asks = self.reading.kind != "statement"
        match self.purpose:
            case "leeway" if asks or not self.issues:
                self._leeway()
            case "proposal":
                self._say("proposal")
                if not self._wishes():
                    self._rest()
            case "private":
                self._say(self._private_act())
                self._rest()
            case "accord" if not asks or not self.issues:
                self._accord()
            case _:
                return not self.issues and self._without_a_subject(asks)
        return True

    def _without_a_subject(self, asks: bool) -> bool:
        """The same for words that name no issue."""
        match self.purpose:
            case "aims" if asks:
                self._aims()
            case "draft":
                self._draft()
            case "deal" | "alternative" | "trust" | "procedure" as act:
                self._say(act)
                self._rest()
            case "no":
                self._say("no")
                self._go_on()
            case "more":
                return self._go_on()
            case _:
                return asks and self._about_others()
        return True

    def _private_act(self) -> str:
        alone = self.asked.room != PLENARY or len(self.rostrum.case.seats) == 2
        return "alone" if alone else "private"

    def _draft(self) -> None:
        """On the text of who asks: whether our name is under it, or where we look first."""
        rostrum, asker = self.rostrum, self.asked.seat
        offer = rostrum.room.offer(rostrum.room.latest.get(asker, 0))
        if offer is None:
            self._say("no_draft")
            self._rest()
            return
        if rostrum.seat in rostrum.room.backers(offer.number):
            rostrum.frame("backed", {"who": self.who, "number": str(offer.number)})
            self._rest()
            return
        carried = package_of(rostrum.room, offer.package)
        views = {i: stance(rostrum.case, rostrum.seat, i, o) for i, o in carried.items()}
        issue = min(rostrum.order(views, "draft"), key=lambda i: views[i])
        self._topic("draft_view", issue)
        self._view(issue, carried[issue], brief=True)

    def _accord(self) -> None:
        """They agree: on a subject it is to be drafted, in general it is welcome."""
        if self.issues and self._topic("accord", self.issues[0]):
            return
        self._say("glad")
        self._rest()

    def _go_on(self) -> bool:
        """On with what our last words were about; False where there were none."""
        last = self._last_issues()
        self.issues = self.issues or last
        for issue in last[:1]:
            if not self.rostrum.taken:
                self._topic("more", issue)
            if not self._view(issue, None):
                self._position(issue)
        return bool(last)

    def _about_others(self) -> bool:
        """Asked about another delegation and no subject: that is theirs to answer."""
        named = seats_named(self.text, self.rostrum.case) - {self.rostrum.seat, self.asked.seat}
        if named:
            self._say("others")
            self._rest()
        return bool(named)

    def _rest(self) -> None:
        """A word more on what is being talked about, if there is one; never a new subject."""
        self.issues = self.issues or self._last_issues()
        for issue in self.issues[:1]:
            self._view(issue, None, brief=True)

    def _off_topic(self) -> None:
        """Beyond this table, it is not taken up; else it belongs to what is being talked about."""
        asks = "?" in self.text
        if self.issues:
            self._question() if asks else self._statement()
        elif asks or self.reading.beyond or not self._go_on():
            self._say("offtopic")
            self._subjects()

    # -- kinds ---------------------------------------------------------------------------

    def _greeting_of_the_room(self) -> None:
        """First words in a private meeting."""
        room, me = self.asked.room, self.rostrum.seat
        if room == PLENARY or any(r.room == room and r.seat == me for r in self.rostrum.room.words):
            return
        if self.asked.seat in self.rostrum.case.seat_ids:
            self._say("caucus")

    def _question(self) -> None:
        """On the issue that was asked about, else on what we said last."""
        if not self.issues:
            if not self._go_on():
                self._say("unread")
                self._subjects()
            return
        if self._trade():
            return
        self._topic("question", self.issues[0])
        self._argue(2)

    def _trade(self) -> bool:
        """Asked for one thing against another: our view of both, and an answer to a whole text.

        Whether we would take it is for a turn to say. Words may not know what the sheet does.
        """
        if len(self.issues) < 2 or not trades(self.text):
            return False
        one, two = (self.rostrum.room.agenda.issue(issue) for issue in self.issues[:2])
        if not self.rostrum.frame("trade", {"who": self.who, "one": one, "two": two}):
            return False
        self.rostrum.issues += self.issues[:2]
        for issue in self.issues[:2]:
            self._view(issue, self._named().get(issue), brief=True)
        self._say("trade_end")
        return True

    def _aims(self) -> None:
        """Asked what we want: what we have said in public, or our first arguments."""
        self._say("aims")
        self._wishes()
        for issue in fallback_issues(self.rostrum)[:4]:
            if not self._position_text(issue) and self.rostrum.short:
                merit(self.rostrum, issue, self.rostrum.own(), ())

    def _wishes(self) -> bool:
        """The subjects of our stated positions, where their words were spoken before."""
        rostrum = self.rostrum
        stated = [p for p in rostrum.me.positions if not rostrum.fresh(p.text)]
        topics = list(dict.fromkeys(p.issue for p in stated))[:2]
        if len(topics) == 2:
            one, two = (rostrum.topic(rostrum.room.agenda.issue(issue)) for issue in topics)
            if rostrum.frame("wishes", {"one": one, "two": two}):
                rostrum.issues += topics
                return True
        return False

    def _leeway(self) -> None:
        """Asked where we would give way: never where, but what we have said we could live with."""
        self._say("leeway")
        rostrum = self.rostrum
        pool = rostrum.order(speakable(rostrum.case, rostrum.seat), "leeway")
        asked = [p for p in pool if p.issue in self.issues]
        if not utter(rostrum, [p for p in asked or pool if p.kind == "live-with"]):
            self._onward()

    def _last_issues(self) -> list[str]:
        """What was last talked about in that room, by us or by who asks."""
        both = (self.rostrum.seat, self.asked.seat)
        said = [r for r in self.rostrum.room.words if r.room == self.asked.room]
        about = [r.speech.issues for r in said if r.seat in both and r.speech.issues]
        known = self.rostrum.room.agenda.ids
        return [issue for issue in about[-1] if issue in known] if about else []

    def _offer(self) -> None:
        """What we believe we heard, and the request to have it as a formal offer."""
        labels = [self.rostrum.option(i, o).label for i, o in self.reading.options[:2]]
        if len(labels) == 2 and sum(len(label.split()) for label in labels) > 26:
            labels = labels[:1]
        if labels:
            self.rostrum.frame("reading", {"option": joined(labels)})
        else:
            self._topic("vague", self.issues[0])
        condition = [issue for issue in self.issues if issue not in dict(self.reading.options)]
        if labels and condition and trades(self.text):
            self._topic("tied", condition[0])
        self._argue(1)

    def _statement(self) -> None:
        """The point they made on an issue is picked up; a general statement is noted."""
        if self.issues and self._trade():
            return
        if self.issues:
            self._topic("answer", self.issues[0])
            self._argue(1)
        else:
            self._say("note")
            if self._last_issues():
                self._rest()
            else:
                self._onward()

    # -- parts ---------------------------------------------------------------------------

    def _say(self, act: str) -> bool:
        return self.rostrum.frame(act, {"who": self.who})

    def _topic(self, act: str, issue: str) -> bool:
        subject: Issue = self.rostrum.room.agenda.issue(issue)
        fills: Fills = {"who": self.who, "topic": subject}
        if self.rostrum.frame(act, fills):
            self.rostrum.issues.append(issue)
            return True
        return False

    def _argue(self, most: int) -> None:
        """Our view of each issue raised, and of the option named in it, if any."""
        for issue in self.issues[:most]:
            if not self._view(issue, self._named().get(issue)):
                self._position(issue)

    def _named(self) -> dict[str, str]:
        """The option their words name on an issue, in whatever part."""
        heard = self.reading
        return dict((*heard.negated, *heard.asked, *heard.options))

    def _view(self, issue: str, option: str | None, *, brief: bool = False) -> bool:
        """A published point on this issue that speaks to the option named.

        Our stated position comes before it, unless it is to be `brief`.
        """
        rostrum, own = self.rostrum, self.rostrum.own()
        spoken = not brief and self._position_text(issue)
        if option is None:
            return merit(rostrum, issue, own, ()) or spoken
        held = own.get(issue, best_option(rostrum, issue))
        view = stance(rostrum.case, rostrum.seat, issue, option)
        points = rostrum.order(speakable(rostrum.case, rostrum.seat), f"view/{issue}")
        if held == option or view >= 1:
            fitting = [p for p in points if p.issue == issue and option in p.favours]
        elif view < 0:
            fitting = [
                p
                for p in points
                if p.issue == issue and option in p.against and held not in p.against
            ]
        else:
            fitting = [
                p
                for p in points
                if p.issue == issue and option in p.favours and p.kind == "live-with"
            ]
        fair = [point for point in fitting if own.get(issue) not in point.against]
        return utter(rostrum, fair) or merit(rostrum, issue, own, ()) or spoken

    def _position_text(self, issue: str) -> bool:
        """Our stated position on the issue, unless our own text has moved on from it."""
        own = self.rostrum.own()
        for position in self.rostrum.me.positions:
            if position.issue != issue or own.get(issue, position.option) != position.option:
                continue
            text, private = position.text, self.rostrum.private
            if any(map(self.rostrum.say, self.rostrum.aside(text) if private else [text])):
                self.rostrum.issues.append(issue)
                return True
        return False

    def _position(self, issue: str) -> None:
        """When our points on an issue are spent: what our own text says on it."""
        subject = self.rostrum.room.agenda.issue(issue)
        own = self.rostrum.own()
        option = own.get(issue, best_option(self.rostrum, issue))
        fills: Fills = {"topic": subject, "option": subject.option(option).label}
        if self.rostrum.frame("argue", fills):
            self.rostrum.issues.append(issue)

    def _onward(self) -> None:
        """Back to the work: one argument of ours on a subject they raised or we own."""
        rostrum = self.rostrum
        for issue in (*self.issues, *fallback_issues(rostrum)):
            if merit(rostrum, issue, rostrum.own(), ()):
                return
        self._subjects()

    def _subjects(self) -> None:
        """Two subjects on which we would answer."""
        issues = self.rostrum.order(self.rostrum.room.agenda.issues, "subjects")
        drawn = [self.rostrum.topic(issue) for issue in issues]
        for one in drawn:
            for two in drawn:
                if one == two:
                    continue
                fills: Fills = {"one": one, "two": two}
                if self.rostrum.frame("subjects", fills):
                    return

    def _complete(self) -> None:
        """Up to the least length."""
        rostrum = self.rostrum
        pool = [*self.issues, *fallback_issues(rostrum)]
        for issue in pool:
            if not rostrum.short:
                return
            if rostrum.frame("close", {"topic": rostrum.room.agenda.issue(issue)}):
                rostrum.issues.append(issue)
        if rostrum.short:
            self._subjects()
