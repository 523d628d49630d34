"""Contracts with changes made to them, and requests to services on them."""

import json

import yaml

from peak_images_local.api.contract import read_contract

SPEC = yaml.safe_load(read_contract())
DOCKERFILE = {"source": "dockerfile", "dockerfile": "FROM scratch"}


def form(**fields):
    return {
        name: (None, value if isinstance(value, str) else json.dumps(value))
        for name, value in {"name": "an-image", "type": "api", "buildDetails": DOCKERFILE, **fields}.items()
    }


def schema(spec, name):
    return spec["components"]["schemas"][name]


def list_images(spec):
    return spec["paths"]["/images/"]["get"]


def add_parameter(spec, **parameter):
    list_images(spec)["parameters"].append(parameter)


def replace_body(spec, content):
    spec["paths"]["/images/"]["post"]["requestBody"] = content


def detail(response, status):
    assert response.status_code == status, response.text
    return response.json()["detail"]
