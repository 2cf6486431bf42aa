"""Public names, the native module's contract, the examples in the documentation, and types."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import logarrow as la
from logarrow import _logarrow, _options

PACKAGE = Path(la.__file__).parent
STUB = PACKAGE / "_logarrow.pyi"
PUBLIC = [
    "DecodeError",
    "Expr",
    "Format",
    "FormatError",
    "Guess",
    "LogarrowError",
    "LogarrowWarning",
    "Report",
    "Scan",
    "SchemaError",
    "__version__",
    "col",
    "committed",
    "formats",
    "lit",
    "lookup",
    "parse",
    "read",
    "scan",
    "sniff",
    "when",
]
SCAN = [
    "ddl",
    "derive",
    "explain",
    "filter",
    "format",
    "head",
    "limit",
    "rejects",
    "report",
    "schema",
    "select",
    "to_arrow",
    "to_batches",
    "to_pandas",
    "to_polars",
    "to_polars_lazy",
    "to_reader",
    "with_options",
    "write_csv",
    "write_hyper",
    "write_ipc",
    "write_json",
    "write_parquet",
]
FORMAT = [
    "aliases",
    "apache",
    "cloudfront_realtime",
    "delimited",
    "dissect",
    "explain",
    "fields",
    "from_toml",
    "grok",
    "hive",
    "json",
    "key_value",
    "log4j",
    "logfmt",
    "ltsv",
    "name",
    "named",
    "nginx",
    "python_logging",
    "regex",
    "samples",
    "schema",
    "source",
    "title",
    "to_toml",
    "vpc_flow",
    "with_types",
]
OPTIONS = [
    "columns",
    "where",
    "derive",
    "tables",
    "extra",
    "inner",
    "limit",
    "on_error",
    "timezone",
    "reference_time",
    "time_unit",
    "include",
    "batch_rows",
    "chunk_bytes",
    "memory_bytes",
    "threads",
    "ordered",
    "strings",
    "max_record_bytes",
    "compression",
    "encoding",
    "progress",
    "rejects_to",
    "reject_raw",
    "types",
    "schema",
    "simd",
]
MODULES = [f"logarrow.{module.name}" for module in pkgutil.walk_packages([str(PACKAGE)]) if module.name != "__main__"]
MODULES += [f"logarrow.cli.{module.name}" for module in pkgutil.iter_modules([str(PACKAGE / "cli")])]


def public(thing: object) -> list[str]:
    return sorted(name for name in dir(thing) if not name.startswith("_"))


def test_public_names_are_guarded() -> None:
    assert sorted(la.__all__) == sorted(PUBLIC)
    assert all(hasattr(la, name) for name in PUBLIC)
    others = {name for name in public(la) if not inspect.ismodule(getattr(la, name))}
    assert others - {"annotations"} <= set(PUBLIC)
    assert public(la.Scan) == SCAN
    assert public(la.Format) == FORMAT
    assert list(_options.OPTION_NAMES) == OPTIONS


def test_public_names_are_documented() -> None:
    for owner, names in ((la, PUBLIC), (la.Scan, SCAN), (la.Format, FORMAT), (la.Expr, public(la.Expr))):
        for name in names:
            if name not in ("__version__", "line", "column"):
                assert inspect.getdoc(getattr(owner, name)), f"{owner.__name__}.{name}"
    told = inspect.getdoc(_options.ScanOptions) or ""
    assert all(f"{name}:" in told for name in OPTIONS)


def test_options_are_keyword_only() -> None:
    for function in (la.scan, la.read, la.parse, la.sniff, la.Scan.write_parquet, la.Scan.write_ipc):
        kinds = [parameter.kind for parameter in inspect.signature(function).parameters.values()]
        positional = [kind for kind in kinds if kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
        assert len(positional) <= 2 and kinds[-1] is inspect.Parameter.VAR_KEYWORD


def stub_names(body: list[ast.stmt]) -> set[str]:
    out = set()
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            out.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            out.add(node.target.id)
    return out


def test_stub_and_module_have_the_same_names() -> None:
    tree = ast.parse(STUB.read_text())
    ignored = {"__all__", "__doc__", "__file__", "__loader__", "__name__", "__package__", "__spec__", "__builtins__"}
    assert stub_names(tree.body) == set(dir(_logarrow)) - ignored
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not issubclass(getattr(_logarrow, node.name), Exception):
            real = vars(getattr(_logarrow, node.name))
            dunder = {"__doc__", "__module__", "__new__", "__repr__"} | {
                name for name in real if name.startswith("__") and name not in stub_names(node.body)
            }
            stated = {"__new__" if name == "__init__" else name for name in stub_names(node.body)}
            assert stated - {"__new__"} == set(real) - dunder, node.name


def test_errors_have_their_attributes() -> None:
    assert issubclass(la.FormatError, la.LogarrowError) and issubclass(la.LogarrowWarning, UserWarning)
    for kind in (la.LogarrowError, la.FormatError, la.DecodeError, la.SchemaError):
        err = kind("x")
        for name in ("source", "line", "column", "column_byte", "byte", "hint"):
            assert getattr(err, name) is None


@pytest.mark.parametrize("module", ["logarrow", *MODULES])
def test_examples_run(module: str) -> None:
    if module == "logarrow._logarrow":
        return
    found = importlib.import_module(module)
    extra = {name: getattr(la, name) for name in PUBLIC}
    finder, runner = doctest.DocTestFinder(exclude_empty=True), doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for test in finder.find(found, module, globs={**extra, **vars(found)}):
        out: list[str] = []
        runner.run(test, out=out.append)
        assert not runner.failures, "".join(out)


def test_there_are_examples() -> None:
    texts = [path.read_text() for path in PACKAGE.rglob("*.py")]
    assert sum(text.count(">>> ") for text in texts) >= 30


def test_files_are_small() -> None:
    for path in [*PACKAGE.rglob("*.py"), *Path(__file__).parent.glob("*.py")]:
        assert len(path.read_text().splitlines()) <= 600, path


def test_types(tmp_path: Path) -> None:
    source = Path(__file__).with_name("typing_cases.py")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--ignore-missing-imports",
        "--cache-dir",
        str(tmp_path),
        str(source),
        str(PACKAGE),
    ]
    path = {**os.environ, "MYPYPATH": str(PACKAGE.parent)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=path)
    assert done.returncode == 0, done.stdout
