"""The command line: `logarrow convert`, `run`, `head`, `sniff`, `formats`, `schema`, `check`, `emr`, `tableau`.

Exit status: 0 all good, 1 failed (a damaged input is a failure), 2 usage, 3 done with rejects over `--max-rejects`.
"""

from __future__ import annotations

import os
import sys

import click

from .. import __version__
from .._text import plain
from ._check import check
from ._convert import convert
from ._emr import emr
from ._look import head
from ._run import run as run_job
from ._schema import schema
from ._tableau import tableau
from ._tell import formats, sniff

#: What a shell reports for a program that Ctrl-C ended.
_INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="logarrow")
def cli() -> None:
    """Turns semi-structured logs into typed Apache Arrow tables and Parquet, without losing a line.

    SRC is a path, a glob (quoted), a directory, or - for standard input.
    """


for _command in (convert, run_job, head, sniff, formats, schema, check, emr, tableau):
    cli.add_command(_command)


def main(args: list[str] | None = None) -> None:
    """Runs the command line and exits."""
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """Runs the command line and gives its exit status."""
    try:
        status = cli.main(args, prog_name="logarrow", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except click.exceptions.Exit as err:
        return err.exit_code
    except click.ClickException as err:
        err.show()
        return err.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return _INTERRUPTED
    except Exception as err:
        return _failed(err)


def _failed(err: Exception) -> int:
    """Prints what went wrong, without a traceback; `LOGARROW_TRACEBACK=1` shows one."""
    if os.environ.get("LOGARROW_TRACEBACK"):
        raise err
    text = str(err)
    if isinstance(err, OSError) and err.strerror:
        # Without the number; ours name the file in the text, Python's beside it.
        text = f"{err.filename}: {err.strerror}" if err.filename else err.strerror
    first, *more = text.splitlines() or [type(err).__name__]
    click.echo("\n".join([f"error: {plain(first)}", *(plain(line) for line in more)]), err=True)
    return 1
