"""An organisation's templates as they last worked: a broken file changes no letter, the version before it goes on."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mailer.rendering.slots import SlotError
from mailer.rendering.template_check import check_templates, empty_templates
from mailer.rendering.templates import TEMPLATES, BrokenTemplateError
from mailer.rendering.theme import Theme, load_theme
from mailer.rendering.toml_tables import SettingsError

logger = logging.getLogger(__name__)

_LAST = "last"
_KINDS = frozenset((".mjml", ".txt", ".css", ".toml", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg"))


@dataclass(frozen=True, slots=True)
class Adopted:
    """`theme` is fit for use. `problem` says, in a sentence, why it isn't what lies in the organisation's folder."""

    theme: Theme
    problem: str = ""


def adopt(name: str, override: Path, store: Path) -> Adopted:
    """The theme called `name` with the organisation's templates, checked, from a copy of them in `store`.

    If they are broken: as they were when they last worked, else ours without them. What was checked is not checked
    again until a file changes. Templates that put nothing into a letter are used and warned of in the log.
    """
    version = f"{name}-{_digest(override)}"
    kept = store / version
    if not kept.is_dir() and (problem := _keep(name, override, kept)):
        return Adopted(_last_good(name, store), problem)
    if empty := empty_templates(kept):
        logger.warning("these templates of the organisation's put nothing into a letter: %s", ", ".join(empty))
    _remember(name, version, store)
    return Adopted(load_theme(name, kept))


def _files(folder: Path) -> list[Path]:
    """The files that a letter can be made of."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in _KINDS and path.is_file())


def _digest(override: Path) -> str:
    """Differs whenever a file does: one of the organisation's, or one of ours that they build on."""
    digest = hashlib.sha256()
    for folder in (override, TEMPLATES):
        for path in _files(folder):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(folder)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def _keep(name: str, override: Path, kept: Path) -> str:
    """Copies the files and checks the copy, whose new place no cache knows. Returns what is wrong, or nothing."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    copy = Path(tempfile.mkdtemp(dir=kept.parent))
    _copy(override, copy)
    try:
        check_templates(load_theme(name, copy))
    except (BrokenTemplateError, SettingsError, SlotError) as error:
        shutil.rmtree(copy, ignore_errors=True)
        return str(error).replace(str(copy), str(override))
    with suppress(OSError):  # another process was faster, with the same content
        copy.rename(kept)
    shutil.rmtree(copy, ignore_errors=True)
    return ""


def _copy(override: Path, copy: Path) -> None:
    for path in _files(override):
        target = copy / path.relative_to(override)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    copy.chmod(0o755)


def _remember(name: str, version: str, store: Path) -> None:
    last = store / f"{name}-{_LAST}"
    if last.is_file() and last.read_text(encoding="utf-8") == version:
        return
    handle, new = tempfile.mkstemp(dir=store)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(version)
    Path(new).replace(last)


def _last_good(name: str, store: Path) -> Theme:
    with suppress(OSError, SettingsError):
        kept = store / (store / f"{name}-{_LAST}").read_text(encoding="utf-8")
        if kept.is_dir():
            return load_theme(name, kept)
    return load_theme(name)
