"""Where the AuthZEN API stands."""
