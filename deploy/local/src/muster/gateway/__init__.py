"""The gateway: its route table, its configuration and the merged OpenAPI document."""
