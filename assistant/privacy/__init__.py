"""Personal data kept out of logs and away from models on other machines.

The modules, in the order in which a text meets them:

    folding            text as it is read: full-width signs, invisible characters, escapes; with the way back
    checksums          which numbers can be real
    found              what a recogniser reports, and the words before a number that say what it is
    mail, numbers, identity, addresses, chinese_addresses      the recognisers
    recognising        all of them over one text
    masking            placeholders and back: `mask`, `Masker`, `Restorer`, `anonymise`
    logs               a logging filter for every record of the process
    drafting           a `Drafter` around another, whose model sees no personal data

Names of people are not recognised: that needs a model, and a wrong guess hides a brand. See docs/privacy.md.
"""
