"""A small API: tomorrow's temperature at a weather station, as the mean of its last days."""

import csv
import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

STATIONS = Path(__file__).parent.parent / "data" / "stations.csv"


def read_stations() -> dict[str, list[float]]:
    """The temperatures of each station's last days."""
    with STATIONS.open(newline="", encoding="utf-8") as file:
        return {row["station"]: [float(day) for day in row["temperatures"].split()] for row in csv.DictReader(file)}


def forecast(temperatures: list[float]) -> float:
    """Tomorrow's temperature."""
    return round(sum(temperatures) / len(temperatures), 1)


async def greet(_: Request) -> JSONResponse:
    """Say hello and list the stations."""
    return JSONResponse({"greeting": os.environ.get("GREETING", "Hello"), "stations": sorted(read_stations())})


async def tomorrow(request: Request) -> JSONResponse:
    """Tomorrow's temperature at one station."""
    stations = read_stations()
    station = request.path_params["station"]
    if station not in stations:
        return JSONResponse({"detail": f"There is no station {station}"}, status_code=404)
    return JSONResponse({"station": station, "temperature": forecast(stations[station])})


app = Starlette(routes=[Route("/", greet), Route("/stations/{station}/tomorrow", tomorrow)])
