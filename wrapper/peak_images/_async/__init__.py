"""The client's operations, asynchronous. ``_sync`` is made from this package by ``scripts/regenerate``."""
