"""Publication of extracts on a Tableau server, by tableauserverclient."""

from __future__ import annotations

import os
from typing import Any

from .._errors import LogarrowError
from .._missing import need

#: Where the token is: never on a command line, which every user of a machine can read.
TOKEN_NAME, TOKEN = "TABLEAU_TOKEN_NAME", "TABLEAU_TOKEN"


def publish(
    path: str | os.PathLike[str],
    server: str,
    project: str,
    *,
    site: str = "",
    name: str | None = None,
    mode: str = "overwrite",
) -> dict[str, Any]:
    """Publishes a `.hyper` file as a data source, and gives its `id`, `name` and `url`.

    `mode` is `"create"`, `"overwrite"` or `"append"`. The personal access token is in the environment variables
    `TABLEAU_TOKEN_NAME` and `TABLEAU_TOKEN`.

    **Errors**: `ImportError` without tableauserverclient; `LogarrowError` without a token or project; what the client raises.
    """
    tsc = need("tableauserverclient", "publish()")
    modes = {"create": "CreateNew", "overwrite": "Overwrite", "append": "Append"}
    if mode not in modes:
        raise ValueError(f"option 'mode' is one of {', '.join(modes)}, not {mode!r}")
    file = os.fspath(path)
    if not os.path.isfile(file):
        raise FileNotFoundError(f"{file}: no such file")
    if not (os.environ.get(TOKEN_NAME) and os.environ.get(TOKEN)):
        raise LogarrowError(f"no token for the server\nhint: set {TOKEN_NAME} and {TOKEN} in the environment")
    client = tsc.Server(server, use_server_version=True)
    with client.auth.sign_in(tsc.PersonalAccessTokenAuth(os.environ[TOKEN_NAME], os.environ[TOKEN], site)):
        found = next((one for one in tsc.Pager(client.projects) if one.name == project), None)
        if found is None:
            raise LogarrowError(
                f"there is no project {project!r} on the server\nhint: name one that the token may write to"
            )
        item = tsc.DatasourceItem(found.id, name=name or os.path.splitext(os.path.basename(file))[0])
        done = client.datasources.publish(item, file, getattr(tsc.Server.PublishMode, modes[mode]))
    return {"id": done.id, "name": done.name, "url": done.webpage_url}
