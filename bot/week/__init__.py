"""Your week: what a chat's topics brought, which words are on the rise, what became of papers."""
