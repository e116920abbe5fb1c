"""The HTTP API under /v1: what a widget, an app or a shop's own server speaks to.

application     the FastAPI application of the routes below, with its OpenAPI document at /v1/openapi.json
shop            the shop, questions to begin with, products, comparison
sessions        signing a shopper in with the shop's token, and out again
conversations   conversations, messages, the stream of events, stop, feedback
wire            the JSON bodies, and stored values as them
streams         answers over server-sent events, and answers that wait for the whole reply
access          who asks, and which conversation is theirs
problems        errors as RFC 9457 problem JSON
"""
