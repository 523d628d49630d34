"""HTTP by httpx, which only this package imports: clients, requests, retries and exceptions."""
