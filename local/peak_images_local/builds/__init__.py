"""Builds: simulated ones, and real ones by a container engine."""
