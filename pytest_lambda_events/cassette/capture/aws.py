"""AWS endpoints. The law: credentials are boto3's own business; we pass on what is asked for, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Account"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Which account and endpoint: a profile of the user's configuration, a region, an address; boto3's own if None."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None

    def client(self, service: str, *, attempts: int = 3) -> Any:
        """A client that tries a call so often. Errors: botocore's, for a profile that is not there, or no region."""
        import boto3
        from botocore.config import Config

        session = boto3.Session(profile_name=self.profile, region_name=self.region)
        config = Config(
            connect_timeout=10, read_timeout=30, retries={"mode": "standard", "total_max_attempts": attempts}
        )
        return session.client(service, endpoint_url=self.endpoint_url, config=config)
