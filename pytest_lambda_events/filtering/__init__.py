"""Filters: event patterns, what of a record they see, and which records pass. The law: it is pure."""
