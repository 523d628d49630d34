"""Values of numpy and pandas-like libraries as arguments: ids, names, lists, times, numbers of seconds."""

import json
from datetime import UTC, datetime

import pytest

from peak_images import ConfigurationError, InvalidInputError, Session, Timeout, get_client

numpy = pytest.importorskip("numpy", reason="numpy has no wheel for this Python yet")


@pytest.fixture
def client(wire):
    wire.body = {"images": [], "versions": [], "builds": [], "pageCount": 1, "imageId": 1, "versionId": 2, "buildId": 3}
    with get_client(Session("t", base_url="http://service", retries=0)) as client:
        yield client


def query(wire):
    return dict(wire.requests[-1].url.params)


@pytest.mark.parametrize("kind", ["int8", "uint16", "int64", "str_"])
@pytest.mark.parametrize("as_array", [False, True], ids=["scalar", "array of no dimension"])
def test_numpy_id_is_sent_as_its_number(client, wire, kind, as_array):
    value = getattr(numpy, kind)(5)
    client.describe_image(numpy.array(value) if as_array else value)

    assert wire.requests[-1].url.path.endswith("/images/5")


@pytest.mark.parametrize("value", [numpy.float64(5), numpy.bool_(True), numpy.array([5]), numpy.nan, numpy.ma.masked])
def test_numpy_value_that_is_no_integer_is_no_id(client, wire, value):
    with pytest.raises(InvalidInputError, match="image_id: must be a positive integer"):
        client.describe_image(value)
    assert wire.requests == []


def test_value_whose_repr_has_several_lines_is_quoted_on_one(client):
    with pytest.raises(InvalidInputError, match=r"not array\(\[\[1, 2\], +\[3, 4\]\]\)$"):
        client.describe_image(numpy.array([[1, 2], [3, 4]]))


def test_numpy_arguments_of_lists_are_sent_as_plain_values(client, wire):
    client.list_images(
        numpy.int64(5), numpy.uint8(2), numpy.str_("a"), numpy.array(["ready"]), return_iterator=numpy.bool_(False)
    )
    assert query(wire) == {"pageSize": "5", "pageNumber": "2", "searchTerm": "a", "status": "ready"}

    client.delete_versions(1, numpy.arange(1, 3))
    assert wire.requests[-1].url.params.get_list("versionIds") == ["1", "2"]


@pytest.mark.parametrize("unit", ["D", "s", "us", "ns"])
def test_numpy_time_is_sent_as_a_date(client, wire, unit):
    client.list_image_builds(1, date_from=numpy.datetime64("2023-06-01", unit), return_iterator=False)

    assert query(wire)["dateFrom"] == "2023-06-01T00:00:00.000Z"


@pytest.mark.parametrize("value", [numpy.datetime64("NaT", "s"), numpy.timedelta64(1, "D"), numpy.int64(7)])
def test_numpy_value_that_is_no_time_is_an_error(client, wire, value):
    with pytest.raises(InvalidInputError, match=r"date_from: .* is not a time"):
        client.list_image_builds(1, date_from=value, return_iterator=False)
    assert wire.requests == []


def test_numpy_values_of_a_body_are_sent_as_json(client, wire):
    argument = {"name": numpy.str_("A"), "value": numpy.array("b")}
    details = {"source": "dockerfile", "dockerfile": "FROM a", "useCache": numpy.bool_(False)}
    details["buildArguments"] = numpy.array([argument])
    client.create_image({"name": numpy.str_("a"), "type": "api", "buildDetails": details})

    sent = wire.requests[-1].content.decode()
    sent_details = json.loads(sent.partition('name="buildDetails"')[2].strip().partition("\r\n")[0])
    assert sent_details["useCache"] is False
    assert sent_details["buildArguments"] == [{"name": "A", "value": "b"}]


def test_numpy_numbers_are_settings(client):
    timeout = Timeout(read=numpy.float32(5), total=numpy.int64(9))
    assert (timeout.read, timeout.total) == (5, 9)
    session = Session("t", timeout=numpy.array(7), retries=numpy.int64(1), max_artifact_size=numpy.uint32(10))
    assert session.max_artifact_size == 10
    assert type(session.max_artifact_size) is int


@pytest.mark.parametrize(
    "option", [{"timeout": numpy.nan}, {"timeout": numpy.array([5])}, {"retries": numpy.float64(2)}], ids=str
)
def test_numpy_value_that_is_no_setting_is_an_error(option):
    with pytest.raises(ConfigurationError):
        Session("t", **option)


def test_numpy_since_is_a_time(client, wire):
    wire.body["images"] = [{"id": 1, "name": "a"}]
    list(client.list_all_builds(since=numpy.datetime64("2023-06-01T12:00")))

    assert query(wire)["dateFrom"] == datetime(2023, 6, 1, 12, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
