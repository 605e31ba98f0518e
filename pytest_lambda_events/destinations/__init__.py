"""On-failure destinations of event source mappings: what is written about a discarded batch, and how it gets there."""
