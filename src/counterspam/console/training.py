"""`counterspam training`: check a certificate with a public key, and the files of modules before they are put in place."""

from dataclasses import asdict
from pathlib import Path

from counterspam.config import Config
from counterspam.console.output import Form, remark, show, show_record
from counterspam.errors import ConfigError, DecodeError
from counterspam.policy.training import certificate, library
from counterspam.web.language import LANGUAGES
from counterspam.web.training.shelf import shipped


def verify(config: Config, code: str, key: Path | None, form: Form) -> bool:
    """Say what a code certifies; False when the key did not sign it. Without `key`, that of the node of the data folder."""
    if key is None:
        own = config.data / certificate.KEY_FILE
        if not own.is_file():
            raise ConfigError(f"there is no {own}: give the public key of the node with --key")
        public = certificate.signing_key(config.data).public_key()
    else:
        try:
            public = certificate.read_public(key.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"--key: {error}") from error
    try:
        found = certificate.verify(code, public)
    except DecodeError as error:
        remark(error.detail)
        return False
    show_record(asdict(found), form, "Certificate")
    return True


def check(folder: Path, form: Form) -> bool:
    """Read the modules of a folder beside the shipped ones and say what is wrong; False when anything is."""
    if not folder.is_dir():
        raise ConfigError(f"{folder} is not a folder")
    found = library.load([path for path in (shipped(), folder) if path.is_dir()], LANGUAGES)
    rows = [
        {
            "module": slug,
            "language": lang,
            "title": one.title,
            "questions": len(found.quizzes.get((slug, lang), ())),
            "review_due": one.review_due.isoformat(),
        }
        for (slug, lang), one in sorted(found.modules.items())
    ]
    show(rows, form, "Modules")
    for fault in found.faults:
        remark(fault)
    return not found.faults
