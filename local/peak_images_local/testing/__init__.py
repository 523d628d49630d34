"""What tests can do to a service besides calling it."""
