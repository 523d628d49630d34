"""Pages for a browser: images, versions and builds, and the API's own page."""
