"""Notebooks run from top to bottom in a fresh kernel, and what they show is short and right."""

from __future__ import annotations

from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
#: Lines of text that an output may have.
SHORT = 24


def outputs(cell: object) -> list[str]:
    out = []
    for output in cell.get("outputs", []):  # type: ignore[attr-defined]
        assert output["output_type"] in ("stream", "display_data", "execute_result"), output
        out.append(output.get("text") or output["data"].get("text/plain", ""))
        assert output.get("name") != "stderr", output
    return out


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.name for path in NOTEBOOKS])
def test_notebook_runs(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells), "outputs are not kept: they would show this machine"
    client = nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    texts = [text for cell in notebook.cells for text in outputs(cell)]
    assert all(len(text.splitlines()) <= SHORT for text in texts)
    assert not list(tmp_path.iterdir()), "it leaves nothing where it runs"


def test_the_first_notebook_plots_and_accounts() -> None:
    notebook = nbformat.read(NOTEBOOKS[0], as_version=4)
    nbclient.NotebookClient(notebook, timeout=300).execute()
    texts = [text for cell in notebook.cells for text in outputs(cell)]
    (report,) = [text for text in texts if text.startswith("records")]
    counts = {line.split()[0]: int(line.split()[1].replace(",", "")) for line in report.splitlines()[:5]}
    assert counts["records"] == counts["rows"] + counts["filtered"] + counts["rejected"] + counts["skipped"]
    assert (counts["rejected"], counts["skipped"]) == (1, 1)
    kinds = {kind for cell in notebook.cells for output in cell.get("outputs", []) for kind in output.get("data", {})}
    assert {"text/html", "image/png"} <= kinds
