"""What the checks are made of. `assistant.checks` runs them; nothing else imports from here.

reading, mentions, grounds                  a sentence taken apart: its subjects, figures, and the records they rest on
holding, bounds                             does a figure stand in the record that the sentence is about
claims, promises, assertions                stock, discounts, policies, yes and no, superlatives
names, identifiers, links                   products, orders, codes, addresses on the web
foundation, talk                            is it spoken of in a record at all
planted                                     does a record want it to be said
hygiene                                     markup, disclosed instructions, another language, garbage
"""
