"""What can go wrong in the assistant. Expected refusals are `Finding`s, not exceptions.

AssistantError
├── SettingsError       a setting is unknown, malformed or a sample secret
├── ModelError          the chat model could not be used; the composer answers instead
│   ├── ModelUnavailable    not loaded, not reachable, or its circuit is open
│   └── ModelTimeout        no first token, or no next token, in time
├── StorefrontError     the shop's own system gave no answer that can be believed
└── StoreError          what should be kept could not be written or read
    ├── UnknownConversation  there is none of that id
    ├── UnknownMessage       it is not in the conversation
    ├── UnknownTurn          there is none of that id
    ├── TurnOver             the turn is finished, or another worker's
    ├── IdempotencyConflict  an idempotency key was used for another message
    ├── UnknownAgent         there is none of that id
    └── AgentRefused         an account cannot be made as it was asked for

DeskError, of AssistantError: what an agent wants is not possible as things stand; nothing was changed
├── NotYours            the conversation, or the message, is another agent's, or nobody's
├── Taken               another agent has claimed the conversation
├── HandoffOver         nobody is waited for in the conversation any more
├── StaleDraft          the shopper has written since the draft was made
├── DraftOver           the draft was sent, rejected or answered otherwise already
├── TooLate             a message cannot be taken back any more
├── NothingToAnswer     there is nothing that a draft could be made of
├── NeedsModel          what is wanted is done by a model, and there is none
├── NoVariant           a draft cannot be had so: nothing would be left that may be said
├── NothingToSay        a text is empty, or too long
├── UnknownCorrection   there is none of that id
├── CorrectionRefused   it says nothing, or the agent may not do that
└── CorrectionOver      somebody else has decided about it already
"""


class AssistantError(Exception):
    """Any expected failure of this package; the message names the remedy."""


class SettingsError(AssistantError):
    """A setting cannot be used."""


class ModelError(AssistantError):
    """The chat model could not draft."""


class ModelUnavailable(ModelError):
    """The chat model is not loaded or not reachable."""


class ModelTimeout(ModelError):
    """The chat model kept the shopper waiting too long."""


class StorefrontError(AssistantError):
    """The merchant's order system is down, too slow, or answered something else than was agreed."""


class StoreError(AssistantError):
    """Something of a conversation could not be stored or read."""


class UnknownConversation(StoreError):
    """There is no such conversation."""


class UnknownMessage(StoreError):
    """There is no such message in the conversation."""


class UnknownTurn(StoreError):
    """There is no such turn."""


class TurnOver(StoreError):
    """The turn is finished already, or belongs to another worker now."""


class IdempotencyConflict(StoreError):
    """The key stands for another message."""


class UnknownAgent(StoreError):
    """There is no such agent."""


class AgentRefused(StoreError):
    """An account cannot be made so: its login is taken, or what was given cannot be used."""


class DeskError(AssistantError):
    """What an agent wants is not possible as things stand; nothing was changed."""


class NotYours(DeskError):
    """The conversation, or the message, is another agent's, or nobody's."""


class Taken(DeskError):
    """Another agent has claimed the conversation."""


class HandoffOver(DeskError):
    """Nobody is waited for in the conversation any more."""


class StaleDraft(DeskError):
    """The shopper has written since the draft was made."""


class DraftOver(DeskError):
    """The draft was sent, rejected or answered otherwise already."""


class TooLate(DeskError):
    """The message was sent too long ago to be taken back."""


class NothingToAnswer(DeskError):
    """There is nothing that a draft could be made of."""


class NeedsModel(DeskError):
    """Only a model does what is wanted, and the assistant has none."""


class NoVariant(DeskError):
    """A draft cannot be had so: it is as short as it gets, or nothing of that version may be said."""


class NothingToSay(DeskError):
    """A text is empty, or too long."""


class UnknownCorrection(DeskError):
    """There is no such correction."""


class CorrectionRefused(DeskError):
    """A correction cannot be made so: nothing is left of it without personal data, or the agent may not do that."""


class CorrectionOver(DeskError):
    """What was asked of a correction does not fit its state: somebody else has decided about it already."""
