"""Opens folders and archives that somebody uploaded, without trusting them."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from aispm.core.errors import Invalid

MIB = 1024 * 1024
MAX_FILES = 5_000
MAX_FILE = 128 * MIB
MAX_TOTAL = 512 * MIB
"""A file is parsed as a whole, which takes several times its size; where /tmp lies in memory, so does all that is
unpacked. Both fit into the memory that the containers are given."""
MAX_RATIO = 400
"""A file that unpacks to more than this many times its size is built to fill the memory."""
SUFFIXES = (".json", ".yaml", ".yml", ".json.gz", ".yaml.gz", ".yml.gz")
PACKED = (".zip", ".tar", ".tar.gz", ".tgz")


class Broken(Exception):
    """One file of the archive cannot be unpacked."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its path inside the archive and a way to its unpacked content."""

    name: str
    read: Callable[[], bytes]


class Aside:
    """Content that is needed again, in a file without a name: nothing stays behind, however we end."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="aispm-")  # noqa: SIM115 (closed with us)
        self._size = 0
        weakref.finalize(self, self._file.close)

    def keep(self, content: bytes) -> Callable[[], bytes]:
        """A way to read it again."""
        start, self._size = self._size, self._size + len(content)
        self._file.write(content)
        self._file.flush()
        return partial(self._again, start, len(content))

    def _again(self, start: int, size: int) -> bytes:
        return os.pread(self._file.fileno(), size, start)


class Archive:
    """The files of a folder, zip, tar or single file. Nothing is unpacked under a name that the archive chose."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ignored: list[str] = []
        self._total = 0

    def entries(self) -> list[Entry]:
        """Files that may hold lists, in the order of their names."""
        try:
            entries = sorted(self._entries(), key=lambda entry: entry.name)
        except (OSError, tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error) as error:
            raise Invalid(
                f"The snapshot {self.path.name} cannot be opened: {error}. Is it complete?", where="path"
            ) from error
        return entries

    def _entries(self) -> Iterator[Entry]:
        if self.path.is_dir():
            yield from self._from_folder(self.path)
        elif not self.path.is_file():
            raise Invalid(f"There is no file or folder {self.path.name}.", where="path")
        elif zipfile.is_zipfile(self.path):
            yield from self._from_zip()
        elif tarfile.is_tarfile(self.path):
            yield from self._from_tar()
        elif self._was_archive():
            raise Invalid(
                f"The archive {self.path.name} is damaged or not complete: copy or pack it again.", where="path"
            )
        else:
            yield Entry(self.path.name, partial(self._file, self.path))

    def _was_archive(self) -> bool:
        """Whether a file that is no archive was meant to be one, by its name or its first bytes."""
        name = self.path.name.lower()
        with self.path.open("rb") as file:
            packed = file.read(4).startswith((b"PK\x03\x04", b"\x1f\x8b"))
        return name.endswith(PACKED) or (packed and not name.endswith(SUFFIXES))

    def _wanted(self, name: str) -> bool:
        base = name.rpartition("/")[2]
        if base.startswith(".") or "__MACOSX" in name:
            return False
        if base.lower().endswith(SUFFIXES):
            return True
        if len(self.ignored) < 50:
            self.ignored.append(name)
        return False

    def _from_folder(self, folder: Path) -> Iterator[Entry]:
        for number, file in enumerate(sorted(folder.rglob("*"))):
            if number > MAX_FILES:
                raise _too_many()
            name = str(file.relative_to(folder))
            if not file.is_symlink() and file.is_file() and self._wanted(name):
                yield Entry(name, partial(self._file, file))

    def _from_zip(self) -> Iterator[Entry]:
        archive = zipfile.ZipFile(self.path)
        members = archive.infolist()
        if len(members) > MAX_FILES:
            raise _too_many()
        for member in members:
            if not member.is_dir() and self._wanted(member.filename):
                yield Entry(member.filename, partial(self._zip_member, archive, member))

    def _zip_member(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
        try:
            return self._content(archive.open(member), max(member.compress_size, 1))
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise Broken(str(error)) from error

    def _from_tar(self) -> Iterator[Entry]:
        """A compressed tar cannot be read out of order: its files are put aside."""
        aside = Aside()
        with tarfile.open(self.path, "r:*") as archive:
            for number, member in enumerate(archive):
                if number > MAX_FILES:
                    raise _too_many()
                source = archive.extractfile(member) if member.isreg() and self._wanted(member.name) else None
                if source is not None:
                    again = aside.keep(self._limited(source, self.path.stat().st_size))
                    yield Entry(member.name.removeprefix("./"), partial(self._kept, again))

    def _file(self, file: Path) -> bytes:
        return self._content(file.open("rb"), file.stat().st_size)

    def _kept(self, again: Callable[[], bytes]) -> bytes:
        content = again()
        return self._content(io.BytesIO(content), len(content))

    def _content(self, source: IO[bytes], packed: int) -> bytes:
        with source:
            content = self._limited(source, packed)
        if content[:2] != b"\x1f\x8b":
            return content
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as unpacked:
                return self._limited(unpacked, len(content))
        except (OSError, EOFError, zlib.error) as error:
            raise Broken(f"not a complete gzip file: {error}") from error

    def _limited(self, source: IO[bytes] | gzip.GzipFile, packed: int) -> bytes:
        limit = min(MAX_FILE, max(packed, 50_000) * MAX_RATIO)
        content = source.read(limit + 1)
        self._total += len(content)
        if len(content) > limit or self._total > MAX_TOTAL:
            raise Invalid(
                "The snapshot unpacks to far more than its size and is refused. At most "
                f"{MAX_FILE // MIB} MB a file and {MAX_TOTAL // MIB} MB in all are read.",
                where="path",
            )
        return content


def _too_many() -> Invalid:
    return Invalid(f"The snapshot has more than {MAX_FILES} files. Put only list bodies into it.", where="path")
