"""What the project promises, measured. The law: ratios first, best of several, nothing here runs in the tests."""
