"""What the service takes at most."""

DEFAULT_MAX_ARTIFACT_SIZE = 10 * 2**20
"""The largest artifact, in bytes, zipped."""
