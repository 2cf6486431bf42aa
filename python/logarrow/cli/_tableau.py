"""`logarrow tableau`: extracts on a Tableau server."""

from __future__ import annotations

import click

from .._text import plain
from ._common import as_json, out, print_json


@click.group()
def tableau() -> None:
    """Extracts on a Tableau server."""


@tableau.command()
@click.argument("file", metavar="FILE.hyper", type=click.Path(exists=True, dir_okay=False))
@click.option("--server", required=True, metavar="URL", help="The server, https://tableau.example.org.")
@click.option("--project", required=True, help="The project it goes to, by its name.")
@click.option("--site", default="", help="The site; the default one unless given.")
@click.option("--name", help="Name of the data source; that of the file unless given.")
@click.option(
    "--mode",
    type=click.Choice(["create", "overwrite", "append"]),
    default="overwrite",
    show_default=True,
    help="What happens to one of this name.",
)
@as_json
def publish(file: str, server: str, project: str, site: str, name: str | None, mode: str, as_json: bool) -> int:
    """Publish a .hyper file as a data source.

    The personal access token is taken from TABLEAU_TOKEN_NAME and TABLEAU_TOKEN.
    """
    from ..tableau import publish as publish_file

    done = publish_file(file, server, project, site=site, name=name, mode=mode)
    if as_json:
        print_json(done)
    else:
        out(f"published {plain(done['name'])}: {plain(done['url'] or done['id'])}")
    return 0
