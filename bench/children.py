"""Processes: each measurement in a fresh one, so that a peak of memory is that of what was measured."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.options import Options
from bench.servers import temporary_home, throwaway

ROOT = Path(__file__).resolve().parent.parent


class Failed(Exception):
    """A measurement could not be made."""


def measured(name: str, options: Options, *, servers: bool) -> dict[str, Any]:
    """Parameters and figures of one bench."""
    with temporary_home() as root:
        if not servers:
            return module_of(name).measure(options, root)  # type: ignore[no-any-return]
        with throwaway(root) as environment:
            return stage(name, "measure", options, environment)


def stage(name: str, function: str, options: Options, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Runs `bench.<name>.<function>` in a process of its own and gives what it returns."""
    if options.together and environment is None:
        return getattr(module_of(name), function)(options)  # type: ignore[no-any-return]
    done = subprocess.run(
        [sys.executable, "-m", "bench.children", name, function, options.encoded()],
        cwd=ROOT,
        env=dict(environment if environment is not None else os.environ),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Failed(f"{name} ended with {done.returncode}:\n{done.stderr.strip()[-3000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.rpartition("\n#\n")[2])
    return answer


@contextmanager
def serving(*argv: str) -> Iterator[dict[str, Any]]:
    """A server in a process of its own (`python -m …`) that says in one line of JSON where it is."""
    process = subprocess.Popen([sys.executable, "-m", *argv], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise Failed(f"{argv[0]} did not start")
        yield {**json.loads(line), "pid": process.pid}
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        if process.stdout:
            process.stdout.close()


def module_of(name: str) -> Any:
    return import_module(f"bench.{name}")


def migrated() -> None:
    """The schema, and nothing in it."""
    from django.conf import settings
    from django.core.management import call_command

    from aispm.runtime.prepare import create_database

    if settings.DATABASES["default"]["HOST"]:
        create_database()
    call_command("migrate", interactive=False, verbosity=0)


def main(argv: list[str]) -> int:
    """The child's side of `stage`."""
    import django

    name, function, encoded = argv
    django.setup()
    if function == "measure":
        migrated()
    answer = getattr(module_of(name), function)(Options.decoded(encoded))
    sys.stdout.write("\n#\n" + json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
