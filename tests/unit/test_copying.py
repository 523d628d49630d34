"""What can be copied and pickled: sessions, clients, payloads, models."""

import copy
import pickle
import ssl
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import pytest
import yaml

from peak_images import Payload, Session, Timeout, get_async_client, get_client
from peak_images_api import models

COPIES = [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))]


@pytest.fixture(params=COPIES, ids=["copy", "deepcopy", "pickle"])
def copied(request):
    return request.param


def test_session_is_copied_with_its_settings_and_connections_of_its_own(copied):
    with Session("a-token", base_url="http://a.example", headers={"X-A": "1"}, timeout=Timeout(read=7)) as session:
        session._connections.sync_client()
        other = copied(session)

        assert (other.base_url, other._token, other._options) == (session.base_url, session._token, session._options)
        assert other._connections is not session._connections


@pytest.mark.parametrize("make", [get_client, get_async_client])
def test_client_is_copied(copied, make):
    client = make(Session("a-token", base_url="http://a.example")).with_options(retries=0)
    other = copied(client)

    assert type(other) is type(client)
    assert (other.session.base_url, other._options.retries) == ("http://a.example", 0)


@pytest.mark.parametrize(
    "given",
    [
        {"transport": httpx.MockTransport(lambda request: httpx.Response(200, json={}))},
        {"http_client": httpx.Client()},
        {"ca_bundle": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)},
    ],
    ids=lambda given: next(iter(given)),
)
def test_session_with_live_objects_can_be_copied_but_not_pickled(given):
    session = Session("a-token", base_url="http://a.example", **given)

    assert copy.deepcopy(session)._http_options == session._http_options
    with pytest.raises(TypeError, match=f"a session with its own {next(iter(given))} can't be pickled"):
        pickle.dumps(session)


PAYLOAD = {"id": 1, "name": "a", "type": "api", "scope": "custom", "latestVersion": {"id": 2, "version": "0.0.1"}}


def test_payload_and_its_model_are_copied(copied):
    payload = Payload(PAYLOAD, "Image")
    other = copied(payload)

    assert type(other) is Payload
    assert other == payload
    assert other.model == payload.model
    model = copied(payload.model)
    assert model == payload.model
    assert model.to_dict() == payload.model.to_dict()


def test_copied_form_keeps_unset_fields_unset(copied):
    form = models.ImageCreateForm(name="a", type_="api")
    other = copied(form)

    assert other == form
    assert other.to_dict() == {"name": "a", "type": "api"}


YAML_ORDERS = {
    "yaml first": "import yaml, peak_images",
    "yaml last": "import peak_images; peak_images.Payload; import yaml",
    "yaml after a payload was made": "import peak_images; peak_images.Payload({}, 'Image'); import yaml",
    "yaml was looked for": "import importlib.util as u, peak_images.types; u.find_spec('yaml'); import yaml",
    "yaml.cyaml": "import peak_images; peak_images.Payload; from yaml import cyaml; import yaml",
}


@pytest.mark.parametrize("order", YAML_ORDERS.values(), ids=YAML_ORDERS.keys())
@pytest.mark.parametrize("dump", ["yaml.safe_dump", "yaml.dump"])
def test_payload_is_dumped_by_yaml_whatever_the_import_order(order, dump):
    code = f"""
{order}
payload = peak_images.Payload({{"images": [peak_images.Payload({{"id": 1}}, "Image")]}}, "ImagePage")
text = {dump}(payload)
assert yaml.safe_load(text) == payload, text
assert text == "images:\\n- id: 1\\n", text
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_modules_that_share_yaml_s_loader_can_be_imported(tmp_path):
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as app:
        for file in Path(yaml.__file__).parent.glob("*.py"):
            app.write(file, f"yaml/{file.name}")
        app.writestr("other.py", "")
    code = f"""
import sys
sys.path.insert(0, {str(tmp_path / "app.zip")!r})
import peak_images; peak_images.Payload; import yaml, other
assert yaml.safe_dump(peak_images.Payload({{"id": 1}}, "Image")) == "id: 1\\n"
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("make", [get_client, get_async_client])
@pytest.mark.parametrize(
    "iterate",
    [lambda client: client.list_images(), lambda client: client.follow_build_logs(1, 2), lambda c: c.list_all_builds()],
    ids=["pages", "log", "builds"],
)
def test_copying_an_iterator_is_an_error_with_a_hint(copied, make, iterate):
    with pytest.raises(TypeError, match="can't be pickled or copied; make a list of it first"):
        copied(iterate(make(Session("t"))))
