"""The verbs, by what they do."""
