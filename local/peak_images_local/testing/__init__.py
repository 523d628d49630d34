"""Tools for tests: control a service, and check requests and responses against the contract."""

from peak_images_local.testing.validation import ContractViolationError, validate_request, validate_response

__all__ = ["ContractViolationError", "validate_request", "validate_response"]
