"""What is kept: the database, the uploaded artifacts, and how an artifact is read."""
