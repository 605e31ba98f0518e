"""Are the tests any good? One small change at a time, and the question whether a test fails. The law: `python -m
mutation` is a command of its own; nothing here runs with the tests, and nothing here is imported by the package.

How a change (a mutant) is tried: `mutants` finds what may be changed, `changes` says how; `reach` runs the tests once
and keeps which of them reach which line; `choosing` picks the tests for one mutant, of what runs at import with the
help of `names`; `trying` runs them on it, each in a fork (`forking`) of a process that has everything imported;
`survivors` keeps the list of those that no test noticed, with what was judged of each.
"""
