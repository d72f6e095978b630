"""Servers, started and ended: each on two workers, as its own documentation has it, on a port of 127.0.0.1."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PORT, BEHIND = 18410, 18411
WORKERS = 2
HERE = Path(__file__).parent
ROOT = HERE.parent.parent
READY_S = 120.0

NGINX = """\
{user}worker_processes auto; daemon off; pid {folder}/nginx.pid; error_log /dev/stderr error;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream gunicorn {{ server unix:{folder}/gunicorn.sock; }}
  server {{
    listen {port} deferred; client_max_body_size 5m; keepalive_timeout 5; keepalive_requests 1000000;
    location ~ ^/(ping|invocations) {{
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header Host $http_host;
      proxy_redirect off; proxy_pass http://gunicorn;
    }}
    location / {{ return 404 "{{}}"; }}
  }}
}}
"""
"""What the sample's nginx does; no log, and no end of a kept connection after 1,000 requests, are in its favour."""


@dataclass(frozen=True, kw_only=True)
class Stand:
    """A server that answers: its processes, and the seconds from its start to the first 200 of /ping."""

    name: str
    processes: Sequence[int]
    ready_s: float

    @property
    def cpu_s(self) -> float:
        """Processor seconds of all its processes."""
        return sum(map(_cpu_s, self.processes))


def environment(name: str) -> Path:
    """Return the Python of a peer's own environment, made where it is missing: KINDRED_PEERS, or .venv-peers."""
    folder = Path(os.environ.get("KINDRED_PEERS", ROOT / ".venv-peers")) / name
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        wanted = HERE / "peers" / f"{name}.txt"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", wanted], check=True)
    return python


def make_model(centres: Path, folder: Path, *, by: str) -> Path:
    """Return scikit-learn's k-means with these centres, written by the peer that is to load it."""
    model = folder / f"{by}.joblib"
    subprocess.run([environment(by), HERE / "peers" / "make_model.py", centres, model], check=True)
    return model


def nginx() -> str | None:
    """Return nginx's path, None where it is not installed."""
    return shutil.which(os.environ.get("KINDRED_NGINX", "nginx"))


@contextmanager
def sample(model: Path, folder: Path) -> Iterator[Stand]:
    """The stack of AWS's bring-your-own sample; without nginx, where that is not installed."""
    front = nginx()
    bound = f"unix:{folder}/gunicorn.sock" if front else f"127.0.0.1:{PORT}"
    command = [environment("sample"), "-m", "gunicorn", "--timeout", "60", "-k", "gevent", "-b", bound]
    environ = {"MODEL": str(model), "PYTHONPATH": str(HERE / "peers")}
    with _process([*map(str, command), "-w", str(WORKERS), "sample_app:app"], environ) as gunicorn:
        if front is None:
            yield _ready("sample", [gunicorn], "/ping")
            return
        configuration = folder / "nginx.conf"
        configuration.write_text(
            NGINX.format(folder=folder, port=PORT, user="user root; " if os.geteuid() == 0 else "")
        )
        with _process([front, "-p", str(folder), "-c", str(configuration)], {}) as proxy:
            yield _ready("sample", [gunicorn, proxy], "/ping")


@contextmanager
def mlserver(model: Path, folder: Path) -> Iterator[Stand]:
    """MLServer with its scikit-learn runtime."""
    settings = {
        "http_port": PORT, "grpc_port": BEHIND, "metrics_port": BEHIND + 1, "host": "127.0.0.1",
        "parallel_workers": WORKERS, "debug": False, "access_log": False,
    }  # fmt: skip
    runtime = {
        "name": "kmeans", "implementation": "mlserver_sklearn.SKLearnModel", "parameters": {"uri": str(model)}
    }  # fmt: skip
    (folder / "settings.json").write_text(json.dumps(settings))
    (folder / "model-settings.json").write_text(json.dumps(runtime))
    command = [str(environment("mlserver").parent / "mlserver"), "start", str(folder)]
    with _process(command, {}) as served:
        yield _ready("mlserver", [served], "/v2/models/kmeans/ready")


@contextmanager
def ours(base: Path) -> Iterator[Stand]:
    """`serve` on the model in `base`."""
    environ = {
        "SAGEMAKER_BASE_DIR": str(base),
        "SAGEMAKER_BIND_TO_PORT": str(PORT),
        "MODEL_SERVER_WORKERS": str(WORKERS),
        "PYTHONPATH": str(ROOT / "container"),
        # As in the image, where all is compiled: the first start writes what the others read.
        "PYTHONPYCACHEPREFIX": str(base.parent / "bytecode"),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    with _process([sys.executable, "-m", "kindred.entry", "serve"], environ) as served:
        yield _ready("ours", [served], "/ping")


@contextmanager
def _process(command: Sequence[str], environ: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    quiet = subprocess.DEVNULL
    started = subprocess.Popen(command, env={**os.environ, **environ}, stdout=quiet, stderr=quiet)
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(timeout=30)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def _ready(name: str, processes: Sequence["subprocess.Popen[bytes]"], path: str) -> Stand:
    begun = time.perf_counter()
    while not _answers(path):
        if any(each.poll() is not None for each in processes):
            raise RuntimeError(f"{name} ended before it answered {path}")
        if time.perf_counter() - begun > READY_S:
            raise TimeoutError(f"{name} does not answer {path}")
        time.sleep(0.002)
    ready_s = time.perf_counter() - begun
    time.sleep(1.0)  # the last workers come a moment after the first
    family = [pid for each in processes for pid in _family(each.pid)]
    return Stand(name=name, processes=family, ready_s=ready_s)


def _answers(path: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=5) as answer:
        return bool(answer.status == 200)
    return False


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _family(int(child)))]


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
