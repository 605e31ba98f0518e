"""What a terminal shows of a run: chart, stories, counts. The law: plain ASCII within the width; colour says nothing
alone.
"""
