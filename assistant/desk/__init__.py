"""The agent desk: what people of the shop see of its conversations, decide and send.

In: agents and what they want. Out: conversations with drafts beside them, and what is sent to shoppers.

    values      a conversation as an agent sees it
    drafting    what the assistant would answer, made beside the shoppers' answers
    beside      cards and sources beside what an agent says
    desk        everything an agent can see and do
    insights    what happened, counted and drawn for leads
"""

from assistant.desk.desk import MESSAGE_CHARS, Desk
from assistant.desk.values import OpenConversation

__all__ = ["MESSAGE_CHARS", "Desk", "OpenConversation"]
