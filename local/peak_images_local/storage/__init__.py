"""Storage: the database, the uploaded artifacts, and reading an artifact."""
