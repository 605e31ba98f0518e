"""What changed between two runs. The law: ids, and what is made up by chance, are no difference; all else is one."""
