"""Orders in a turn: whose may be shown, and what follows from their records and the shop's own words."""
