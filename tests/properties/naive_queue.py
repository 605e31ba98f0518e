"""SQS queues as one would explain them: lists, loops, and the rules one by one. Slow, and meant to be.

Nothing here is taken from the engine; the properties hold the two against each other. Times are milliseconds.

- A message enters when it is sent, or when a send announced for later falls due. A delay hides it from then on.
- A receive takes visible messages in the order in which they became visible, and hides them. A message that was
  received maxReceiveCount times goes to the dead-letter queue instead, when it would be received once more.
- What falls due at the same moment happens in the order of the events that hid it; what retention ends goes first.
- Retention counts from the first enqueueing, in the dead-letter queue too. At exactly its end the message is gone, also
  one in flight. An announced send is not there yet, so retention cannot end it.

A FIFO queue:

- The messages of a group keep the order in which they entered until they leave. A group delivers from its front, as far
  as its messages are visible. Groups that can deliver stand in the order in which they became able to.
- A message that was received too often goes to the dead-letter queue only when everything in front of it in its group
  has left. It is as old there as if it had been sent at that moment.
- A message may be deleted only by the handle of its latest receive, and only while that hides it.
- A send within five minutes after one with the same deduplication id (in the same group, if that is the scope) sends
  nothing and is answered with the first.
- A receive with the id of an attempt of the last five minutes is answered as that one was, if nothing happened to its
  messages in between; their timeout begins anew.
"""

from __future__ import annotations

LONGEST_VISIBILITY_MS = 12 * 60 * 60 * 1000
FIVE_MINUTES_MS = 5 * 60 * 1000


class NaiveMessage:
    """A message and all there is to know of it. `turn` numbers the event that `due` follows from."""

    def __init__(self, record_id, enqueued, group=None):
        self.id = record_id
        self.group = group
        self.enqueued = enqueued
        self.place = "announced"
        self.due = enqueued
        self.turn = 0
        self.entry = 0
        self.delay = 0
        self.receives = 0
        self.first_receive = None
        self.last_receive = None
        self.last_handle = None
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

    def send(self, record_id, now, delay=None, at=None, group=None):
        self.pass_until(now)
        message = NaiveMessage(record_id, now if at is None else at, group)
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
                self.appear(message)
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
            self.appear(message)

    def hide(self, message, place, until):
        self.turns += 1
        message.turn = self.turns
        message.place = place
        message.due = until

    def appear(self, message):
        message.place = "visible"
        self.line.append(message)

    def show(self, message, at):
        self.appear(message)
        self.story.append((at, "reappeared", message.id, None))

    def go(self, message, at, fate):
        message.place = "gone"
        self.entered.remove(message)
        if message in self.line:
            self.line.remove(message)
        self.story.append((at, "left", message.id, fate))


class NaiveFifoQueue(NaiveQueue):
    """The FIFO queue. `able` are the groups that can deliver, in the order in which they became able to."""

    def __init__(self, name, *, scope="queue", **attributes):
        super().__init__(name, **attributes)
        self.scope = scope
        self.able = []
        self.sent = []  # when, group, deduplication id, record id
        self.attempts = {}

    # -- groups -------------------------------------------------------------------------------------------------------

    def front(self, group):
        """The messages of a group that could be received now."""
        found = []
        for message in self.entered:
            if message.group == group:
                if message.place != "visible":
                    break
                found.append(message)
        return found

    def look_at(self, group):
        if not self.front(group):
            if group in self.able:
                self.able.remove(group)
        elif group not in self.able:
            self.able.append(group)

    def appear(self, message):
        super().appear(message)
        self.look_at(message.group)

    def go(self, message, at, fate):
        super().go(message, at, fate)
        self.look_at(message.group)

    def next_in_line(self, now):
        self.pass_until(now)
        return [message.id for group in self.able for message in self.front(group)]

    def next_change(self, now):
        self.pass_until(now)
        if self.able:
            return now
        return min(self.due_moments(), default=None)

    # -- sending ------------------------------------------------------------------------------------------------------

    def duplicate_of(self, group, dedup, at):
        same = [
            (then, record_id)
            for then, its_group, its_dedup, record_id in self.sent
            if its_dedup == dedup and (its_group == group or self.scope == "queue") and 0 <= at - then < FIVE_MINUTES_MS
        ]
        return min(same, key=lambda pair: pair[0])[1] if same else None

    def send(self, record_id, now, delay=None, at=None, group=None, dedup=None):
        self.sent.append((now if at is None else at, group, dedup, record_id))
        super().send(record_id, now, delay, at, group)

    # -- receiving ----------------------------------------------------------------------------------------------------

    def receive(self, limit, now, visibility=None, one_group=False, attempt=None):
        self.pass_until(now)
        hidden = self.visibility if visibility is None else visibility
        began, before = self.attempts.get(attempt, (now - FIVE_MINUTES_MS, []))
        if attempt is not None and now - began < FIVE_MINUTES_MS:
            messages = [message for message, _ in before]
            if all(message.place == "in flight" and message.turn == turn for message, turn in before):
                for message in messages:
                    message.last_receive = now
                    self.hide(message, "in flight", now + hidden)
                self.attempts[attempt] = began, [(message, message.turn) for message in messages]
                if hidden == 0:
                    for message in messages:
                        self.show(message, now)
                if messages:
                    return [(message.id, message.last_handle, message.receives) for message in messages]
        messages, spent = self.choose(limit, one_group)
        for message in messages:
            self.hand_out(message, now, hidden)
        self.attempts[attempt] = now, [(message, message.turn) for message in messages]
        if hidden == 0:
            for message in messages:
                self.show(message, now)
        for message in spent:
            self.story.append((now, "left", message.id, "dead_lettered"))
        for message in spent:
            moved = NaiveMessage(message.id, now, message.group)
            moved.receives = message.receives
            moved.first_receive = message.first_receive
            moved.source = self.name
            self.dead_letters.pass_until(now)
            self.dead_letters.enter(moved, now)
        return [(message.id, message.last_handle, message.receives) for message in messages]

    def choose(self, limit, one_group):
        taken, spent = [], []
        while self.able and len(taken) < limit and not (one_group and taken):
            group = self.able.pop(0)
            is_first = True
            for message in self.front(group):
                if len(taken) == limit:
                    break
                if self.dead_letters is not None and message.receives >= self.max_receives:
                    if not is_first:
                        break
                    spent.append(message)
                    self.entered.remove(message)
                    self.line.remove(message)
                    message.place = "gone"
                    continue
                taken.append(message)
                is_first = False
        return taken, spent

    def hand_out(self, message, now, hidden):
        message.receives += 1
        message.last_receive = now
        if message.first_receive is None:
            message.first_receive = now
        self.receipts += 1
        message.last_handle = f"{self.name}-{self.receipts}"
        self.owners[message.last_handle] = message
        self.line.remove(message)
        self.hide(message, "in flight", now + hidden)
        self.story.append((now, "received", message.id, message.receives))

    # -- ending -------------------------------------------------------------------------------------------------------

    def move_out(self, limit, now):
        self.pass_until(now)
        taken, groups = [], []
        while self.able and len(taken) < limit:
            group = self.able.pop(0)
            groups.append(group)
            taken += self.front(group)[: limit - len(taken)]
        for message in taken:
            self.line.remove(message)
            self.entered.remove(message)
            message.place = "gone"
            self.story.append((now, "moved", message.id, None))
        for group in groups:
            self.look_at(group)
        return [message.id for message in taken]

    def delete(self, handle, now):
        self.pass_until(now)
        message = self.owners.get(handle)
        if message is not None and message.place == "in flight" and message.last_handle != handle:
            return "InvalidParameterValue"
        if message is not None and message.place in ("visible", "delayed"):
            return "InvalidParameterValue"
        return super().delete(handle, now)

    def delete_received(self, received, now):
        self.pass_until(now)
        many = 0
        for record_id, receives in received:
            for message in list(self.entered):
                if message.id == record_id and message.place == "in flight" and message.receives == receives:
                    self.go(message, now, "processed")
                    many += 1
        return many
