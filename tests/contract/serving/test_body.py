"""A body is read whole, or refused; never cut short."""

import io

import pytest

from kindred.contract.serving import body
from kindred.errors import PayloadTooLarge, UserError


class Broken(io.BytesIO):
    """A caller who hangs up."""

    def read(self, size: int | None = -1) -> bytes:
        raise OSError(f"gone before {size} bytes")


@pytest.mark.parametrize(
    ("environ", "limit"),
    [
        ({"CONTENT_LENGTH": "4"}, None),
        ({"CONTENT_LENGTH": "4"}, 4),
        ({"wsgi.input_terminated": True}, None),
        ({"wsgi.input_terminated": True}, 4),
        ({"CONTENT_LENGTH": "", "wsgi.input_terminated": True}, 5),
    ],
)
def test_a_whole_body(environ: dict[str, object], limit: int | None) -> None:
    """[126] With its length, or without one."""
    assert body.read({"wsgi.input": io.BytesIO(b"abcd"), **environ}, limit=limit) == b"abcd"


def test_no_body() -> None:
    """Neither a length nor a server that knows the end: there is no body to wait for."""
    assert body.read({"wsgi.input": io.BytesIO(b"abcd")}, limit=None) == b""


@pytest.mark.parametrize("environ", [{"CONTENT_LENGTH": "5"}, {"wsgi.input_terminated": True}])
def test_a_body_too_large(environ: dict[str, object]) -> None:
    """[100] It is refused, and taken to its end, so that the caller gets to read the answer."""
    stream = io.BytesIO(b"abcde")
    with pytest.raises(PayloadTooLarge):
        body.read({"wsgi.input": stream, **environ}, limit=4)
    assert stream.read() == b""


def test_a_body_that_breaks_off() -> None:
    """Fewer bytes than were declared are a mistake, not a shorter request."""
    with pytest.raises(UserError, match="broke off after 4 of 100 bytes"):
        body.read({"wsgi.input": io.BytesIO(b"abcd"), "CONTENT_LENGTH": "100"}, limit=None)
    with pytest.raises(UserError, match="broke off"):
        body.read({"wsgi.input": Broken(), "wsgi.input_terminated": True}, limit=4)
