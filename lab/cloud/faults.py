"""
Faults that the lab driver injects into AWS's answers: one file each, named after the fault and the address of the
struck node. The API and the front of S3 look for them at each request, so that they start and end at once.
"""

from pathlib import Path

from .settings import FAULTS_DIRECTORY

SLOW = "api-slow"
THROTTLED = "api-throttled"
STALE = "api-stale"
SLOW_SECONDS = 5
STALE_SECONDS = 10


class Faults:
    """Faults of the API. Those of S3 are in the configuration of its front."""

    def __init__(self, folder: str = FAULTS_DIRECTORY):
        self._folder = Path(folder)

    def of(self, source: str) -> list[str]:
        """The faults that strike calls from this address."""
        return [fault for fault in (SLOW, THROTTLED, STALE) if (self._folder / f"{fault}-{source}").exists()]
