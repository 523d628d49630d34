# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

"""Errors of the generated layer."""


class UnexpectedStatus(Exception):
    """The response has a status that the contract doesn't document, so there is no model for it.

    Attributes:
        status_code: The HTTP status.
        content: The response's body.
    """

    def __init__(self, status_code: int, content: bytes) -> None:
        self.status_code = status_code
        self.content = content
        super().__init__(f"Undocumented status {status_code}: {content[:200].decode(errors='replace')}")


__all__ = ["UnexpectedStatus"]
