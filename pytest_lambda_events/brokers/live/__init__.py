"""Real connections: each client behind the port that the engine in memory has. The law: what the broker says is
passed on as it is, nothing waits without a timeout, and a client is imported when its first connection is made.
"""
