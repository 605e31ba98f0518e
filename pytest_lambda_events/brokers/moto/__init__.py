"""The room where the exact engines stand in for moto's. The law: it is the sole importer of moto, and leaves no trace.

`surface` is the door: start, stop, queues, sending. `operations` is the one table of what is replaced, `sending`,
`receiving` and `resources` hold the replacements, `guard` and `sessions` keep botocore in the process and quick.
"""
