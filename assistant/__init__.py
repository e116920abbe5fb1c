"""From a shopper's question to a checked reply.

The modules, in the order in which a question meets them:

    types           the values that flow: Turn, Query, Evidence, Prompt, Finding, Reply, Event
    understanding   Turn -> Query
    pipeline        the stages in order; `Assistant` runs them
    storefront      orders, live figures, returns: the interface a merchant implements; `storefronts` are ways to one
    orders          whose orders a turn may show, and what follows from them
    prompt          Query + Evidence -> Prompt; `fencing` makes third-party text safe for it
    generation      Prompt -> text: the composer (no weights), a local model, a remote model
    checks          text -> Findings: every figure, link and claim held against the evidence
    cards           Evidence -> product cards and citations, every figure from the record
    proposals       what is done at the press of a button, and the doing of it
    handoff         when a person should take over
    store           conversations and feedback that outlive the process
    config          Settings; `errors` the error tree
    bootstrap       Settings -> Assistant: the only place where real models and stores are built
    evaluation      `python -m assistant.evaluation`: does it all hold, on any shop folder
"""
