"""JSON:API documents, parameters and errors for Litestar."""
