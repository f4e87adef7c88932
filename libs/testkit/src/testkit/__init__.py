"""Embedded servers, databases, clients and matrix tests for the suites."""
