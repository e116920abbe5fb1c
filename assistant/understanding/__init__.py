"""A message and its conversation become a `Query`, without a model and without searching.

intents, measures, references, judging, asking    what words say: kind, "lightest", "the second", "is it lighter"
message                                  all that one message says by itself, read with the catalogue's vocabulary
follow_ups                               a message that only makes sense after the ones before it
splitting                                a message that asks two things
deciding                                 what kind of message it is and what it is about: `understand`
"""

from assistant.understanding.deciding import understand
from assistant.understanding.splitting import questions_in

__all__ = ["questions_in", "understand"]
