"""A stage for each test, closed afterwards; and the contract that its answers are checked against."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import openapi_core
import pytest

from tests.callbacks.stage import Client, Stage, open_stage


@pytest.fixture(scope="session")
def empty_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys and an empty database of today: to make them anew for each test would take longer than the tests."""
    place = tmp_path_factory.mktemp("empty house")
    open_stage(place).close()
    return place


@pytest.fixture
def make_stage(tmp_path: Path, empty_house: Path) -> Iterator[Callable[..., Stage]]:
    """Opens stages on one database."""
    opened: list[Stage] = []
    copytree(empty_house, tmp_path, dirs_exist_ok=True)

    def make(*arguments: Any, **named: Any) -> Stage:
        opened.append(open_stage(tmp_path, *arguments, **named))
        return opened[-1]

    yield make
    for stage in opened:
        stage.close()


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    """With generous limits."""
    return make_stage()


@pytest.fixture
def client(stage: Stage) -> Client:
    """One that may do everything."""
    return stage.client()


@pytest.fixture(scope="session")
def contract(project: Path) -> dict[str, Any]:
    """The description of the API."""
    from jsonschema_path import SchemaPath

    read: dict[str, Any] = SchemaPath.from_file_path(str(project / "docs" / "callbacks-openapi.yaml")).read_value()
    return read


@pytest.fixture(scope="session")
def spec(contract: dict[str, Any]) -> openapi_core.OpenAPI:
    """The same, to check requests and answers by."""
    here = contract | {"servers": [{"url": "http://localhost"}]}
    config = openapi_core.Config(extra_media_type_deserializers={"application/problem+json": json.loads})
    return openapi_core.OpenAPI.from_dict(here, config=config)
