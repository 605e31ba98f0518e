"""Frozen values and the pure rules that read them. The law: no clock, no I/O, no AWS library in this room."""
