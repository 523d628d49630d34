"""Mistakes that type checkers find, for them only: each line that ends in ``# error`` has one, and no other does."""

from peak.resources import images


def filters(client: images.Image) -> None:
    client.list_images(status=["redy"])  # error
    client.list_image_versions(1, last_build_status=["done"])  # error
    client.list_image_builds(1, build_status=("failed", "succes"))  # error
    client.list_images(scope=["mine"])  # error
    client.list_images(status=["ready", "in-use"], scope=("custom",), return_iterator=False)


def bodies(client: images.Image) -> None:
    misspelt: images.types.ImageCreateBody = {"nmae": "an-image", "type": "api"}  # error
    wrong: images.types.ImageCreateBody = {"name": "an-image", "type": "spaceship"}  # error
    incomplete: images.types.ImageCreateBody = {"name": "an-image"}  # error
    nested: images.types.DockerfileBuild = {"source": "dockerfile", "dockerfile": 7}  # error
    version: images.types.VersionUpdateBody = {"version": "0.0.1"}  # error
    right: images.types.ImageCreateBody = {"name": "an-image", "type": "api", "buildDetails": {"useCache": False}}
    client.create_image(right)
    client.create_image({"name": "an-image", "type": "api"})
    print(misspelt, wrong, incomplete, nested, version)


def responses(client: images.Image) -> None:
    image = client.describe_image(1)
    image["latestVersion"]["version"].upper()
    image["latestVersion"]["size"].upper()  # error
    image["id"].upper()  # error
    image["latestVersion"].model  # error # noqa: B018
    image["not-in-the-contract"].anything()
    image.get("scope").upper()  # error
