"""How services hold records, without a source's name on it. The law: a clock's reading and data in, data out.

`visibility_queue` is the exact engine of a queue with visibility timeouts; `moto` joins the engines to moto's surface.
"""
