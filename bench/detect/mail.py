"""Mail: the SpamAssassin corpus, foff_milter and phishing_pot, beside the filters that people run."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import orjson

from bench.common import ROOT, shared
from bench.detect import ours, protocols, sets
from bench.detect.floor import Floor
from bench.detect.report import Bar, Row, row
from bench.detect.sets import Item
from counterspam import pipeline
from counterspam.detect import labelled, training, views
from counterspam.detect.figures import measure as figures_of
from counterspam.detect.learned import SHARES, Model

# Log-odds from which mail is kept back: a probability of 99.5 %.
WORKING = 5.3
PEERS = Path(os.environ.get("COUNTERSPAM_PEERS", ROOT / "bench" / "results"))
_NOTE = """Mail. "Online" is in order of date with the label after each message, from nothing; "10-fold" keeps
near-duplicates in one fold.
The peers are the Debian packages with network checks off, given the same messages in the same order
(bench/detect/peer_runs.py); their
thresholds are their own (bogofilter 0.99, SpamAssassin 5, rspamd 6), ours is 0.5. SpamAssassin and rspamd let Bayes
speak after 200 messages
of each label; "Bayes from 1" lets it speak at once. SpamAssassin's own rules were made with such mail in view."""


def start(without: str) -> Model:
    """The shipped model as it would be without a set."""
    reads = [part for part in labelled.TRAINED if part.name != without]
    found = [labelled.read(part, shared().parent, pipeline.decode) for part in reads]
    return training.of([*found, labelled.read_texts(pipeline.decode)])


def measure() -> tuple[list[Row], list[Bar], str]:
    """SpamAssassin's corpus and foff_milter under every protocol."""
    items, modern = sets.load("SpamAssassin"), sets.load("foff_milter")
    features = ours.read([*items, *modern])
    make = partial(ours.Ours, features)
    named = partial(row, items, name="SpamAssassin", filter="counterspam")
    online = named(protocols.online(items, make), protocol="online")
    crossed = protocols.tenfold_fitted(items, partial(ours.fitted, features=features))
    folded = named(crossed, protocol="10-fold")
    working = named(crossed, protocol="10-fold, working threshold", threshold=WORKING)
    rows = [online, folded, working]
    rows.append(named(protocols.online(items, make, delay=500), protocol="online, labels 500 later"))
    rows.append(named(protocols.online(items, make, share=0.1), protocol="online, one label in ten"))
    rows.append(row(items, protocols.online(items, Floor), "online", "byte 4-grams", name="SpamAssassin"))
    fresh = row(modern, protocols.online(modern, make), "online", "counterspam", name="foff_milter")
    begun = start("foff_milter")
    above = protocols.online(modern, partial(ours.Ours, features, begun))
    started = row(modern, above, "online, from the shipped model", "counterspam", name="foff_milter")
    once = partial(ours.Ours, features, again=0)
    rows.append(named(protocols.online(items, once), protocol="online, each message learned once"))
    rows += [fresh, started, row(modern, protocols.online(modern, Floor), "online", "byte 4-grams", name="foff_milter")]
    rivals = peers({"SpamAssassin": items, "foff_milter": modern})
    asked = [
        Bar("spamassassin_online_1_rocac", online.roca or 0, 0.10),
        Bar("spamassassin_10fold_1_rocac", folded.roca or 0, 0.03),
        Bar("spamassassin_ham_lost_at_working_threshold", working.lost or 0, 0.1),
        Bar("foff_milter_started_1_rocac", started.roca or 0, 2.5),
        Bar("spamassassin_online_calibration_error", online.calibration or 0, 0.02),
        *beaten("online", online, rivals),
        *beaten("10-fold", folded, rivals),
    ]
    return rows + rivals, asked, _NOTE


def peers(known: dict[str, list[Item]]) -> list[Row]:
    """What the runs of the peers left behind."""
    found = []
    for path in sorted(PEERS.glob("*.json")):
        run = orjson.loads(path.read_bytes())
        items = {item.id: item for item in known[run["set"]]}
        order = [items[name] for name in run["ids"]]
        protocol = {"tenfold": "10-fold"}.get(run["protocol"], run["protocol"])
        after = f", after {run['after']}" if run["after"] else ""
        scores = np.array(run["scores"])
        found.append(
            row(order, scores, protocol + after, run["peer"], run["thresholds"][0], odds=False, name=run["set"])
        )
    return found


def beaten(protocol: str, own: Row, rivals: Sequence[Row]) -> list[Bar]:
    """Bars: our (1-ROCAC)% below that of each peer in the same protocol."""
    same = [r for r in rivals if r.set == own.set and r.protocol == protocol and r.roca is not None]
    return [Bar(f"{own.set} {protocol} against {r.filter}", own.roca or 0, r.roca or 0) for r in same]


def phishing() -> tuple[list[Row], list[Bar], str]:
    """phishing_pot by year, in five parts, at thresholds that lose 0.5 % of the ham of both other sets."""
    items = [*sets.load("SpamAssassin"), *sets.load("foff_milter"), *sets.load("phishing_pot")]
    items = sets.grouped(items)
    features = ours.read(items)
    margins = np.zeros((len(items), len(views.VIEWS)))
    fold = protocols.folds(items) % 5
    for number in range(5):
        train = [item for item, f in zip(items, fold, strict=True) if f != number]
        test = np.flatnonzero(fold == number)
        protocols.refuse_leakage(train, [items[i] for i in test])
        model = ours.fitted(train, features, epochs=2).model
        for i in test:
            margins[i] = model.margins(features[id(items[i])])[0][0]
    spam, year = np.array([item.spam for item in items]), np.array([item.part for item in items])
    pot = np.array([item.id.startswith("sample-") for item in items])
    rows = []
    for name, scores in (("headers read", margins @ SHARES), ("headers masked", margins[:, 0])):
        threshold = float(np.quantile(scores[~spam], 0.995))
        for one in sorted(set(year[pot])):
            chosen = pot & (year == one)
            found = figures_of(spam[chosen], scores[chosen] - threshold)
            rows.append(
                Row(
                    f"phishing_pot {one}",
                    name,
                    "counterspam",
                    found.spam,
                    0,
                    None,
                    None,
                    None,
                    0.5,
                    found.spam_missed,
                    None,
                    None,
                )
            )
    return (
        rows,
        [],
        (
            "Phishing mail by year, five parts with near-duplicates in one, learned with SpamAssassin and "
            "foff_milter; the threshold loses 0.5 % of "
            "the ham of both. Their ham is from 2002 and 2025-2026, this spam from 2019-2024, and its recipient "
            "field was replaced by its "
            'collector: with headers the age and the collection can give it away, so "headers masked" (wording '
            "alone) is the honest figure."
        ),
    )
