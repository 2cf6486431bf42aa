"""The pages for readers say what is so: README, the reference of formats, the guide to adding one."""

from __future__ import annotations

import gzip
import importlib.util
import re
from pathlib import Path

import pytest

import logarrow as la

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "adding-a-format.md").read_text(encoding="utf-8")


def fenced(text: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for found, block in blocks if found == language]


def test_the_reference_of_formats_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None and spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    assert generate.PAGE.read_text(encoding="utf-8") == generate.render(), "run: make format-docs"


def test_readme_code_gives_the_readme_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (line,), (program,) = fenced(README, ""), fenced(README, "python")
    (tmp_path / "access.log.gz").write_bytes(gzip.compress(line.encode()))
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(program, names)
    table = names["table"]
    (row,) = table.to_pylist()  # type: ignore[attr-defined]
    made = [
        f"| {field.name} | {field.type} | {'null' if row[field.name] is None else row[field.name]} |"
        for field in table.schema  # type: ignore[attr-defined]
    ]
    head = "| column | type | value |\n| --- | --- | --- |\n"
    assert head + "\n".join(made) + "\n" in README


def test_readme_names_every_format() -> None:
    assert all(f"`{fmt.name}`" in README for fmt in la.formats())


def test_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_paths_of_the_guide_exist() -> None:
    for path in re.findall(r"`((?:src|docs|python)/[\w/.]+)`", GUIDE):
        assert "NAME" in path or "FAMILY" in path or (ROOT / path).exists(), path


def test_the_example_of_the_guide_reads_its_sample(tmp_path: Path) -> None:
    (text,) = fenced(GUIDE, "toml")
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    fmt = la.Format.from_toml(path)
    (sample,) = fmt.samples
    scan = la.scan(sample["line"].encode(), fmt)
    (row,) = scan.to_arrow().to_pylist()
    assert {name for name, value in row.items() if value is not None} == set(sample["row"])
    assert la.scan(b'192.0.2.7 [2026-03-05 10:00:01] "GET /a\n', fmt).to_arrow().num_rows == 0
