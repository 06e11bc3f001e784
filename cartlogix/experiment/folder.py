"""The result folder: built beside its final name, moved there when complete, never half there.

While a study runs, its results grow in ``.NAME.partial`` next to ``NAME``. A scenario that is
finished is moved into place as a whole, so that whatever stops the run (Ctrl-C, kill -9, a full
disk) leaves finished scenarios for ``--resume`` and an earlier complete ``NAME`` untouched.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import socket
import time
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cartlogix.ground.errors import OutputRefused, WriteFailed

MANIFEST = "manifest.json"
_RECORDED = (".parquet", ".json", ".yaml")


def slug(name: str) -> str:
    """Return a file name for any text: readable where possible, unique by a short hash."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")
    if words == name:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{words}-{digest}" if words else digest


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write JSON (never NaN) so that the file is either whole or absent.

    Raises:
        WriteFailed: if the disk is full or the folder cannot be written.
    """
    text = json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False)
    write_text(path, f"{text}\n")


def write_text(path: Path, text: str | Iterable[str]) -> None:
    """Write UTF-8 text so that the file is either whole or absent; a device is written as it is.

    Args:
        path: the file.
        text: the text, or its pieces.

    Raises:
        WriteFailed: if the disk is full or the folder cannot be written.
    """
    pieces = [text] if isinstance(text, str) else text
    if path.exists() and not path.is_file():
        with writing(path):
            path.write_text("".join(pieces), "utf-8")
        return
    part = path.with_name(f".{path.name}.part")
    with writing(path):
        try:
            with part.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every table and record below a folder, by its path in it.

    Hidden files are left out: they help to continue a run, and are gone when it is whole.
    """
    found = {}
    for path in sorted(folder.rglob("[!.]*")):
        if path.suffix in _RECORDED and path.name != MANIFEST:
            with path.open("rb") as file:
                name = path.relative_to(folder).as_posix()
                found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an input/output error into a WriteFailed that names the path."""
    try:
        yield
    except OSError as error:
        raise WriteFailed(f"cannot write {path}: {error.strerror or error}") from None


class ResultFolder:
    """One result folder, locked while it is built.

    Raises:
        OutputRefused: if the folder exists (and `force` is not set), is in use, or cannot be made.
    """

    def __init__(self, name: Path, *, force: bool = False, resume: bool = False) -> None:
        # A link stays a link, to be refused: it may lead to a folder that is somebody else's.
        try:
            final = name if name.is_symlink() else name.resolve()
        except (OSError, RuntimeError) as error:  # too long a name, a circle of links
            reason = getattr(error, "strerror", None) or "its links lead in a circle"
            raise OutputRefused(f"cannot use {name}: {reason}") from None
        self.final = final
        self.partial = final.parent / f".{final.name}.partial"
        self._old = final.parent / f".{final.name}.old"
        self._lock_path = final.parent / f".{final.name}.lock"
        self._force = force
        self._resume = resume

    @contextmanager
    def building(self) -> Iterator[Path]:
        """Give the folder to write into; the caller ends with :meth:`publish`."""
        with self._locked():
            with writing(self.final):
                self._recover()
                self._check()
                if self.partial.exists() and not self._resume:
                    shutil.rmtree(self.partial)
                self.partial.mkdir(exist_ok=True)
            yield self.partial

    def publish(self) -> None:
        """Move the finished folder to its name, in place of an older one if there is one."""
        with writing(self.final):
            if self.final.exists():
                self.final.rename(self._old)
            self.partial.rename(self.final)
            shutil.rmtree(self._old, ignore_errors=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock; the file is taken away by its holder only."""
        lock = self._take()
        try:
            yield
        finally:
            self._lock_path.unlink(missing_ok=True)
            os.close(lock)

    def _take(self) -> int:
        while True:
            try:
                self.final.parent.mkdir(parents=True, exist_ok=True)
                lock = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o644)
            except OSError as error:
                raise OutputRefused(f"cannot use {self.final}: {error.strerror}") from None
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                holder = os.pread(lock, 200, 0).decode(errors="replace").strip() or "another run"
                os.close(lock)
                raise OutputRefused(f"{self.final} is in use by {holder}") from None
            if self._is_current(lock):
                break
            os.close(lock)  # an earlier holder took the file away after it was opened here
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        os.ftruncate(lock, 0)
        holder = f"pid {os.getpid()} on host {socket.gethostname()} since {since}"
        os.pwrite(lock, holder.encode(), 0)
        return lock

    def _is_current(self, lock: int) -> bool:
        try:
            return os.path.samestat(os.fstat(lock), self._lock_path.stat())
        except FileNotFoundError:
            return False

    def _recover(self) -> None:
        """Undo a replacement that was cut off between its two moves."""
        if self._old.exists() and not self.final.exists():
            self._old.rename(self.final)
        elif self._old.exists():
            shutil.rmtree(self._old)

    def _check(self) -> None:
        """Refuse what must not be replaced: above all, folders that hold something else."""
        if self.final.is_symlink() or (self.final.exists() and not self.final.is_dir()):
            raise OutputRefused(f"{self.final} is not a folder; choose another --out")
        if not self.final.exists():
            return
        if Path.cwd().is_relative_to(self.final):
            raise OutputRefused(f"{self.final} is the current folder; name a new one inside it")
        if not any(self.final.iterdir()):
            self.final.rmdir()
        elif not (self.final / MANIFEST).is_file():
            raise OutputRefused(
                f"{self.final} exists and is not a result folder; choose another --out"
            )
        elif not self._force:
            raise OutputRefused(
                f"{self.final} exists; use --force to replace it, or choose another --out"
            )
