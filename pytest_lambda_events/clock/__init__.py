"""Virtual time: `virtual` is the clock, `travel` projects it on datetime, time and asyncio while a harness runs."""
