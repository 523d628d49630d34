"""The one package that imports httpx: owns its clients, sends requests, and maps its exceptions to our errors."""
