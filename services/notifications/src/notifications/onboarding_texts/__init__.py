"""What the provider of short messages reports of them."""
