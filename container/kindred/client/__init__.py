"""Ask an endpoint from Python, and get pandas frames: by its name in SageMaker, or by a URL.

    from kindred import client

    films = client.endpoint("films")                      # boto3's credentials and region
    films.recommend([["alien-1979", "blade-runner-1982"]], n=5)
    films.similar(["alien-1979"])
    client.http("http://localhost:8080").clusters(rows)   # a model of k-means

What the server refuses is raised as a `kindred.errors.UserError` with its sentence, and the place in what you sent.
It needs pandas, and boto3 for `endpoint`; `pip install kindred` brings neither, they are imported when needed.
"""

from kindred.client.asking import Client
from kindred.client.ways import endpoint as _endpoint
from kindred.client.ways import http as _http

__all__ = ["Client", "endpoint", "http"]


def endpoint(name: str, *, session: object = None) -> Client:
    """Return a client of the SageMaker endpoint `name`; `session` is a boto3 session, by default boto3's own."""
    return Client(send=_endpoint(name, session=session))


def http(url: str) -> Client:
    """Return a client of a server at `url`, such as http://localhost:8080."""
    return Client(send=_http(url))
