export default {
  assistant: "Assistant", waiting: "Waiting for a person", agent: "{} is answering", withdrawn: "{} took a message back.", asof: "As of {}",
  close: "Close", fresh: "New chat", send: "Send", stop: "Stop", box: "Your message", hint: "How can we help?",
  note: "An automated assistant. Prices and stock come from the shop's records.", hello: "Hello! How can I help you?",
  you: "You", team: "Our team", openers: "Questions to start with", next: "You could ask next", products: "Products",
  compare: "Compare these", add: "Add to cart", choose: "Which one?", adding: "Adding…",
  added: "In your cart", refused: "That did not work. Please use the product's page.", instock: "In stock",
  sold: "Out of stock", unpriced: "Price not listed", was: "Was {}", rated: "Rated {} out of 5", sources: "Sources",
  more: "Read more", good: "Good answer", bad: "Bad answer", thinking: "One moment", stopped: "Stopped.",
  person: "A person can take over", records: "Answered from the shop's records.",
  offline: "The shop cannot be reached. Trying again…", busy: "Busy. Yours is next…", again: "Try again",
  accepted: "One moment…", done: "Done", confirm: "Yes, go on", failed: "Something went wrong on our side. Please try again.",
};
