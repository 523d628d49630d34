"""Which calls are retried, and after what delay, without a network."""

import time
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
    # The error, and the methods that are retried after it.
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
def test_only_safe_attempts_are_retried(method, make, repeated):
    delay = RetryState("x", method, 3).next_delay(make(method))

    assert (delay is not None) == (method in repeated)


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_number_of_retries_is_the_option(retries):
    state = RetryState("x", "GET", retries)

    assert [state.next_delay(record_response(503)) is not None for _ in range(5)] == [n < retries for n in range(5)]


def test_error_counts_attempts():
    state = RetryState("x", "GET", 3)
    errors = [record_response(503) for _ in range(3)]
    for error in errors:
        state.next_delay(error)

    assert [error.attempts for error in errors] == [1, 2, 3]


@pytest.mark.parametrize(("method", "unknown"), [("GET", False), ("DELETE", True), ("POST", True), ("PATCH", True)])
def test_error_has_outcome_unknown(method, unknown):
    error = record_response(500, method)
    RetryState("x", method, 0).next_delay(error)

    assert error.outcome_unknown is unknown


def test_error_has_outcome_unknown_if_that_of_an_earlier_attempt_is():
    state = RetryState("x", "DELETE", 3)
    errors = [record_response(500, "DELETE"), lost(ConnectionFailedError, "DELETE", unknown=False)]
    conflict = record_response(409, "DELETE")
    for error in (*errors, conflict):
        state.next_delay(error)

    assert [error.outcome_unknown for error in (*errors, conflict)] == [True, True, False]


def test_backoff_doubles_up_to_a_maximum_with_full_jitter(monkeypatch):
    ranges = []
    monkeypatch.setattr(retry.random, "uniform", lambda low, high: ranges.append((low, high)) or 0.0)
    state = RetryState("x", "GET", 6)
    for _ in range(6):
        state.next_delay(lost(ConnectionFailedError, "GET", unknown=False))

    assert ranges == [(0, 0.5), (0, 1), (0, 2), (0, 4), (0, 8), (0, 8)]


@pytest.mark.parametrize(("value", "seconds"), [("0", 0), ("7", 7), ("1.5", 1.5), ("60", 60), ("-3", 0), (" 7 ", 7)])
def test_retry_after_in_seconds_is_honoured(value, seconds):
    assert RetryState("x", "GET", 1).next_delay(record_response(503, **{"retry-after": value})) == seconds


DATE_FORMS = {
    "IMF-fixdate": "%a, %d %b %Y %H:%M:%S GMT",
    "RFC 850": "%A, %d-%b-%y %H:%M:%S GMT",
    "asctime": "%a %b %d %H:%M:%S %Y",
    "without a weekday": "%d %b %Y %H:%M:%S -0000",
    "offset": "%a, %d %b %Y %H:%M:%S +0000",
}


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="there is no tzset here")
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
@pytest.mark.parametrize("form", DATE_FORMS.values(), ids=DATE_FORMS.keys())
def test_retry_after_date_is_utc_in_every_form_and_time_zone(monkeypatch, zone, form):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        date = (datetime.now(UTC) + timedelta(seconds=30)).strftime(form)
        delay = RetryState("x", "GET", 1).next_delay(record_response(503, **{"retry-after": date}))
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()

    assert delay == pytest.approx(30, abs=5)


@pytest.mark.parametrize("ahead", [-100, 30])
def test_retry_after_date_is_honoured(ahead):
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
    delay = RetryState("x", "GET", 1).next_delay(record_response(503, **{"retry-after": date}))

    # A date has whole seconds, and time goes by.
    assert delay == pytest.approx(max(0, ahead), abs=5)


@pytest.mark.parametrize("value", ["61", "3600", "inf", "Fri, 31 Dec 2999 23:59:59 GMT"])
def test_too_long_retry_after_is_not_retried(value):
    assert RetryState("x", "GET", 3).next_delay(record_response(503, **{"retry-after": value})) is None


@pytest.mark.parametrize(
    "value", ["", "soon", "nan", "Fri, 99 Foo 2024", "2024-01-01", "1,5", "Fri, 31 Dec 99999 23:59:59 GMT"]
)
def test_unreadable_retry_after_is_ignored(value, monkeypatch):
    monkeypatch.setattr(retry.random, "uniform", lambda low, high: high)

    assert RetryState("x", "GET", 1).next_delay(record_response(503, **{"retry-after": value})) == 0.5


def test_no_retry_starts_after_the_maximum_elapsed_time(monkeypatch):
    now = 0.0
    monkeypatch.setattr(retry.time, "monotonic", lambda: now)
    state = RetryState("x", "GET", 9, started=now)
    assert state.next_delay(record_response(503, **{"retry-after": "60"})) == 60
    now = 61.0

    assert state.next_delay(record_response(503, **{"retry-after": "60"})) is None


def test_call_is_retried_under_a_clock_that_a_test_has_replaced(monkeypatch):
    monkeypatch.setattr(time, "monotonic", lambda: 1e9)
    assert RetryState("x", "GET", retries=1).next_delay(record_response(503)) == 0
