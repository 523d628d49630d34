"""The one room that knows httpx: owns its clients, sends by them, turns its exceptions into this package's errors."""

from __future__ import annotations

from peak_images._http.connections import Connections
from peak_images._http.downloads import async_download, sync_download
from peak_images._http.faults import translated
from peak_images._http.injection import Injection

__all__ = ["Connections", "Injection", "async_download", "sync_download", "translated"]
