"""Address, token and options: arguments, then the environment, then the default."""

import pytest

from peak_images import ConfigurationError, MissingTokenError, Session, Timeout, get_async_client, get_client

TOKEN = "t0ken-of-this-test"


@pytest.mark.parametrize(
    ("given", "environment", "token"),
    [
        ("given", {"PEAK_AUTH_TOKEN": "first", "API_KEY": "second"}, "given"),
        (None, {"PEAK_AUTH_TOKEN": "first", "API_KEY": "second"}, "first"),
        (None, {"PEAK_AUTH_TOKEN": "first"}, "first"),
        (None, {"API_KEY": "second"}, "second"),
        (None, {"PEAK_AUTH_TOKEN": "", "API_KEY": "second"}, "second"),
        ("", {"API_KEY": "second"}, "second"),
        ("Bearer a.b-c", {}, "Bearer a.b-c"),
    ],
)
def test_token_argument_overrides_the_environment(monkeypatch, sent, given, environment, token):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert sent(Session(given)).headers.get_list("authorization") == [token]


@pytest.mark.parametrize("environment", [{}, {"PEAK_AUTH_TOKEN": "", "API_KEY": ""}])
@pytest.mark.parametrize("make", [Session, get_client, get_async_client])
def test_missing_token_raises_and_names_the_variables(monkeypatch, environment, make):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(MissingTokenError, match="PEAK_AUTH_TOKEN or API_KEY"):
        make()


@pytest.mark.parametrize(
    "token", ["to\nken", " secret", "secret ", "to\r\nX-Header: b", "tökén", "to\x00", 77777, b"bytes", ["listed"]]
)
def test_invalid_token_raises_and_is_redacted(token):
    with pytest.raises(ConfigurationError, match="auth_token: must be printable ASCII") as caught:
        Session(token)
    assert str(token) not in str(caught.value)


@pytest.mark.parametrize("name", ["PEAK_AUTH_TOKEN", "API_KEY"])
def test_invalid_token_of_the_environment_names_its_variable(monkeypatch, name):
    monkeypatch.setenv(name, "secret\n")
    with pytest.raises(ConfigurationError, match=f"^{name}: must be printable ASCII text without white space"):
        Session()


ROOTS = {
    "prod": "https://service.peak.ai",
    "dev": "https://service.dev.peak.ai",
    "test": "https://service.test.peak.ai",
    "beta": "https://service.beta.peak.ai",
    "parvati": "https://service.parvati.peak.ai",
    "latest": "https://service.dev.peak.ai",
}


@pytest.mark.parametrize(("stage", "root"), ROOTS.items())
def test_stage_has_its_base_url(stage, root):
    assert Session(TOKEN, stage).base_url == root


@pytest.mark.parametrize(
    ("options", "environment", "root"),
    [
        ({}, {}, ROOTS["prod"]),
        ({}, {"PEAK__STAGE": "beta", "STAGE": "test"}, ROOTS["beta"]),
        ({}, {"STAGE": "test"}, ROOTS["test"]),
        ({}, {"PEAK__STAGE": "", "STAGE": "test"}, ROOTS["test"]),
        ({}, {"PEAK__STAGE": "", "STAGE": ""}, ROOTS["prod"]),
        ({"stage": "dev"}, {"PEAK__STAGE": "beta", "STAGE": "test"}, ROOTS["dev"]),
        ({"stage": ""}, {"STAGE": "test"}, ROOTS["test"]),
        ({}, {"PEAK_IMAGES_URL": "http://127.0.0.1:8080", "STAGE": "test"}, "http://127.0.0.1:8080"),
        ({"stage": "beta"}, {"PEAK_IMAGES_URL": ""}, ROOTS["beta"]),
        ({"base_url": "http://a.example"}, {"PEAK_IMAGES_URL": "http://b.example"}, "http://a.example"),
        ({"base_url": ""}, {"PEAK_IMAGES_URL": "http://b.example"}, "http://b.example"),
        ({"base_url": "http://a.example", "stage": "dev"}, {}, "http://a.example"),
        ({"base_url": "http://a.example/"}, {}, "http://a.example"),
        ({"base_url": "http://a.example/behind/a/proxy"}, {}, "http://a.example/behind/a/proxy"),
        ({"base_url": "http://a.example/image-management/api/v2/"}, {}, "http://a.example"),
        ({"base_url": "http://[::1]:8080"}, {}, "http://[::1]:8080"),
    ],
)
def test_base_url_precedence_is_argument_environment_stage(monkeypatch, options, environment, root):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert Session(TOKEN, **options).base_url == root


@pytest.mark.parametrize("stage", ["staging", "PROD", "prod ", "../dev", 7, ["prod"]])
def test_unknown_stage_raises_with_allowed_stages(stage):
    with pytest.raises(ConfigurationError) as caught:
        Session(TOKEN, stage)
    assert str(caught.value) == (f"stage: {stage!r} is not a stage; allowed: prod, dev, test, beta, parvati, latest")


@pytest.mark.parametrize("variable", ["PEAK__STAGE", "STAGE"])
def test_unknown_stage_of_the_environment_raises_and_names_the_variable(monkeypatch, variable):
    monkeypatch.setenv(variable, "staging")

    with pytest.raises(ConfigurationError, match=f"^{variable}: 'staging' is not a stage"):
        Session(TOKEN)


BAD_ROOTS = [
    "service.peak.ai",
    "ftp://service.peak.ai",
    "http://",
    "http://a.example:port",
    "http://a.example:99999",
    "http://256.1.1.1",
    "http://1.2.3.0004:80",
    "http://[v1.a]",
    "http://a.example?x=1",
    "http://a.example#x",
    "http://user:secret@a.example",
    "http://[::1",
    "http://a b",
    "http://a.example\n",
    "http://a.example/\x00",
    7,
    b"http://a.example",
    ["http://a.example"],
]


@pytest.mark.parametrize("url", BAD_ROOTS)
def test_invalid_base_url_raises_and_is_named(url):
    with pytest.raises(ConfigurationError, match=r"base_url: .* is not the address of a service"):
        Session(TOKEN, base_url=url)


def test_requests_are_below_the_base_url(sent):
    assert str(sent(Session(TOKEN, base_url="http://a.example/behind/a/proxy/")).url) == (
        "http://a.example/behind/a/proxy/image-management/api/v2/images/"
    )


def test_invalid_environment_url_raises_and_names_the_variable(monkeypatch):
    monkeypatch.setenv("PEAK_IMAGES_URL", "localhost:8080")

    with pytest.raises(ConfigurationError, match="PEAK_IMAGES_URL: 'localhost:8080'"):
        Session(TOKEN)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("retries", -1),
        ("retries", 1.5),
        ("retries", True),
        ("retries", "3"),
        ("max_artifact_size", -1),
        ("max_artifact_size", "10 MB"),
    ],
)
def test_invalid_count_option_raises_and_is_named(option, value):
    with pytest.raises(ConfigurationError) as caught:
        Session(TOKEN, **{option: value})
    assert str(caught.value) == f"{option}: must be a non-negative integer, not {value!r}"


def test_default_max_artifact_size_is_the_service_limit():
    assert Session(TOKEN).max_artifact_size == 10 * 2**20
    assert Session(TOKEN, max_artifact_size=None).max_artifact_size is None


def waits(request):
    return tuple(request.extensions["timeout"][name] for name in ("connect", "read", "write", "pool"))


def test_default_timeouts_are_set(sent):
    assert waits(sent(Session(TOKEN))) == (5, 30, 60, 60)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (7, (7, 7, 7, 7)),
        (0.5, (0.5, 0.5, 0.5, 0.5)),
        (Timeout(read=None), (5, None, 60, 60)),
        (Timeout(1, 2, 3, 4), (1, 2, 3, 4)),
    ],
)
def test_timeout_is_seconds_or_a_timeout_object(sent, given, seconds):
    assert waits(sent(Session(TOKEN, timeout=given))) == seconds


@pytest.mark.parametrize("value", [0, -1, float("nan"), "30", True, [1]])
def test_invalid_timeout_raises(value):
    with pytest.raises(ConfigurationError, match=r"timeout.connect: must be a positive number of seconds"):
        Session(TOKEN, timeout=value)


BAD_HEADERS = [
    "X-Team",
    ["X-Team"],
    {"X-Team": 7},
    {7: "ours"},
    {"X-Team": "ünser"},
    {"X-Team": "a\r\nX-Other: b"},
    {"X Team": "a"},
    {"": "a"},
    {"Authorization": "other"},
    {"AUTHORIZATION": "other"},
    {"Content-Type": "application/json"},
    {"content-length": "3"},
    {"Transfer-Encoding": "chunked"},
]


@pytest.mark.parametrize("headers", BAD_HEADERS)
def test_invalid_headers_raise(headers):
    with pytest.raises(ConfigurationError, match="headers"):
        Session(TOKEN, headers=headers)


@pytest.mark.parametrize("stage", ["prod", "beta"])
def test_explicit_stage_overridden_by_environment_url_is_warned_of(monkeypatch, stage):
    monkeypatch.setenv("PEAK_IMAGES_URL", "http://127.0.0.1:8080")

    with pytest.warns(UserWarning, match=f"stage '{stage}' is overridden by PEAK_IMAGES_URL=http://127.0.0.1:8080"):
        session = Session("a-token", stage=stage)
    assert session.base_url == "http://127.0.0.1:8080"


@pytest.mark.parametrize("arguments", [{}, {"base_url": "http://a.example", "stage": "prod"}])
def test_stage_that_is_not_overridden_is_not_warned_of(monkeypatch, arguments):
    monkeypatch.setenv("PEAK_IMAGES_URL", "http://127.0.0.1:8080")
    monkeypatch.setenv("STAGE", "prod")
    Session("a-token", **arguments)
