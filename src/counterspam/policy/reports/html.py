"""A report as one HTML file that needs nothing else: no script, no link to a style or font, printable on A4."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from markupsafe import Markup

from counterspam.policy.reports.document import (
    Block,
    Chart,
    Paragraph,
    Report,
    Section,
    Source,
    Table,
    captions,
    sources,
)

Svgs = Mapping[str, str]


def write(report: Report, svgs: Svgs) -> bytes:
    """The file; `svgs` are the drawings of its charts by id."""
    notes = sources(report)
    body = Markup("").join(
        [_head(report), _contents(report), *(_section(report, i, svgs) for i in range(len(report.sections)))]
    )
    text = Markup(
        '<!doctype html>\n<html lang="{lang}" dir="{dir}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}. {subtitle}</title>\n'
        "<style>\n{style}</style>\n</head>\n<body>\n<main>\n{body}{notes}</main>\n</body>\n</html>\n"
    ).format(
        lang=report.lang,
        dir=report.direction,
        title=report.title,
        subtitle=report.subtitle,
        style=_style(),
        body=body,
        notes=_notes(report, notes),
    )
    return text.encode("utf-8", "replace")


@cache
def _style() -> Markup:
    """Our own style sheet, which holds no angle brackets."""
    text = (files("counterspam") / "data" / "reports" / "report.css").read_text(encoding="utf-8")
    assert "<" not in text
    return Markup(text)  # noqa: S704 (our own file)


def _head(report: Report) -> Markup:
    facts = Markup("").join(
        Markup("<div><dt>{}</dt><dd><bdi>{}</bdi></dd></div>\n").format(name, value) for name, value in report.facts
    )
    made_up = Markup('<p class="notice" role="note">{}</p>\n').format(report.made_up) if report.made_up else ""
    return Markup(
        '<header>\n<p class="tlp {}"><bdi>{}</bdi> <span>{}</span></p>\n<h1>{}</h1>\n<p class="subtitle"><bdi>{}</bdi></p>\n'
        "{}<dl>\n{}</dl>\n</header>\n"
    ).format(_tlp_class(report), report.tlp, report.tlp_meaning, report.title, report.subtitle, made_up, facts)


def _tlp_class(report: Report) -> str:
    return report.tlp.partition(":")[2].partition("+")[0].lower()


def _contents(report: Report) -> Markup:
    items = Markup("").join(
        Markup('<li><a href="#s{}">{}</a></li>\n').format(i, _named(section))
        for i, section in enumerate(report.sections)
        if section.level == 1
    )
    words = report.words
    return Markup('<nav aria-labelledby="contents">\n<h2 id="contents">{}</h2>\n<ol>\n{}</ol>\n</nav>\n').format(
        words["contents"], items
    )


def _named(section: Section) -> Markup:
    return _spoken(section.title, section.lang)


def _spoken(text: str, lang: str) -> Markup:
    """Text, marked where it is in another language than the report."""
    return Markup('<bdi lang="{}">{}</bdi>').format(lang, text) if lang else Markup("{}").format(text)


def _section(report: Report, index: int, svgs: Svgs) -> Markup:
    section = report.sections[index]
    level = section.level + 1
    blocks = Markup("").join(_block(report, block, svgs) for block in section.blocks)
    return Markup('<section aria-labelledby="s{i}">\n<h{l} id="s{i}">{title}</h{l}>\n{blocks}</section>\n').format(
        i=index, l=level, title=_named(section), blocks=blocks
    )


def _block(report: Report, block: Block, svgs: Svgs) -> Markup:
    if isinstance(block, Paragraph):
        kinds = " ".join(name for name, is_so in (("quiet", block.quiet), ("item", block.item)) if is_so)
        class_ = Markup(' class="{}"').format(kinds) if kinds else ""
        lang = Markup(' lang="{}" dir="auto"').format(block.lang) if block.lang else ""
        return Markup("<p{}{}>{}</p>\n").format(class_, lang, block.text)
    note = _note_link(report, block.source)
    caption = Markup("{} {}").format(captions(report, block), note)
    if isinstance(block, Chart):
        return Markup('<figure id="{}">\n{}\n<figcaption>{}</figcaption>\n</figure>\n').format(
            block.id, inline(svgs[block.id], block), caption
        )
    return _table(block, caption)


def inline(svg: str, chart: Chart) -> Markup:
    """A drawing as an element of the page: without its declaration, with ids of its own, its description as its name."""
    body = svg[svg.index("<svg") :].strip().replace('"t"', f'"{chart.id}-t"')
    return Markup(body)  # noqa: S704 (drawn and escaped by our own charts)


def _note_link(report: Report, source: Source | None) -> Markup:
    if source is None:
        return Markup("")
    n = sources(report)[source.key][0]
    said = report.words["note"] % {"n": n}
    return Markup('<a class="ref" href="#n{}" aria-label="{}">{}</a>').format(n, said, n)


def _table(table: Table, caption: Markup) -> Markup:
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(Markup(' class="n"') if column.numeric else "", column.title)
        for column in table.columns
    )
    rows = Markup("").join(_row(table, cells) for cells in table.shown)
    if not table.shown:
        rows = Markup('<tr><td colspan="{}">{}</td></tr>\n').format(len(table.columns), table.empty)
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-labelledby="c-{id}">\n<table>\n<caption id="c-{id}">{caption}'
        "</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    ).format(id=table.id, caption=caption, head=head, rows=rows)


def _row(table: Table, cells: Sequence[str]) -> Markup:
    shown = []
    for i, (column, cell) in enumerate(zip(table.columns, cells, strict=True)):
        element, scope = ("th", Markup(' scope="row"')) if i == 0 else ("td", "")
        lang = Markup(' lang="{}" dir="auto"').format(table.lang) if table.lang and not column.numeric else ""
        class_ = Markup(' class="n"') if column.numeric else ""
        shown.append(Markup("<{e}{s}{c}{l}>{cell}</{e}>").format(e=element, s=scope, c=class_, l=lang, cell=cell))
    return Markup("<tr>{}</tr>\n").format(Markup("").join(shown))


def _notes(report: Report, notes: Mapping[str, tuple[int, Source]]) -> Markup:
    words = report.words
    items = Markup("").join(
        Markup('<li id="n{}" value="{}"><strong>{}</strong> {} {} {} {} {} {} {} {} <a href="{}">{}</a></li>\n').format(
            n,
            n,
            one.title,
            words["source"],
            one.source,
            words["basis"],
            one.basis,
            words["method"],
            one.method,
            words["uncertainty"],
            one.uncertainty,
            one.address,
            words["definition"],
        )
        for n, one in notes.values()
    )
    return Markup(
        '<section aria-labelledby="notes" class="notes">\n<h2 id="notes">{}</h2>\n<ol>\n{}</ol>\n</section>\n'
    ).format(words["notes"], items)
