"""Short addresses of pages that organizations own."""
