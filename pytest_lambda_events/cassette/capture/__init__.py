"""Capturing from live sources. The law: the source is left as it was, and what only Lambda knows is marked as made up.

One module for each kind of source, behind the port in `taps`; `session` runs one, `batches` makes events of what came,
and `saving` writes them. `lambda_capture` is not for here: it is copied into applications.
"""
