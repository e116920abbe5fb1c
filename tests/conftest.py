"""Fixtures that most tests share: the small shops as indexes without an embedder, built once a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.pipeline import Assistant
from assistant.storefront import FolderStorefront
from knowledge_base.index import Index
from knowledge_base.opening import open_index
from knowledge_base.shop import open_shop
from tests.databases import CannotStart, PostgreSQL, emptied, postgresql
from tests.shops import write_shop


@pytest.fixture(scope="session")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The English small shop's folder."""
    return write_shop(tmp_path_factory.mktemp("shop") / "en", "en")


@pytest.fixture(scope="session")
def small_shop_zh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Chinese small shop's folder."""
    return write_shop(tmp_path_factory.mktemp("shop") / "zh", "zh")


@pytest.fixture(scope="session")
def open_small(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Index]:
    """Opens a shop folder as an index without an embedder."""
    return lambda folder: open_index(folder, tmp_path_factory.mktemp("data"), "none", progress=False)


@pytest.fixture(scope="session")
def index(small_shop: Path, open_small: Callable[[Path], Index]) -> Index:
    """The English small shop's index."""
    return open_small(small_shop)


@pytest.fixture(scope="session")
def index_zh(small_shop_zh: Path, open_small: Callable[[Path], Index]) -> Index:
    """The Chinese small shop's index."""
    return open_small(small_shop_zh)


@pytest.fixture(scope="session")
def assistant(index: Index, small_shop: Path) -> Assistant:
    """The English small shop's assistant; the composer drafts."""
    return Assistant(index, storefront=FolderStorefront(open_shop(small_shop)))


@pytest.fixture(scope="session")
def assistant_zh(index_zh: Index, small_shop_zh: Path) -> Assistant:
    """The Chinese small shop's assistant; the composer drafts."""
    return Assistant(index_zh, storefront=FolderStorefront(open_shop(small_shop_zh)))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQL]:
    """A real PostgreSQL; tests that need one are skipped where it cannot start."""
    try:
        with postgresql() as server:
            yield server
    except CannotStart as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def postgresql_database(postgresql_server: PostgreSQL) -> str:
    """The URL of a database that one test after the other gets, emptied."""
    return postgresql_server.new_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind: the test runs once with each."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'conversations.db'}"
    return emptied(request.getfixturevalue("postgresql_database"))
