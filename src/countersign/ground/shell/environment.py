"""The template engine: one for each language, strict about names, escaping everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2.runtime import Macro

from countersign.ground.models import WHY
from countersign.kit.words import Language

from .difference import difference
from .formats import Formats
from .languages import TAGS
from .tokens import FIELD
from .vocabulary import named, step

TEMPLATES = Path(__file__).parent / "templates"


class Components:
    """The macros of ``templates/components``, as ``ui.<name>`` in every template."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._macros: dict[str, Macro] = {}

    def __getattr__(self, name: str) -> Macro:
        if name.startswith("_"):
            raise AttributeError(name)
        if not self._macros:
            self._macros = self._read()
        try:
            return self._macros[name]
        except KeyError:
            raise AttributeError(f"there is no component {name!r}") from None

    def _read(self) -> dict[str, Macro]:
        found: dict[str, Macro] = {}
        for file in sorted((TEMPLATES / "components").glob("*.html")):
            module = self._environment.get_template(f"components/{file.name}").module
            for name, value in vars(module).items():
                if isinstance(value, Macro) and not name.startswith("_"):
                    if name in found:
                        raise ValueError(f"two components are called {name!r}")
                    found[name] = value
        return found


def environment(
    formats: Formats,
    translations: NullTranslations,
    folders: Mapping[str, Path],
    globals_: Mapping[str, Any],
) -> Environment:
    """The engine of one language; ``folders`` gives each room's templates by its name."""
    loaders = {name: FileSystemLoader(folder) for name, folder in folders.items()}
    loaders |= {name: FileSystemLoader(TEMPLATES / name) for name in ("shell", "components")}
    made = Environment(
        loader=PrefixLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    made.policies["ext.i18n.trimmed"] = True
    known: Any = made
    known.install_gettext_translations(translations, newstyle=True)
    known.filters.update(_filters(formats))
    known.globals.update(globals_)
    known.globals.update(
        ui=Components(made),
        difference=difference,
        named=named,
        step=step,
        language=formats.language,
        tag=TAGS[formats.language],
        csrf_field=FIELD,
        why=WHY,
    )
    return made


def _filters(formats: Formats) -> dict[str, Callable[..., Any]]:
    return {
        "say": formats.say,
        "moment": formats.moment,
        "exact": formats.moment_exact,
        "day": formats.day,
        "waited": formats.waited,
        "number": formats.number,
        "quantity": formats.quantity,
        "unit": formats.unit,
        "percent": formats.percent,
        "other_language": _other,
        "named": named,
    }


def _other(language: Language) -> Language:
    return "en" if language == "zh" else "zh"
