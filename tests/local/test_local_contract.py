"""The contract: where it is found, and that the service holds itself to it."""

import pytest

from peak_images_local import LocalService, ServiceError, handlers
from peak_images_local.api import contract


def test_all_operations_are_served(api):
    for operation in contract.load_contract().operations:
        path = operation.path
        for name in ("imageId", "versionId", "buildId"):
            path = path.replace(f"{{{name}}}", "999")

        assert api.http.request(operation.method, path).status_code not in {405, 500}


def test_a_contract_that_is_nowhere(monkeypatch, tmp_path):
    monkeypatch.setattr(contract, "__file__", str(tmp_path / "a" / "b" / "c" / "contract.py"))

    with pytest.raises(ServiceError, match=r"openapi.images\.yaml"):
        contract.read_contract()


def test_an_answer_that_breaks_the_contract_is_noted_and_refused(monkeypatch):
    import httpx

    monkeypatch.setattr("peak_images_local.handlers.serializers.timestamp", lambda _: "yesterday")
    with LocalService() as service:
        http = httpx.Client(base_url=f"{service.url}/image-management/api/v2", headers={"Authorization": service.token})
        details = '{"source": "dockerfile", "dockerfile": "FROM x"}'
        http.post("/images/", files={"name": (None, "a"), "type": (None, "api"), "buildDetails": (None, details)})

        answer = http.get("/images/101")
        http.close()

        assert answer.status_code == 500
        assert "broken its own contract" in answer.json()["detail"]
        assert any("latestVersion" in violation and "yesterday" in violation for violation in service.violations)


def test_a_fault_of_the_service_is_noted_and_answered(monkeypatch, caplog):
    import httpx

    def fail(call):
        raise ZeroDivisionError

    monkeypatch.setitem(handlers.HANDLERS, "list_images", fail)
    with LocalService() as service:
        answer = httpx.get(f"{service.url}/image-management/api/v2/images/", headers={"Authorization": service.token})

        assert answer.status_code == 500
        assert service.violations == ["list_images failed: ZeroDivisionError()"]


def test_answers_are_judged():
    judge = contract.load_contract()
    [operation] = [operation for operation in judge.operations if operation.name == "delete_image"]

    assert judge.response_problems(operation, 200, {}) == []
    assert judge.response_problems(operation, 204, None) == []
    assert judge.response_problems(operation, 404, {"detail": "x"}) == []
    assert "detail" in judge.response_problems(operation, 404, {})[0]
    assert "body" in judge.response_problems(operation, 204, {})[0]
    assert "doesn't know" in judge.response_problems(operation, 418, {})[0]
