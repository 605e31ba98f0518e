"""A standard SQS queue as one would explain it: lists, loops, and the rules one by one. Slow, and meant to be.

Nothing here is taken from the engine; the properties hold the two against each other. Times are milliseconds.

- A message enters when it is sent, or when a send announced for later falls due. A delay hides it from then on.
- A receive takes visible messages in the order in which they became visible, and hides them. A message that was
  received maxReceiveCount times goes to the dead-letter queue instead, when it would be received once more.
- What falls due at the same moment happens in the order of the events that hid it; what retention ends goes first.
- Retention counts from the first enqueueing, in the dead-letter queue too. At exactly its end the message is gone, also
  one in flight. An announced send is not there yet, so retention cannot end it.
"""

from __future__ import annotations

LONGEST_VISIBILITY_MS = 12 * 60 * 60 * 1000


class NaiveMessage:
    """A message and all there is to know of it. `turn` numbers the event that `due` follows from."""

    def __init__(self, record_id, enqueued):
        self.id = record_id
        self.enqueued = enqueued
        self.place = "announced"
        self.due = enqueued
        self.turn = 0
        self.entry = 0
        self.delay = 0
        self.receives = 0
        self.first_receive = None
        self.last_receive = None
        self.source = None


class NaiveQueue:
    """The queue. `now` is how far it has come; `story` is what happened, one line for each record."""

    def __init__(self, name, *, visibility, delay, retention, max_receives=None, dead_letters=None):
        self.name = name
        self.visibility = visibility
        self.delay = delay
        self.retention = retention
        self.max_receives = max_receives
        self.dead_letters = dead_letters
        self.now = 0
        self.entered = []  # in the order of entering
        self.announced = []
        self.line = []  # the visible ones, in the order of becoming visible
        self.owners = {}  # every handle ever given out, and whose it is
        self.story = []
        self.turns = 0
        self.receipts = 0

    # -- what one can see ---------------------------------------------------------------------------------------------

    def places(self, now):
        self.pass_until(now)
        return [(m.id, m.place, m.receives, m.first_receive, m.enqueued, m.source) for m in self.entered]

    def counts(self, now):
        self.pass_until(now)
        places = [message.place for message in self.entered]
        return places.count("visible"), places.count("in flight"), places.count("delayed")

    def next_in_line(self, now):
        self.pass_until(now)
        return [message.id for message in self.line]

    def next_change(self, now):
        self.pass_until(now)
        if self.line:
            return now
        return min(self.due_moments(), default=None)

    def due_moments(self):
        waiting = [m.due for m in self.entered + self.announced if m.place != "visible"]
        return sorted({*waiting, *(m.enqueued + self.retention for m in self.entered)})

    # -- what one can do ----------------------------------------------------------------------------------------------

    def send(self, record_id, now, delay=None, at=None):
        self.pass_until(now)
        message = NaiveMessage(record_id, now if at is None else at)
        message.delay = self.delay if delay is None else delay
        if message.enqueued > now:
            self.announced.append(message)
            self.hide(message, "announced", message.enqueued)
        else:
            self.enter(message, now)

    def receive(self, limit, now, visibility=None):
        self.pass_until(now)
        hidden = self.visibility if visibility is None else visibility
        taken, spent = [], []
        while self.line and len(taken) < limit:
            message = self.line.pop(0)
            if self.dead_letters is not None and message.receives >= self.max_receives:
                spent.append(message)
                continue
            message.receives += 1
            message.last_receive = now
            if message.first_receive is None:
                message.first_receive = now
            self.receipts += 1
            handle = f"{self.name}-{self.receipts}"
            self.owners[handle] = message
            self.hide(message, "in flight", now + hidden)
            self.story.append((now, "received", message.id, message.receives))
            taken.append((message, handle))
        if hidden == 0:
            for message, _ in taken:
                self.show(message, now)
        for message in spent:
            self.go(message, now, "dead_lettered")
        for message in spent:
            moved = NaiveMessage(message.id, message.enqueued)
            moved.receives = message.receives
            moved.first_receive = message.first_receive
            moved.source = self.name
            self.dead_letters.pass_until(now)
            self.dead_letters.enter(moved, now)
        return [(message.id, handle, message.receives) for message, handle in taken]

    def delete(self, handle, now):
        self.pass_until(now)
        if handle not in self.owners:
            return "ReceiptHandleIsInvalid"
        message = self.owners[handle]
        if message.place == "gone":
            return False
        self.go(message, now, "processed")
        return True

    def change_visibility(self, handle, visibility, now):
        self.pass_until(now)
        if handle not in self.owners:
            return "ReceiptHandleIsInvalid"
        message = self.owners[handle]
        if message.place != "in flight" or now + visibility - message.last_receive > LONGEST_VISIBILITY_MS:
            return "InvalidParameterValue"
        if visibility == 0:
            self.show(message, now)
        else:
            self.hide(message, "in flight", now + visibility)
        return None

    def purge(self, now):
        self.pass_until(now)
        many = len(self.entered)
        for message in list(self.entered):
            self.go(message, now, "discarded")
        return many

    # -- the rules ----------------------------------------------------------------------------------------------------

    def pass_until(self, now):
        """Let time pass, one event after the other."""
        while True:
            events = []
            for message in self.entered:
                # a message that comes in too old, or is made too old, cannot have ended before that
                ends = max(message.enqueued + self.retention, self.now)
                events.append((ends, 0, message.enqueued, message.entry, message))
            hidden = [message for message in self.entered + self.announced if message.place != "visible"]
            events += [(message.due, 1, message.turn, 0, message) for message in hidden]
            due = [event for event in events if event[0] <= now]
            if not due:
                break
            at, kind, _, _, message = min(due, key=lambda event: event[:4])
            self.now = at
            if kind == 0:
                self.go(message, at, "expired")
            elif message.place == "announced":
                self.announced.remove(message)
                self.enter(message, at)
            elif message.place == "delayed":
                message.place = "visible"
                self.line.append(message)
            else:
                self.show(message, at)
        self.now = now

    def enter(self, message, at):
        self.turns += 1
        message.entry = self.turns
        self.entered.append(message)
        self.story.append((at, "entered", message.id, None))
        if message.delay:
            self.hide(message, "delayed", at + message.delay)
        else:
            message.place = "visible"
            self.line.append(message)

    def hide(self, message, place, until):
        self.turns += 1
        message.turn = self.turns
        message.place = place
        message.due = until

    def show(self, message, at):
        message.place = "visible"
        self.line.append(message)
        self.story.append((at, "reappeared", message.id, None))

    def go(self, message, at, fate):
        message.place = "gone"
        self.entered.remove(message)
        if message in self.line:
            self.line.remove(message)
        self.story.append((at, "left", message.id, fate))
