# Written by scripts/regenerate from wrapper/peak_images/_async. Do not edit: change the source and run scripts/regenerate.

"""The client's operations, asynchronous. ``_sync`` is made from this package by ``scripts/regenerate``."""
