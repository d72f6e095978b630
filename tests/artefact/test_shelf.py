import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from msgspec.structs import replace

from artefact.golden.make import ARRAYS, INDEXED, MANIFEST, STRINGS, write
from kindred.artefact import shelf
from kindred.errors import Bug, UserError

WHOLE = ["arrays.safetensors", "manifest.json", "strings.safetensors"]


@pytest.fixture
def model(tmp_path):
    write(tmp_path / "model")
    return tmp_path / "model"


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def contents(folder):
    return {name: (folder / name).read_bytes() for name in names(folder)}


def rewrite_manifest(folder, change):
    path = folder / "manifest.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def refused(folder, said):
    with pytest.raises(UserError, match=said) as caught:
        shelf.open(folder)
    assert "\n" not in str(caught.value)


def test_equal_content_gives_equal_bytes(model, tmp_path):
    """[65]"""
    turned = {name: ARRAYS[name] for name in reversed(ARRAYS)}
    tables = {name: STRINGS[name] for name in reversed(STRINGS)}
    shelf.write(tmp_path / "again", manifest=MANIFEST, arrays=turned, strings=tables, indexed=set(INDEXED))
    assert contents(model) == contents(tmp_path / "again")
    assert names(model) == WHOLE


def test_the_manifest_tells_the_arrays_of_each_file(model):
    files = shelf.open(model).manifest.files
    assert files["arrays.safetensors"].arrays["centroids"] == "float32 (3, 4)"
    assert files["strings.safetensors"].arrays["titles.offsets"] == "int64 (7,)"
    assert {name: file.bytes for name, file in files.items()} == {
        name: (model / name).stat().st_size for name in ("arrays.safetensors", "strings.safetensors")
    }


def test_a_new_artefact_takes_the_place_of_an_earlier_one(model):
    (model / "notes.txt").write_text("not ours")
    before = shelf.open(model)
    shelf.write(model, manifest=replace(MANIFEST, seed=8), arrays={"a": np.ones(3)}, strings={})
    after = shelf.open(model)
    assert after.manifest.seed == 8
    assert list(after.arrays) == ["a"]
    assert names(model) == sorted([*WHOLE, "notes.txt"])
    np.testing.assert_array_equal(before.arrays["centroids"], ARRAYS["centroids"])  # its mapping outlives its name


def test_what_a_killed_training_left_is_no_model_and_is_swept(tmp_path):
    """[54, 68]"""
    write(tmp_path / ".partial")
    refused(tmp_path, "found .partial")
    write(tmp_path)
    assert names(tmp_path) == WHOLE


def test_content_that_cannot_be_kept_leaves_the_earlier_artefact_alone(model):
    before = contents(model)
    for broken in (
        {"arrays": {"a": np.array([None])}},
        {"manifest": replace(MANIFEST, metrics={"a": float("nan")})},
        {"strings": {"ids": ["a", "a"]}, "indexed": ["ids"]},
        {"strings": {"ids": []}, "indexed": ["idz"]},
    ):
        with pytest.raises(Bug):
            shelf.write(model, **({"manifest": MANIFEST, "arrays": {}, "strings": {}} | broken))
        assert contents(model) == before


def test_a_failure_between_the_renames_leaves_no_half_model(tmp_path):
    """[54]"""
    (tmp_path / "strings.safetensors" / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match=r"strings\.safetensors"):
        write(tmp_path)
    assert names(tmp_path) == ["strings.safetensors", "strings.safetensors/in the way"]


@contextmanager
def tiny_disk(folder):
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a full disk needs the right to mount one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize(
    "large",
    [
        {"arrays": {"a": np.zeros(100_000)}},
        {"strings": {"titles": ["x" * 500_000]}},
        {"manifest": replace(MANIFEST, notes=["x" * 500_000])},
    ],
    ids=["arrays", "strings", "manifest"],
)
def test_a_full_disk_leaves_nothing_half_written(tmp_path, large):
    """[199]"""
    with tiny_disk(tmp_path / "disk") as disk:
        with pytest.raises(OSError, match="No space left on device"):
            shelf.write(disk, **({"manifest": MANIFEST, "arrays": {}, "strings": {}} | large))
        assert names(disk) == []

        write(disk)
        with pytest.raises(OSError, match="No space left on device"):
            shelf.write(disk, **({"manifest": MANIFEST, "arrays": {}, "strings": {}} | large))
        assert shelf.open(disk).manifest.seed == MANIFEST.seed


def test_a_read_only_folder_is_enough(model):
    """[98]"""
    before = contents(model)
    for path in [*model.iterdir(), model]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    artefact = shelf.open(model)
    with pytest.raises(ValueError, match="read-only"):
        artefact.arrays["centroids"][0] = 1
    model.chmod(0o755)
    assert contents(model) == before


def test_a_model_may_lie_deeper(model):
    """[118]"""
    deep = model.parent / "deep" / "er"
    deep.mkdir(parents=True)
    model.rename(deep / "model")
    (deep.parent / "manifest.json").mkdir()
    assert shelf.open(deep.parent).manifest.seed == MANIFEST.seed
    shelf.verify(deep.parent)


def test_the_model_at_the_top_wins_over_one_below(model):
    """[118]"""
    write(model / "other")
    shelf.write(model, manifest=replace(MANIFEST, seed=9), arrays={}, strings={})
    assert shelf.open(model).manifest.seed == 9


def test_two_models_are_one_too_many(tmp_path):
    write(tmp_path / "a")
    write(tmp_path / "b" / "c")
    refused(tmp_path, "2 models in .*, expected one: a, b/c$")


def test_no_model_lists_what_was_found(tmp_path):
    """[98]"""
    refused(tmp_path, "no model in .*expected manifest.json, .* found nothing$")
    refused(tmp_path / "absent", "found nothing$")
    for name in "fedcba":
        (tmp_path / name).touch()
    refused(tmp_path, "found a, b, c, d, e, …$")


@pytest.mark.parametrize("name", ["arrays.safetensors", "strings.safetensors"])
def test_a_file_that_is_not_whole_is_refused(model, name):
    content = (model / name).read_bytes()
    for damaged in (content[:-1], content + b"\0", b""):
        (model / name).write_bytes(damaged)
        refused(model, f"{name}: the file has {len(damaged)} bytes and should have {len(content)}")
    (model / name).unlink()
    refused(model, f"{name}: the file is missing from {model}")


def test_a_file_of_the_right_size_with_other_arrays_is_refused(model):
    path = model / "arrays.safetensors"
    path.write_bytes(path.read_bytes().replace(b'"labels"', b'"labelz"'))
    refused(model, "arrays.safetensors: the arrays in the file are not those that the manifest names")


def test_another_format_is_refused(model):
    """[69]"""
    rewrite_manifest(model, lambda manifest: manifest.update(format=3))
    refused(model, "written by format 3; this image reads 1")


def test_a_manifest_without_our_files_is_refused(model):
    rewrite_manifest(model, lambda manifest: manifest["files"].pop("strings.safetensors"))
    refused(model, r"manifest\.json: the manifest does not name strings\.safetensors")


def test_a_manifest_without_end_is_refused(model):
    (model / "manifest.json").write_bytes(b" " * (16 * 1024 * 1024 + 1))
    refused(model, "larger than 16777216 bytes")


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../secret", "a/../../secret", "..", ".", "", ".hidden", "a\\b", "a\0b", "x" * 300, "a\n"]
)
def test_a_name_that_is_no_plain_file_name_is_refused(model, name):
    (model.parent / "secret").write_bytes((model / "arrays.safetensors").read_bytes())
    rewrite_manifest(model, lambda manifest: manifest["files"].update({name: manifest["files"]["arrays.safetensors"]}))
    refused(model, "names a file outside the model directory")


@pytest.mark.parametrize("name", WHOLE)
def test_a_link_that_leads_out_is_refused_one_that_stays_is_followed(model, name):
    (model / name).rename(model.parent / "secret")
    (model / name).symlink_to("../secret")
    refused(model, f"{name}: the file is a link that leads outside")

    (model / "data").mkdir()
    (model.parent / "secret").rename(model / "data" / "kept")
    (model / name).unlink()
    (model / name).symlink_to("data/kept")
    assert shelf.open(model).manifest.seed == MANIFEST.seed


def test_a_link_to_itself_is_no_file(model):
    (model / "arrays.safetensors").unlink()
    (model / "arrays.safetensors").symlink_to("arrays.safetensors")
    refused(model, "arrays.safetensors: the file is missing")


def test_the_model_directory_itself_may_be_a_link(model):
    (model.parent / "link").symlink_to(model)
    assert shelf.open(model.parent / "link").manifest.seed == MANIFEST.seed


@contextmanager
def as_a_stranger():
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("name", WHOLE)
def test_what_may_not_be_read_is_refused_by_name(name):
    with TemporaryDirectory() as folder:  # pytest's own folders are closed to strangers
        model = Path(folder)
        write(model)
        model.chmod(0o755)
        (model / name).chmod(0)
        with as_a_stranger():
            refused(model, f"{name}: the model cannot be read: Permission denied")


def test_another_user_may_open_what_training_wrote():
    """[185]"""
    with TemporaryDirectory() as folder:
        model = Path(folder)
        write(model)
        model.chmod(0o755)
        with as_a_stranger():
            shelf.verify(model)


def test_verify_sees_one_flipped_bit(model):
    shelf.verify(model)
    path = model / "arrays.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    shelf.open(model)
    with pytest.raises(UserError, match="its SHA-256 differs"):
        shelf.verify(model)
