"""The command line of the Images client, ``peak-images``.

``peak_images_cli.__main__`` runs it. It stands on the public names of ``peak_images`` alone, and what takes long to
import (the client, rich, YAML, Jinja, the local service) is imported by the command that needs it.
"""
