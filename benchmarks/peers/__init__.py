"""Beside what people use today, in one run: the same handler and the same messages, each in turn, the best of each.

The law: nothing of a peer gets into the project's environment. What has to be installed lives in environments of its
own (`environments`), which only `--with-peers` makes; what is not there is said to be missing. Ours comes first in each
case.
"""
