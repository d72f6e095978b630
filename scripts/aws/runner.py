"""The one place that executes a plan: effect by effect, the ledger written before and after each call."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .filling import at, fill
from .ledger import Ledger
from .papers import decode_all, encode
from .plan import MISSING, Answer, Ask, Call, Each, Effect, Plan, Undo, Upload, Wait
from .progress import lines
from .refusals import Refused, refused
from .session import Aws

NOT_AN_ANSWER = re.compile(r"5\d\d|Internal\w*|ServiceUnavailable\w*|\w*(Timeout|Connection)\w*Error|HTTPClientError")
TOO_OFTEN = re.compile(r"Throttl\w*|TooManyRequests\w*|RequestLimitExceeded")
SILENCES = 20
"""So many times in a row a wait asks again where AWS does not answer: a job of hours outlasts a network that fails."""

SETTLINGS, SETTLING_S = 3, 5.0
"""So often, and so long after, AWS is asked again where it still lists what was just taken away."""

PAGES = ("NextToken", "nextToken")
"""What a page calls the way to the next, as SageMaker and CloudWatch write it."""

UNHEALTHY = "health check"


@dataclass
class Runner:
    """Executes plans in one account; `known` fills their holes, and grows by every named answer.

    `say` is handed one line for every step.
    """

    aws: Aws
    ledger: Ledger
    known: dict[str, Any]
    say: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep
    _left: list[str] = field(default_factory=list)

    def run(self, plan: Plan) -> Mapping[str, Answer]:
        """Execute the plan and return the named answers. Raises Refused; what was made by then is in the ledger."""
        self._all(plan.effects)
        if self._left:
            raise Refused(
                "not everything could be taken away; mend this and run cleanup again: " + "; ".join(self._left)
            )
        return {name: answer for name, answer in self.known.items() if isinstance(answer, Mapping)}

    def _all(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            self._one(effect)

    def _one(self, effect: Effect) -> None:
        match effect:
            case Call():
                self._call(effect)
            case Ask():
                self._ask(effect)
            case Wait():
                self._wait(effect)
            case Each():
                self._each(effect)
            case Upload():
                self._upload(effect)
            case Undo():
                self._undo(effect)

    def _call(self, call: Call) -> None:
        self.say(fill(call.why, self.known))
        if call.made:
            self._noted(call.made, call.undo, lambda: self._send(call))
        else:
            self._send(call)

    def _noted(self, what: str, undo: Sequence[Effect], act: Callable[[], object]) -> None:
        """Do it between two lines of the ledger."""
        number = self.ledger.intend(fill(what, self.known), decode_all(fill(encode(list(undo)), self.known)))
        try:
            act()
        except Refused as refusal:
            # AWS said no, so nothing stands there; an answer that never came may have done its work.
            if not NOT_AN_ANSWER.fullmatch(refusal.code):
                self.ledger.close(number, "failed")
            raise
        self.ledger.close(number, "made")

    def _send(self, call: Call) -> Answer:
        parameters = fill(call.parameters, self.known)
        try:
            answer = self.aws.ask(call.service, call.operation, parameters)
        except Refused as refusal:
            if not _accepted(refusal, call.accept):
                raise
            answer = {}
        if call.name:
            self.known[call.name] = answer
        return answer

    def _ask(self, ask: Ask) -> None:
        try:
            answer = self._send(ask.probe)
        except Refused as refusal:
            if not _accepted(refusal, MISSING):
                raise
            self._all(ask.missing)
            return
        found = not ask.states or at(answer, ask.path) in ask.states
        self._all(ask.found if found else ask.missing)

    def _wait(self, wait: Wait) -> None:
        told: list[str] = []
        while True:
            try:
                answer = self._patiently(wait)
            except Refused as refusal:
                if "gone" in wait.good and _accepted(refusal, MISSING):
                    return
                if not wait.bad:
                    raise
                raise _not_ended(refusal) from refusal
            for line in lines(answer, wait.path):
                if line not in told:
                    told.append(line)
                    self.say("  " + line)
            state = at(answer, wait.path)
            if state in wait.good:
                return
            if state in wait.bad:
                # Of a job that ran out of time, the secondary status alone says so.
                why = str(at(answer, wait.reason) or at(answer, "SecondaryStatus") or state)
                if UNHEALTHY in why:
                    why += self._said(wait)
                raise refused(_failure(wait), why, operation=wait.probe.operation)
            self.sleep(wait.every_s)

    def _patiently(self, wait: Wait) -> Answer:
        for _ in range(SILENCES):
            try:
                return self._send(wait.probe)
            except Refused as refusal:
                if not (NOT_AN_ANSWER.fullmatch(refusal.code) or TOO_OFTEN.fullmatch(refusal.code)):
                    raise
                self.say(f"  no answer ({refusal.code}), asking again")
                self.sleep(wait.every_s)
        return self._send(wait.probe)

    def _said(self, wait: Wait) -> str:
        """The container's own reason: the last line of its log that names an error, else the last line."""
        answer: Answer = {}
        try:
            for call in wait.log:
                answer = self._send(call)
        except Refused:
            return ""
        told = [line for event in answer.get("events", ()) if (line := event["message"].strip())]
        named = [line for line in told if line.startswith("error:")] or told
        return f" The container said: {named[-1]}" if named else ""

    def _each(self, each: Each) -> None:
        before: Any = None
        alike = 0
        while items := self._listed(each):
            alike = alike + 1 if items == before else 0
            if alike > SETTLINGS:
                raise Refused(f"{each.call.operation} changes nothing: {items[0]}", at=each.listing.operation)
            if alike:
                self.sleep(SETTLING_S)
            before = items
            for handed in [{"items": [_only(item, each.keys) for item in items]}] if each.keys else items:
                holes = handed if each.keys else {"item": handed}
                self._send(replace(each.call, parameters=fill(each.call.parameters, {**self.known, **holes})))

    def _listed(self, each: Each) -> list[Any]:
        """The items meant of the first page that has any: what is taken away from it makes room for the next."""
        listing = each.listing
        while True:
            try:
                answer = self._send(listing)
            except Refused as refusal:
                if _accepted(refusal, MISSING):
                    return []
                raise
            items = [item for path in each.lists for item in at(answer, path) or () if _meant(item, each.where)]
            more = {name: answer[name] for name in PAGES if answer.get(name)}
            if items or not more:
                return items
            listing = replace(each.listing, parameters={**each.listing.parameters, **more})

    def _upload(self, upload: Upload) -> None:
        where = fill({"bucket": upload.bucket, "key": upload.key}, self.known)
        name = f"s3://{where['bucket']}/{where['key']}"
        self.say(f"{upload.why}: {upload.file.name} -> {name}")
        self._noted(f"object {name}", upload.undo, lambda: self.aws.upload(upload.file, **where))

    def _undo(self, undo: Undo) -> None:
        self.say(f"take away {undo.what}")
        try:
            self._all(undo.effects)
        except Refused as refusal:
            self._left.append(f"{undo.what} ({refusal})")
            return
        self.ledger.close(undo.number, "undone")


def _accepted(refusal: Refused, patterns: Sequence[str]) -> bool:
    own = f"{refusal.code}: {refusal.own}"
    return any(re.search(pattern, own, re.IGNORECASE) for pattern in patterns)


def _not_ended(refusal: Refused) -> Refused:
    """Most sentences say to run the same command again: what was started would be paid twice."""
    sentence = f"{refusal.sentence}; but what was started goes on: look at it in the console, and do not start it again"
    return Refused(sentence, at=refusal.at, code=refusal.code, own=refusal.own)


def _meant(item: Mapping[str, Any], where: Sequence[str]) -> bool:
    return not where or re.fullmatch(where[1], str(item.get(where[0], ""))) is not None


def _failure(wait: Wait) -> str:
    return "EndpointFailed" if "Endpoint" in wait.probe.operation else "JobFailed"


def _only(item: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    return {key: item[key] for key in keys if key in item}
