"""The contract: where it is found, and that the service holds itself to it."""

import pytest

from peak_images_local import LocalService, ServiceError, handlers
from peak_images_local.api import contract
from peak_images_local.api.validation_messages import response_problems


def test_all_operations_are_served(api):
    for operation in contract.load_contract().operations:
        path = operation.path
        for name in ("imageId", "versionId", "buildId"):
            path = path.replace(f"{{{name}}}", "999")

        assert api.http.request(operation.method, path).status_code not in {405, 500}


def test_missing_contract_is_a_service_error(monkeypatch, tmp_path):
    monkeypatch.setattr(contract, "__file__", str(tmp_path / "a" / "b" / "c" / "contract.py"))

    with pytest.raises(ServiceError, match=r"openapi.images\.yaml"):
        contract.read_contract()


def test_response_that_violates_the_contract_is_a_500_and_a_violation(monkeypatch):
    import httpx

    monkeypatch.setattr("peak_images_local.handlers.serializers.timestamp", lambda _: "yesterday")
    with LocalService() as service:
        http = httpx.Client(base_url=f"{service.url}/image-management/api/v2", headers={"Authorization": service.token})
        details = '{"source": "dockerfile", "dockerfile": "FROM x"}'
        http.post("/images/", files={"name": (None, "a"), "type": (None, "api"), "buildDetails": (None, details)})

        response = http.get("/images/101")
        http.close()

        assert response.status_code == 500
        assert "broken its own contract" in response.json()["detail"]
        assert any("latestVersion" in violation and "yesterday" in violation for violation in service.violations)


def test_handler_exception_is_a_500_and_a_violation(monkeypatch, caplog):
    import httpx

    def fail(call):
        raise ZeroDivisionError

    monkeypatch.setitem(handlers.HANDLERS, "list_images", fail)
    with LocalService() as service:
        response = httpx.get(f"{service.url}/image-management/api/v2/images/", headers={"Authorization": service.token})

        assert response.status_code == 500
        assert service.violations == ["list_images failed: ZeroDivisionError()"]


def test_response_is_validated_by_the_contract():
    loaded = contract.load_contract()
    operation = loaded.operation("delete_image")

    assert response_problems(loaded, operation, 200, {}) == []
    assert response_problems(loaded, operation, 204, None) == []
    assert response_problems(loaded, operation, 404, {"detail": "x"}) == []
    assert "detail" in response_problems(loaded, operation, 404, {})[0]
    assert "body" in response_problems(loaded, operation, 204, {})[0]
    assert "status 418 is not one of" in response_problems(loaded, operation, 418, {})[0]
