"""Turns: shoppers' messages answered one at a time a conversation, in order, by whichever worker.

In: messages posted. Out: events in the conversations' logs, each stored before it is shown. A worker has a running turn
by a lease; the turns of one that died are failed, or answered by another where nothing was shown yet. A turn that
nobody follows is stopped, its partial answer kept. It knows no request and no page.

    history     stored messages as the history of a turn
    log         events to the store and to followers
    writing     calls that write, many in one transaction
    running     one turn: the assistant's events into the log
    lines       what waits and runs in one conversation
    background  what a worker looks after beside them
    working     the turns of one worker: in line, running, stopped, taken over
    pressing    a proposal whose button was pressed
"""

from assistant.turns.history import REMEMBERED, has_gaps, history_of, with_questions
from assistant.turns.lines import Busy, Timing
from assistant.turns.log import Following
from assistant.turns.pressing import press
from assistant.turns.running import reply_parts
from assistant.turns.working import Turns

__all__ = [
    "REMEMBERED",
    "Busy",
    "Following",
    "Timing",
    "Turns",
    "has_gaps",
    "history_of",
    "press",
    "reply_parts",
    "with_questions",
]
