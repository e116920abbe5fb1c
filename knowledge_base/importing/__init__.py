"""Files as merchants export them become rows, and rows become products, passages and records.

    decoding, delimited, exact_json, tables, rows    any file to numbered rows; money and dates stay exact
    profile, headers, columns, conventions           what each column holds, by its header and its values
    grouping, feeds                                  which rows are variants of one product; three feeds
    drafts, cells, money, prose, products            cells to a `Product`, with a problem for each that cannot be read
    passages                                         documents cut into passages that can be cited
    records                                          orders, reviews, prices, events

`knowledge_base.catalog` and `knowledge_base.documents` are the doors; nothing else outside imports from here but for
`records` and `money`.
"""
