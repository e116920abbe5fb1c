"""The agent desk: what people of the shop see of its conversations, decide and send."""
