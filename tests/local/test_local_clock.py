"""The clock across restarts, and machines whose clock is set back."""

from peak_images_local import LocalService
from peak_images_local.clock import Clock


def test_advanced_clock_hides_nothing_after_a_restart(tmp_path, make_api):
    with LocalService(data=tmp_path) as service:
        service.control.clock.advance(864_000)
        make_api(service).image()

    with LocalService(data=tmp_path) as service:
        api = make_api(service)
        assert api.get("/images/101/builds").json()["buildCount"] == 1
        assert api.log(101)[-1] == "The build succeeded"


def test_clock_set_back_hides_nothing(tmp_path, make_api, monkeypatch):
    wall = Clock._wall
    with LocalService(data=tmp_path) as service:
        api = make_api(service)
        api.image()
        log = api.log(101)
        monkeypatch.setattr(Clock, "_wall", staticmethod(lambda: wall() - 7 * 86_400_000))
        assert api.get("/images/101/builds").json()["buildCount"] == 1
        assert api.log(101) == log

    with LocalService(data=tmp_path) as service:
        api = make_api(service)
        assert api.get("/images/101/builds").json()["buildCount"] == 1
        assert api.log(101) == log
        assert api.create_version(101).status_code == 200


def test_clock_continues_after_the_machine_clock_jumped_ahead_and_back(monkeypatch):
    times = iter([1_000, 9_000_000, 2_000, 2_500])
    monkeypatch.setattr(Clock, "_wall", staticmethod(lambda: next(times)))
    clock = Clock()

    assert [clock.now() for _ in range(4)] == [1_000, 9_000_000, 9_000_000, 9_000_500]
