"""Kinesis Data Streams behind moto's surface. The law: nothing here is imported before moto's Kinesis is (`late`).

`table` says what is replaced; `room` is the door for the rest of the package; `streams` has the engines.
"""
