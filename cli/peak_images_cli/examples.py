"""The files that ``--generate`` prints."""

from __future__ import annotations

from typing import Final

_HEAD: Final = """\
# For: peak-images USAGE
# A field can be left out unless it says otherwise. The whole file is a Jinja template:
# {# {{ tag }} is a parameter, given by --params tag=1.2.3 or a --params-file; {{ os_env.NAME }} is the environment's #}
body:
"""

_IMAGE: Final = """\
  name: weather                   # required
  type: api                       # required: workflow, workspace-r, workspace-python, webapp or api
"""

_VERSION: Final = """\
  version: 0.0.1                  # the service picks one unless given
"""

_BUILD: Final = """\
  description: Serves the forecast
  buildDetails:
    source: upload                # upload, dockerfile or github
    useCache: true
    buildArguments:
      - name: GREETING
        value: Good morning
    secrets:                      # names of secrets that the platform keeps
      - FORECAST_API_KEY
    dockerfilePath: Dockerfile    # in the artifact, or in the repository
    context: .                    # the folder that the Dockerfile copies from

    # With the source dockerfile, in place of dockerfilePath and context:
    # dockerfile: |
    #   FROM python:3.12-slim
    #   RUN pip install fastapi uvicorn

    # With the source github, further:
    # repository: https://github.com/acme/weather
    # branch: main
    # token: token-name   # the name of an external credential
"""

_AUTODEPLOY: Final = """\
  # What to redeploy when the build has completed:
  # autodeployResources:
  #   - entityId: 0a12abcd-11ab-22d2-123a-a1234b333abc
  #     entityType: webapp        # workflow, workspace, api or webapp
"""

_ARTIFACT: Final = """\
artifact:                         # with the source upload only
  path: .                         # the folder to build from, seen from where the command runs
  # ignore_files:                 # .dockerignore unless given
  #   - .dockerignore
"""

_PARTS: Final = {
    "create": ("create FILE", _IMAGE + _VERSION + _BUILD),
    "create-version": ("create-version IMAGE_ID FILE", _VERSION + _BUILD + _AUTODEPLOY),
    "create-or-update": ("create-or-update FILE", _IMAGE + _VERSION + _BUILD + _AUTODEPLOY),
    "update-version": ("update-version --image-id ID --version-id ID FILE", _BUILD + _AUTODEPLOY),
}


def example_for(verb: str) -> str:
    """An input file for a verb, which can be sent as it is from a folder with a Dockerfile."""
    usage, body = _PARTS[verb]
    return _HEAD.replace("USAGE", usage) + body + _ARTIFACT
