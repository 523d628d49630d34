"""What images and versions are made from here."""

DOCKERFILE_BUILD = {"source": "dockerfile", "dockerfile": "FROM nginx"}

FAILING_BUILD = {"source": "dockerfile", "dockerfile": "FROM scratch\nCOPY nothing /", "useCache": False}
"""Its version stays not-ready, so that it can be updated."""

NEW_IMAGE = {"name": "an-image", "type": "workflow", "buildDetails": DOCKERFILE_BUILD}
