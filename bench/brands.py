"""Imitated brands: how often phishing links and mail are recognised by the brand they imitate, and wanted mail by mistake.

`urls_jpcert_2022_2024` names the spoofed brand of each link, so the brand found can be compared; most of its hosts carry no
brand at all (random words), which no look at the address alone can tell. `phishing_pot` is real phishing mail; SpamAssassin,
foff_milter and UCI hold wanted messages, where each brand called an imitation is a false alarm.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import orjson

from bench.common import bars, fresh_tools, lines, members, shared, table
from counterspam import pipeline
from counterspam.detect import brands, facts, hosts, links, sender
from counterspam.detect.fold import fold
from counterspam.model import Evidence, Raw
from counterspam.taxonomy import Channel, Source
from counterspam.tools import Tools

NOW = 1_735_689_600_000
IMITATES = frozenset(("look-alike", "in-path", "mismatch", "not-the-brand"))


def urls(path: Path) -> Iterator[tuple[str, str]]:
    """Host and spoofed brand of each phishing link."""
    for row in csv.DictReader(io.StringIO(lines(path).decode()), delimiter="\t", quoting=csv.QUOTE_NONE):
        if host := hosts.normalise(row["url"] or "")[1]:
            yield host, row["description"] or ""


def of_links(path: Path) -> tuple[dict[str, float], list[list[object]]]:
    """Figures over all links and a row for each of the most spoofed brands.

    A link is recognisable when a name of the spoofed brand of four letters or more stands in its host, hyphens left out.
    """
    seen, found, plain, hit, known, right = (Counter[str]() for _ in range(6))
    for host, spoofed in urls(path):
        meant = brands.named(fold(spoofed)[0])
        name = brands.lookalike(host)[0]
        labels = [label for one in meant for label in brands.BY_NAME[one].labels if len(label) >= 4]
        recognisable = any(label in host.replace("-", "") for label in labels)
        seen[spoofed] += 1
        found[spoofed] += bool(name)
        plain[spoofed] += recognisable
        hit[spoofed] += recognisable and bool(name)
        known[spoofed] += bool(name and meant)
        right[spoofed] += name in meant
    rows: list[list[object]] = [
        [
            brand,
            count,
            *(
                100 * a[brand] / max(1, b[brand])
                for a, b in ((found, seen), (plain, seen), (hit, plain), (right, known))
            ),
        ]
        for brand, count in seen.most_common(25)
    ]
    totals = {
        "found": found.total() / seen.total(),
        "recognisable": plain.total() / seen.total(),
        "recall": hit.total() / plain.total(),
        "right": right.total() / known.total(),
    }
    return totals, rows


def mails(archive: Path, wanted: list[bool] | None = None) -> Iterator[Evidence]:
    """The messages of an archive, as the pipeline decodes them; `wanted` says which of them, by default all."""
    for number, data in enumerate(members(archive)):
        if wanted is None or (number < len(wanted) and wanted[number]):
            raw = Raw(
                id=f"{number:032x}",
                data=data,
                received_at=NOW,
                intake="bench",
                name="x.eml",
                source=Source.USER_REPORT,
                channel=Channel.EMAIL,
            )
            yield from (one for one in pipeline.decode(raw) if isinstance(one, Evidence))


def sms(text: str) -> Evidence:
    """A text as an SMS."""
    return Evidence(
        id="",
        key="",
        received_at=NOW,
        observed_at=NOW,
        channel=Channel.SMS,
        source=Source.USER_REPORT,
        format="bench",
        intake="bench",
        text=text,
    )


def texts(path: Path, label: str) -> Iterator[Evidence]:
    """The texts of a table with this label, as SMS."""
    rows = map(orjson.loads, lines(path).splitlines())
    return (sms(row["text"]) for row in rows if row["label"] == label)


def told(some: Iterator[Evidence], tools: Tools) -> tuple[int, int, int]:
    """How many messages, how many name a brand anywhere, and how many are taken for an imitation of one."""
    messages = named = imitating = 0
    for evidence in some:
        known = facts.derive(evidence)
        answers = links.check(evidence, known, tools), sender.check(evidence, known, tools)
        messages += 1
        named += bool(known.brands)
        imitating += bool(known.brands) and (
            answers[0].answer in IMITATES or answers[1].answer in ("look-alike", "pretends")
        )
    return messages, named, imitating


def ham(folder: Path) -> Iterator[Evidence]:
    """The messages of an archive that its table of labels calls wanted."""
    rows = csv.DictReader(io.StringIO((folder / "labels.tsv").read_text(encoding="utf-8")), delimiter="\t")
    return mails(folder / f"{folder.name}.tar.zst", [row["label"] == "ham" for row in rows])


def main() -> None:
    """All sets."""
    corpora = shared()
    tools = fresh_tools()
    figures, rows = of_links(corpora / "urls_jpcert_2022_2024" / "phishurls.tsv.zst")
    columns = ["brand", "links", "found %", "recognisable %", "found of these %", "the right one %"]
    table("Phishing links by spoofed brand", columns, rows)
    sets = {
        "phishing_pot": told(mails(corpora / "phishing_pot" / "phishing_pot.tar.zst"), tools),
        "SpamAssassin ham": told(ham(corpora / "spamassassin"), tools),
        "foff_milter ham": told(ham(corpora / "foff_milter"), tools),
        "UCI ham": told(texts(corpora / "sms_uci" / "messages.jsonl.zst", "ham"), tools),
    }
    rows = [[name, n, 100 * named / n, 100 * imitating / n] for name, (n, named, imitating) in sets.items()]
    table("Messages", ["set", "messages", "name a brand %", "imitate one %"], rows)
    phishing, alarms = sets.pop("phishing_pot"), {name: imitating / n for name, (n, _, imitating) in sets.items()}
    bars(
        [
            ("links_with_brand_found", figures["found"], 0.06, True),
            ("recognisable_links_found", figures["recall"], 0.8, True),
            ("right_brand_among_found", figures["right"], 0.8, True),
            ("phishing_mail_that_names_a_brand", phishing[1] / phishing[0], 0.4, True),
            ("phishing_mail_taken_for_imitation", phishing[2] / phishing[0], 0.2, True),
            *((f"false_alarms_{name.replace(' ', '_')}", rate, 0.02, False) for name, rate in alarms.items()),
        ]
    )


if __name__ == "__main__":
    main()
