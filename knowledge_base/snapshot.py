"""One snapshot folder on disk: written whole or not at all, and read only when every byte is the one written.

In: a folder and a function that writes files. Out: a `Manifest`, or a `SnapshotError` that says what to run. The
manifest names every file with its sha256 and is itself the switch: files go into a new sub-folder, are synced, and
then `manifest.json` is replaced in one step. Killed at any moment, the folder holds the old snapshot or the new one.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from knowledge_base.errors import SnapshotDamaged, SnapshotForeign, SnapshotMissing

FORMAT = "shopkeeper-index"
FORMAT_VERSION = 8
MANIFEST = "manifest.json"
_SHA256 = "sha256"
_THREADS = 16
_CORES = min(os.cpu_count() or 1, 4)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot is made of. `files` maps a path below `folder` to its sha256.

    `embedder` is "" and `dimension` 0 where there are no vectors. `fingerprint` stands for the source files, the
    embedder and this program's version: equal fingerprints, equal index. `built_at` is ISO 8601 in UTC. `seq` is the
    last change of the journal that is in it, `collection` the name of its vectors where a server keeps them.
    """

    fingerprint: str
    embedder: str
    dimension: int
    counts: Mapping[str, int]
    built_at: str
    seq: int = 0
    collection: str = ""
    folder: str = ""
    files: Mapping[str, str] | None = None
    format: str = FORMAT
    version: int = FORMAT_VERSION


def rebuild_command(shop: Path | str = "SHOP", out: Path | None = None) -> str:
    """The command that makes a snapshot anew."""
    return f"python -m knowledge_base build {shop}" + (f" --out {out}" if out else "")


@contextmanager
def new_folder(root: Path) -> Iterator[Path]:
    """A new folder below `root` for the files of a snapshot, which `write_snapshot` makes it; gone if that failed."""
    folder = root / f"files-{uuid.uuid4().hex[:12]}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        if not _is_served(root, folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_served(root: Path, folder: Path) -> bool:
    """Whether the manifest may name the folder; where nobody can tell, it is left to the next build to remove it."""
    try:
        return read_manifest(root).folder == folder.name
    except (SnapshotMissing, SnapshotForeign):
        return False
    except SnapshotDamaged:
        return True


def write_snapshot(
    root: Path, manifest: Manifest, write: Callable[[Path], None], folder: Path | None = None
) -> Manifest:
    """Let `write` fill `folder`, a new one below `root`, then make it the snapshot, atomically; older ones are removed.

    One process at a time (the caller holds a lock). Returns the manifest with `folder` and `files`.
    """
    if folder is None:
        with new_folder(root) as folder:
            return write_snapshot(root, manifest, write, folder)
    write(folder)
    paths = sorted(folder.rglob("*"))
    with ThreadPoolExecutor(_THREADS) as threads:  # what waits for the disk together waits once
        digests = list(threads.map(_sealed, paths))
    sync_folder(folder)
    files = {path.relative_to(folder).as_posix(): sha256 for path, sha256 in zip(paths, digests, strict=True) if sha256}
    values = asdict(manifest) | {"folder": folder.name, "files": files}
    said = values | {_SHA256: _sha256(values)}
    temporary = root / f"{MANIFEST}.{folder.name}"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(said, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(root / MANIFEST)
    sync_folder(root)
    _remove_others(root, folder.name)
    return Manifest(**values)


def _sealed(path: Path) -> str:
    """The sha256 of a file, which is on the disk then; of a folder "", and its names are."""
    if path.is_dir():
        sync_folder(path)
        return ""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(root: Path, remedy: str = "") -> Manifest:
    """The manifest of the snapshot in `root`; its files are not looked at.

    Raises:
        SnapshotMissing: there is none.
        SnapshotDamaged: it is not readable.
        SnapshotForeign: another program or another format version wrote it.
    """
    remedy = remedy or rebuild_command(out=root)
    try:
        text = (root / MANIFEST).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise SnapshotMissing(f"there is no index in {root}: run `{remedy}`") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SnapshotDamaged(f"{root / MANIFEST} cannot be read ({error}): run `{remedy}`") from error
    try:
        values = json.loads(text)
    except ValueError as error:
        raise SnapshotDamaged(f"{root / MANIFEST} is not JSON ({error}): run `{remedy}`") from error
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise SnapshotForeign(f"{root / MANIFEST} does not describe an index of this program: run `{remedy}`")
    if values.get("version") != FORMAT_VERSION:
        found = values.get("version")
        raise SnapshotForeign(
            f"the index in {root} has format version {found}, this program reads {FORMAT_VERSION}: run `{remedy}`"
        )
    if values.pop(_SHA256, None) != _sha256(values):
        raise SnapshotDamaged(f"{root / MANIFEST} is not as it was written: run `{remedy}`")
    return _manifest(values, root, remedy)


def _sha256(values: Mapping[str, Any]) -> str:
    """What a manifest is checked with, as its own key beside the others."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def verify_files(root: Path, manifest: Manifest, remedy: str = "") -> Path:
    """The folder of the snapshot's files, every one of which has the sha256 the manifest states.

    Raises:
        SnapshotDamaged: a file is missing, altered, or not named in the manifest.
    """
    remedy = remedy or rebuild_command(out=root)
    folder = root / manifest.folder
    files = manifest.files or {}
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    if missing := sorted(files.keys() - found):
        raise SnapshotDamaged(f"{folder / missing[0]} is missing from the index: run `{remedy}`")
    if strange := sorted(found - files.keys()):
        raise SnapshotDamaged(f"{folder / strange[0]} does not belong to the index: run `{remedy}`")
    with ThreadPoolExecutor(_CORES) as threads:
        actuals = list(threads.map(lambda name: _digest(folder / name), files))
    for (name, sha256), actual in zip(files.items(), actuals, strict=True):
        if actual != sha256:
            raise SnapshotDamaged(
                f"{folder / name} is damaged (sha256 {actual[:12]}…, the manifest says {sha256[:12]}…): run `{remedy}`"
            )
    return folder


def is_as_written(root: Path, manifest: Manifest, part: str) -> bool:
    """Whether the files below the folder `part` of a snapshot are those the manifest states, each of its sha256."""
    folder = root / manifest.folder
    files = {name: sha256 for name, sha256 in (manifest.files or {}).items() if name.startswith(f"{part}/")}
    found = {path.relative_to(folder).as_posix() for path in (folder / part).rglob("*") if path.is_file()}
    return bool(files) and files.keys() == found and all(_digest(folder / n) == sha256 for n, sha256 in files.items())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest(values: Mapping[str, Any], root: Path, remedy: str) -> Manifest:
    try:
        manifest = Manifest(**values)
    except TypeError as error:
        raise SnapshotDamaged(f"{root / MANIFEST} lacks fields ({error}): run `{remedy}`") from error
    folder = Path(manifest.folder)
    names_ok = isinstance(manifest.files, dict) and all(isinstance(v, str) for v in manifest.files.values())
    if not names_ok or len(folder.parts) != 1 or ".." in folder.parts or not isinstance(manifest.counts, dict):
        raise SnapshotDamaged(f"{root / MANIFEST} is not consistent: run `{remedy}`")
    return manifest


def _remove_others(root: Path, kept: str) -> None:
    """Remove what earlier or interrupted builds left."""
    for path in root.iterdir():
        if path.name.startswith("files-") and path.name != kept:
            shutil.rmtree(path, ignore_errors=True)
        elif path.name.startswith(f"{MANIFEST}."):
            path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
