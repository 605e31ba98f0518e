"""What a poller decides. The law: ports only; never boto3, never an event's shape; every decision a pure function."""
