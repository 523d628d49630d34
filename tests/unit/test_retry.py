"""When a call is tried again, and after how long: the rule, without a network."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from peak_images import ConnectionFailedError, RequestTimeoutError
from peak_images._http import retry
from peak_images._http.retry import RetryState
from peak_images.errors import class_for_status

METHODS = ("GET", "DELETE", "POST", "PATCH")


def record_response(status, method="GET", **headers):
    return class_for_status(status)(
        "", operation="x", method=method, url="", status_code=status, headers={"retry-after": "0", **headers}
    )


def lost(kind, method, *, unknown):
    error = kind("", operation="x", method=method, url="")
    error.outcome_unknown = unknown
    return error


RULE = [
    # The error, and the methods that are tried again after it.
    (lambda method: record_response(429, method), METHODS),
    (lambda method: record_response(503, method), METHODS),
    (lambda method: record_response(500, method), ("GET", "DELETE")),
    (lambda method: record_response(502, method), ("GET", "DELETE")),
    (lambda method: record_response(504, method), ("GET", "DELETE")),
    (lambda method: record_response(501, method), ()),
    (lambda method: record_response(520, method), ()),
    (lambda method: record_response(400, method), ()),
    (lambda method: record_response(401, method), ()),
    (lambda method: record_response(404, method), ()),
    (lambda method: record_response(409, method), ()),
    (lambda method: record_response(418, method), ()),
    (lambda method: record_response(200, method), ("GET", "DELETE")),
    (lambda method: lost(ConnectionFailedError, method, unknown=False), METHODS),
    (lambda method: lost(ConnectionFailedError, method, unknown=method != "GET"), ("GET", "DELETE")),
    (lambda method: lost(RequestTimeoutError, method, unknown=False), METHODS),
    (lambda method: lost(RequestTimeoutError, method, unknown=method != "GET"), ("GET", "DELETE")),
]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("make", "repeated"), RULE)
def test_what_might_be_carried_out_twice_is_not_tried_again(method, make, repeated):
    delay = RetryState("x", method, 3).delay(make(method))

    assert (delay is not False) == (method in repeated)


def test_another_error_is_not_tried_again_and_not_touched():
    assert RetryState("x", "GET", 3).delay(ValueError("a")) is False


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_there_are_as_many_further_tries_as_wanted(retries):
    tries = RetryState("x", "GET", retries)

    assert [tries.delay(record_response(503)) is not False for _ in range(5)] == [n < retries for n in range(5)]


def test_the_tries_are_counted_in_the_error():
    tries = RetryState("x", "GET", 3)
    errors = [record_response(503) for _ in range(3)]
    for error in errors:
        tries.delay(error)

    assert [error.attempts for error in errors] == [1, 2, 3]


@pytest.mark.parametrize(("method", "unknown"), [("GET", False), ("DELETE", True), ("POST", True), ("PATCH", True)])
def test_an_error_says_whether_the_outcome_is_unknown(method, unknown):
    error = record_response(500, method)
    RetryState("x", method, 0).delay(error)

    assert error.outcome_unknown is unknown


def test_delays_are_drawn_from_a_range_that_doubles_up_to_a_bound(monkeypatch):
    ranges = []
    monkeypatch.setattr(retry.random, "uniform", lambda low, high: ranges.append((low, high)) or 0.0)
    tries = RetryState("x", "GET", 6)
    for _ in range(6):
        tries.delay(lost(ConnectionFailedError, "GET", unknown=False))

    assert ranges == [(0, 0.5), (0, 1), (0, 2), (0, 4), (0, 8), (0, 8)]


@pytest.mark.parametrize(("value", "seconds"), [("0", 0), ("7", 7), ("1.5", 1.5), ("60", 60), ("-3", 0), (" 7 ", 7)])
def test_retry_after_in_seconds_is_followed(value, seconds):
    assert RetryState("x", "GET", 1).delay(record_response(503, **{"retry-after": value})) == seconds


@pytest.mark.parametrize("ahead", [-100, 30])
def test_retry_after_as_a_date_is_followed(ahead):
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
    delay = RetryState("x", "GET", 1).delay(record_response(503, **{"retry-after": date}))

    # A date has whole seconds, and time goes by.
    assert delay == pytest.approx(max(0, ahead), abs=5)


@pytest.mark.parametrize("value", ["61", "3600", "inf", "Fri, 31 Dec 2999 23:59:59 GMT"])
def test_a_retry_after_that_is_too_long_ends_the_tries(value):
    assert RetryState("x", "GET", 3).delay(record_response(503, **{"retry-after": value})) is False


@pytest.mark.parametrize(
    "value", ["", "soon", "nan", "Fri, 99 Foo 2024", "2024-01-01", "1,5", "Fri, 31 Dec 99999 23:59:59 GMT"]
)
def test_a_retry_after_that_can_not_be_read_is_as_none(value, monkeypatch):
    monkeypatch.setattr(retry.random, "uniform", lambda low, high: high)

    assert RetryState("x", "GET", 1).delay(record_response(503, **{"retry-after": value})) == 0.5


def test_no_further_try_starts_after_the_total_time(monkeypatch):
    now = 0.0
    monkeypatch.setattr(retry.time, "monotonic", lambda: now)
    tries = RetryState("x", "GET", 9)
    assert tries.delay(record_response(503, **{"retry-after": "60"})) == 60
    now = 61.0

    assert tries.delay(record_response(503, **{"retry-after": "60"})) is False


def test_a_deletion_of_what_is_not_there_any_more_has_worked_when_it_was_tried_before():
    tries = RetryState("delete_image", "DELETE", 3)
    assert not tries.is_already_deleted(record_response(404, "DELETE"))
    tries.delay(record_response(503, "DELETE"))

    assert tries.is_already_deleted(record_response(404, "DELETE"))
    assert not tries.is_already_deleted(record_response(409, "DELETE"))


def test_nothing_else_has_worked_because_something_is_not_there():
    tries = RetryState("describe_image", "GET", 3)
    tries.delay(record_response(503))

    assert not tries.is_already_deleted(record_response(404))
