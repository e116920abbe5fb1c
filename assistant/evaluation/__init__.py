"""Does it all hold, on any shop folder: `python -m assistant.evaluation --help`.

records      a shop's raw records, read without the pipeline
truth        what is true of them: who meets a wish, which is cheapest, how many
subjects     which kinds of things the shop sells
phrasing     how shoppers ask, in English and Chinese (`phrasing_en.toml`, `phrasing_zh.toml`)
parts        a product as a shopper names it, a round limit, a telling colour
generator    questions with their truth;  `questions` the values
figures      what a reply states, read by code of the judge's own
wrong_figures  figures that contradict the record they are attached to
judge        one reply against its truth
replies      questions through the assistant;  `passages` FAQ and policies
retrieval    rankings against relevance judgements;  `latency` time to first words
metrics      pure functions;  `report` a table for people and one JSON line last
"""
