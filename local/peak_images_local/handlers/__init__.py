"""What each operation does: one handler per operationId, written by hand."""
