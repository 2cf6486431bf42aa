"""`logarrow emr`: commands and steps for Amazon EMR. They are printed, not submitted."""

from __future__ import annotations

import click

from .._text import plain
from ..emr import DistCp
from ..emr._distcp import CODECS


@click.group()
def emr() -> None:
    """Commands and steps for Amazon EMR."""


@emr.command()
@click.argument("src", metavar="SRC")
@click.argument("dest", metavar="DEST")
@click.option(
    "--group-by",
    metavar="REGEX",
    help="Over whole paths: files whose groups are alike become one, others are left out: '.*/(\\d{4}/\\d\\d/\\d\\d)/.*'.",
)
@click.option(
    "--target-mib", type=click.IntRange(min=1), metavar="N", help="Size of the files that are made, with --group-by."
)
@click.option("--src-pattern", metavar="REGEX", help="Over whole paths: what is copied.")
@click.option("--output-codec", type=click.Choice(CODECS), help="As it is unless given.")
@click.option("--delete-on-success", is_flag=True, help="Delete the originals.")
@click.option("--step", is_flag=True, help="Print JSON for `aws emr add-steps --steps file://step.json`.")
@click.option("--name", default="copy logs", show_default=True, help="Name of the step.")
def distcp(src: str, dest: str, step: bool, name: str, **options: object) -> int:
    """Print the s3-dist-cp command that copies logs, many small objects to few large files.

    SRC and DEST are s3:// or hdfs:// URLs. The command goes to standard output, how its files are read to standard error.
    """
    try:
        copy = DistCp(src, dest, **options)  # type: ignore[arg-type]
    except ValueError as err:
        raise click.UsageError("\n".join(map(plain, str(err).splitlines()))) from err
    click.echo(copy.steps_json(name) if step else copy.command())
    click.echo(copy.note(), err=True)
    return 0
