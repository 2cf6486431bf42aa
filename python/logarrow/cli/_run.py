"""`logarrow run`: a job that is one reviewed file."""

from __future__ import annotations

import json
import warnings
from typing import Any

import click

from .._errors import LogarrowWarning
from .._text import columns, plain
from ..job import Job, JobError, Plan
from ._common import Pair, as_json, out, print_json, status_of


@click.command()
@click.argument("file", metavar="JOB.toml", type=click.Path(exists=True, dir_okay=False))
@click.option("--check", is_flag=True, help="Validate and plan only: nothing is written.")
@click.option(
    "--set",
    "changes",
    type=Pair(),
    multiple=True,
    metavar="KEY=VALUE",
    help="Another value for a key (sink.path=out/) or a variable (date=2026-03-05). Can be repeated.",
)
@click.option("--progress/--no-progress", default=None, help="A bar, on a terminal unless given.")
@as_json
def run(file: str, check: bool, changes: tuple[tuple[str, str], ...], progress: bool | None, as_json: bool) -> int:
    """Run a job: source, format, columns, filter and destination are one TOML file.

    Paths in it are taken from the directory that logarrow runs in.
    """
    try:
        job = Job.from_toml(file, changes=changes)
        if check:
            _show(job.check(), as_json)
            return 0
        with warnings.catch_warnings():
            # The exit status and an error line say it.
            warnings.simplefilter("ignore", LogarrowWarning)
            report = job.run(progress=progress is not False and not as_json)
    except JobError as err:
        raise click.UsageError("\n".join(map(plain, str(err).splitlines()))) from err
    if as_json:
        click.echo(json.dumps({"job": job.name, "output": job.sink["path"], **report.to_dict()}, default=str))
    else:
        out(repr(report))
    return status_of(report, job.exceeds)


def _show(plan: Plan, as_json: bool) -> None:
    told: dict[str, Any] = plan.to_dict()
    if as_json:
        print_json(told)
        return
    more = told["sources"] - len(told["first_sources"])
    sources = ", ".join(told["first_sources"]) + (f" and {more:,} more" if more else "")
    facts = [["job", told["name"]], ["source", sources], ["format", told["format"]]]
    facts += [[f"sink.{name}", json.dumps(value)] for name, value in told["sink"].items() if name != "method"]
    facts += [["ddl", path] for path in told["ddl"]]
    out(columns(facts))
    out()
    out(columns([[column["name"], column["type"]] for column in told["columns"]]))
    out()
    for line in told["explain"].splitlines():
        out(plain(line))
