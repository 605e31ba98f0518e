"""What people read about a run. The law: a report reads a `Run` and nothing else; the same run reads the same."""
