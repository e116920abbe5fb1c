"""What a person of the shop said in a conversation, as evidence of that conversation.

In: the history of a turn. Out: the words that bear on its question, as a `Told` in the evidence; the assistant passes
them on and states nothing against them. What was withdrawn is in no history, and what a shopper says that somebody
promised is no promise.

    matters         what a sentence is about, and the figures it states
    statements      a person's messages as statements, each with its matter and products
    bearing         which of them bear on a question: the latest on the matter
    contradicting   whether a sentence of a reply goes against them
"""
