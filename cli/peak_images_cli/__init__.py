"""The command line of the Images client, ``peak-images``.

``peak_images_cli.__main__`` runs it. It uses only the public names of ``peak_images``. Modules that take long to import
(the client, rich, YAML, Jinja, the local service) are imported by the command that needs them.
"""
