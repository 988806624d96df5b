"""All modules with their quizzes and exercises, read from folders, in every language that they are written in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from counterspam.errors import DecodeError, Reason
from counterspam.policy.training import exercise, module, paths, quiz
from counterspam.policy.training.exercise import Exercise
from counterspam.policy.training.module import Module
from counterspam.policy.training.paths import Path as Way
from counterspam.policy.training.quiz import Item

DEFAULT = "en"
MOST_MODULES = 200
Key = tuple[str, str]  # id of the module, language
T = TypeVar("T")


@dataclass(frozen=True)
class Library:
    """What can be taught. `faults` say which files were left out, and why."""

    modules: Mapping[Key, Module] = field(default_factory=dict)
    quizzes: Mapping[Key, tuple[Item, ...]] = field(default_factory=dict)
    exercises: Mapping[Key, Exercise] = field(default_factory=dict)
    paths: tuple[Way, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def slugs(self) -> list[str]:
        """The ids of the modules in order of their numbers."""
        known = {slug: one.number for (slug, lang), one in self.modules.items() if lang == DEFAULT}
        return sorted(known, key=lambda slug: (known[slug], slug))

    def languages(self, slug: str) -> list[str]:
        """The languages that a module is written in, English first."""
        return sorted((lang for known, lang in self.modules if known == slug), key=lambda lang: (lang != DEFAULT, lang))

    def module(self, slug: str, lang: str, audience: str = "") -> Module | None:
        """The module in this language, in English where the language or the audience in it is missing; None: no such module."""
        found = self.modules.get((slug, lang))
        if found is None or (audience and audience not in found.audiences):
            return self.modules.get((slug, DEFAULT))
        return found

    def quiz(self, slug: str, lang: str, audience: str = "") -> tuple[tuple[Item, ...], str]:
        """The bank of questions and its language, English where there is none in `lang` for the audience."""
        found = self.quizzes.get((slug, lang), ())
        if quiz.bank(found, audience):
            return found, lang
        return self.quizzes.get((slug, DEFAULT), ()), DEFAULT

    def exercise(self, slug: str, lang: str) -> tuple[Exercise | None, str]:
        """The exercise and its language, English where there is none in `lang`."""
        found = self.exercises.get((slug, lang))
        return (found, lang) if found else (self.exercises.get((slug, DEFAULT)), DEFAULT)

    def through(self, slugs: Sequence[str], lang: str, audience: str = "") -> list[Module]:
        """These modules in this language or English, in the given order."""
        found = (self.module(slug, lang, audience) for slug in slugs)
        return [one for one in found if one]

    def every(self, lang: str, audience: str = "") -> list[Module]:
        """Every module in this language or English, in order; those for an audience, "" for all."""
        found = [self.module(slug, lang, audience) for slug in self.slugs]
        return [one for one in found if one and (not audience or audience in one.audiences)]


def load(folders: Sequence[Path], languages: Sequence[str]) -> Library:
    """Read modules from folders, each in a folder of its own; what a later folder holds comes before what an earlier one does.

    A file that is not right is left out and told in `faults`; it never takes the others with it.
    """
    read = _Reader(languages)
    for folder in folders:
        for place in sorted(path for path in folder.iterdir() if path.is_dir())[:MOST_MODULES]:
            read.module(place)
    for folder in folders:
        read.named(folder / "paths.yaml")
    return Library(read.modules, read.quizzes, read.exercises, tuple(read.paths.values()), tuple(read.faults))


class _Reader:
    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = languages
        self.modules: dict[Key, Module] = {}
        self.quizzes: dict[Key, tuple[Item, ...]] = {}
        self.exercises: dict[Key, Exercise] = {}
        self.paths: dict[str, Way] = {}
        self.faults: list[str] = []

    def named(self, path: Path) -> None:
        """The named paths of a folder, after all modules."""
        english = [one for (_, lang), one in self.modules.items() if lang == DEFAULT]
        for found in self._read(path, lambda text, name: paths.parse(text, english, name)) or ():
            self.paths[found.id] = found

    def module(self, place: Path) -> None:
        """One folder: the module in each language, English first, as the others must fit to it."""
        for lang in sorted(self.languages, key=lambda lang: lang != DEFAULT):
            self._language(place, lang)

    def _language(self, place: Path, lang: str) -> None:
        def parse(text: str, name: str) -> Module:
            found = module.parse(text, lang, name)
            _fits(found, self.modules.get((found.id, DEFAULT)), place.name, name)
            return found

        found = self._read(place / f"{lang}.md", parse)
        if found is None:
            return
        key = found.id, lang
        self.modules[key] = found
        items = self._read(place / f"quiz.{lang}.yaml", lambda text, name: quiz.parse(text, found, name))
        if items:
            self.quizzes[key] = items
        task = self._read(place / f"exercise.{lang}.yaml", exercise.parse)
        if task:
            self.exercises[key] = task

    def _read(self, path: Path, parse: Callable[[str, str], T]) -> T | None:
        name = f"{path.parent.name}/{path.name}"
        if not path.is_file():
            return None
        try:
            return parse(path.read_bytes().decode("utf-8"), name)
        except DecodeError as error:
            self.faults.append(error.detail)
        except (OSError, UnicodeDecodeError) as error:
            self.faults.append(f"{name}: {error}")
        return None


def _fits(found: Module, english: Module | None, folder: str, name: str) -> None:
    """A translation is of the module that its folder holds, and names its sources alike."""
    if folder.partition("-")[2] != found.id or folder.partition("-")[0].lstrip("0") != str(found.number):
        raise DecodeError(Reason.BAD_VALUE, f"{name}: the folder of this module is {found.number:02d}-{found.id}")
    if found.lang == DEFAULT:
        return
    if english is None:
        raise DecodeError(Reason.MISSING_FIELD, f"{name}: there is no {DEFAULT}.md beside it that could be read")
    extra: list[Any] = sorted(set(found.numbers) - set(english.numbers)) or sorted(
        set(found.audiences) - set(english.audiences)
    )
    if extra:
        raise DecodeError(Reason.BAD_VALUE, f"{name}: {extra[0]} is not in {DEFAULT}.md")
