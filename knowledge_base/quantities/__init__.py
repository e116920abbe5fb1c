"""Numbers with their units in running text, English and Chinese: found, read exactly, converted.

number_patterns    what a number looks like, and what only looks like one
numerals           words and digits to `Decimal`: "nineteen", "两千", "1.299,00"
units              units, their dimension, conversion within one dimension
finding            a text to its `Quantity` values
matching           when a stated measure meets an asked one
"""

from knowledge_base.quantities.finding import Quantity, find_quantities
from knowledge_base.quantities.units import convert

__all__ = ["Quantity", "convert", "find_quantities"]
