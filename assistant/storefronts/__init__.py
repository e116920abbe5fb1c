"""Ways to a merchant's own system, and what they are made of.

requests    returns and cancellations that wait for the merchant, kept in a file
signing     requests and answers that nobody in between can forge
wire        the JSON of a merchant's endpoints, checked
http        a `Storefront` that calls them
"""
