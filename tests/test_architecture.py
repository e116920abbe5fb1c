"""The shape of the code: which way imports go, what stays out of a light import, and where a broad except may stand."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("knowledge_base", "assistant", "ui")  # a package may import those before it
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

# Heavy library -> the modules named for it, the only ones that may import it.
HEAVY = {
    "torch": {
        "knowledge_base/embedding.py",
        "assistant/generation/local.py",
        "assistant/generation/device.py",
        "assistant/generation/quantisation.py",
        "assistant/generation/static_batches.py",
    },
    "transformers": {
        "knowledge_base/embedding.py",
        "assistant/generation/local.py",
        "assistant/generation/continuous_batch.py",
        "assistant/generation/quantisation.py",
        "assistant/generation/static_batches.py",
    },
    "sentence_transformers": {"knowledge_base/embedding.py", "knowledge_base/reranking.py"},
    "faiss": {"knowledge_base/faiss_store.py"},
    "pymilvus": {"knowledge_base/milvus_store.py"},
    "grpc": {"knowledge_base/milvus_store.py"},
    "ray": {"knowledge_base/bulk_embedding.py"},
    "pyarrow": {"knowledge_base/bulk_embedding.py"},
    "bm25s": set(),
    "gradio": {"ui/chat.py", "ui/app.py", "ui/desk/application.py", "ui/desk/page.py"},
    "sqlalchemy": {path.relative_to(ROOT).as_posix() for path in (ROOT / "assistant" / "store").rglob("*.py")},
    "alembic": {path.relative_to(ROOT).as_posix() for path in (ROOT / "assistant" / "store").rglob("*.py")},
    "psycopg": set(),  # SQLAlchemy loads it for a postgresql:// URL
    "mcp": {"ui/mcp_server.py"},
    "opentelemetry": {"ui/tracing.py"},
    "langchain_openai": {"assistant/generation/remote.py"},
    "langchain_core": {
        "assistant/generation/chat.py",
        "assistant/generation/upstreams.py",
        "assistant/generation/remote.py",
        "assistant/generation/local.py",
        "knowledge_base/langchain_retriever.py",
    },
}
# Process edges, where any error has to be caught: module -> why.
EDGES = {
    "assistant/turns/writing.py": "what one call raises must not end those that share its transaction",
    "assistant/webhooks.py": "a delivery that breaks must not end those that follow",
    "ui/openai_api.py": "one caller's message must not take the server down",
    "ui/__main__.py": "what fails in the loading thread is reported by the main thread",
    "assistant/checks.py": "a check that cannot run counts as failed",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """The full names a module imports, with their lines; those for type checking alone are left out."""
    tree = ast.parse(path.read_text("utf-8"))
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    forbidden = (*PACKAGES[PACKAGES.index(package) + 1 :], "tests", "benchmarks")

    wrong = [f"line {line}: {name}" for name, line in imported(path) if name.split(".")[0] in forbidden]
    assert wrong == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_heavy_libraries_are_imported_only_in_the_modules_named_for_them(path: Path) -> None:
    wrong = [
        f"line {line}: {name}"
        for name, line in imported(path)
        if name_of(path) not in HEAVY.get(name.split(".")[0], {name_of(path)})
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "program",
    [
        "import assistant",
        "import knowledge_base",
        "import ui",
        "import sys; sys.argv = ['x', '--help']; import runpy; runpy.run_module('knowledge_base', run_name='__main__')",
        "import sys; sys.argv = ['x', '--help']; import runpy; runpy.run_module('assistant', run_name='__main__')",
        "import sys; sys.argv = ['x', '--help']; import runpy; runpy.run_module('ui', run_name='__main__')",
    ],
)
def test_a_light_start_loads_no_heavy_library(program: str) -> None:
    check = (
        "import sys, atexit, os\n"
        "heavy = ('torch', 'transformers', 'sentence_transformers', 'faiss', 'gradio')\n"
        "atexit.register(lambda: os._exit(77) if [name for name in heavy if name in sys.modules] else None)\n"
    )
    done = subprocess.run([sys.executable, "-c", check + program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_broad_except_stands_only_at_a_process_edge(path: Path) -> None:
    broad = [
        f"line {node.lineno}"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
    ]
    assert broad == [] or name_of(path) in EDGES


@pytest.mark.parametrize("path", [path for path in MODULES if path.name != "__main__.py"], ids=name_of)
def test_the_environment_is_read_only_where_a_program_starts(path: Path) -> None:
    names = [
        ast.unparse(node) for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)
    ]

    assert not {"os.environ", "os.getenv", "os.putenv"} & set(names)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    source = path.read_text("utf-8")

    assert not source.strip() or ast.get_docstring(ast.parse(source))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_is_unpickled(path: Path) -> None:
    wrong = [
        name
        for name, _ in imported(path)
        if name.split(".")[0] in ("pickle", "dill", "cloudpickle", "joblib", "shelve")
    ]
    assert wrong == []
