"""A message and its conversation become a `Query`, without a model and without searching.

intents, measures, references, judging   what words say: kind of message, "lightest", "the second", "is it lighter"
parties                                  how many people a thing is for
persons                                  contacts and the name of whoever writes
asking, asking_why                       which facets are asked for; reasons
message                                  all that one message says by itself, read with the catalogue's vocabulary
follow_ups                               a message that only makes sense after the ones before it
acting, own_orders                       what is wanted done; a message about an order of one's own
splitting, listing                       a message that asks two things, or for several kinds of things
deciding                                 what kind of message it is and what it is about: `understand`
"""

from assistant.understanding.deciding import understand
from assistant.understanding.listing import kinds_in
from assistant.understanding.splitting import questions_in

__all__ = ["kinds_in", "questions_in", "understand"]
