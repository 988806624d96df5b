"""`counterspam ingest` of all the shared sets: read = accepted + duplicate + rejected, every rejection with its reason."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.common import bars, shared, table
from bench.server import Server

SETS = {
    "spamassassin": ["spamassassin/spamassassin.tar.zst"],
    "foff_milter": ["foff_milter/foff_milter.tar.zst"],
    "phishing_pot": ["phishing_pot/phishing_pot.tar.zst"],
    "sms": [
        f"sms_{name}/messages.jsonl.zst"
        for name in (
            "uci",
            "super_legacy",
            "super_latest",
            "mishra_soni",
            "turkish",
            "indonesian",
            "chinese",
            "spanish_mx_mixed",
        )
    ],
    "social": ["social_youtube/comments.jsonl.zst", "social_telegram/messages.jsonl.zst"],
    "arf": ["formats/arf"],
    "dmarc": ["formats/dmarc"],
    "xarf": ["formats/xarf"],
    "mime": ["formats/mime"],
    "bounces": ["formats/bounces"],
    "received": ["formats/received"],
    "other formats": [f"formats/{name}" for name in ("auth", "misp", "sip", "smpp", "stir", "stix", "taxii")],
}


def ingest(server: Server, paths: list[Path], channel: str) -> dict[str, Any]:
    """The command's own account of one run."""
    command = [
        sys.executable,
        "-m",
        "counterspam",
        "-o",
        "json",
        "ingest",
        "--data",
        str(server.data),
        *map(str, paths),
    ]
    done = subprocess.run(
        [*command, *(["--channel", channel] if channel else [])], capture_output=True, text=True, check=False
    )
    if not done.stdout.strip():
        sys.exit(f"{' '.join(command[3:])} failed:\n{done.stderr[-2000:]}")
    account: dict[str, Any] = json.loads(done.stdout)
    return account


def main() -> None:
    """Every set into one server, then the page against the store."""
    corpora, rows, unexplained, wrong = shared(), [], 0, 0
    reasons: dict[str, dict[str, int]] = {}
    with tempfile.TemporaryDirectory(prefix="counterspam-bench-") as folder, Server(Path(folder) / "data") as server:
        for name, paths in SETS.items():
            account = ingest(server, [corpora / path for path in paths], "social" if name == "social" else "")
            read, accepted, duplicate, rejected = (
                int(account[key]) for key in ("read", "accepted", "duplicate", "rejected")
            )
            reasons[name] = {f"{row['reason']} ({row['format']})": row["records"] for row in account["reasons"]}
            unexplained += rejected - sum(reasons[name].values())
            wrong += read != accepted + duplicate + rejected
            rows.append(
                [name, read, accepted, duplicate, rejected, ", ".join(f"{k} {v}" for k, v in reasons[name].items())]
            )
        differences = server.json("/api/v1/reconcile")
    table("Ingest of the shared sets", ["set", "read", "accepted", "duplicate", "rejected", "reasons"], rows)
    print(f"reconciliation: {differences or 'no difference'}")
    bars(
        [
            ("sets_that_do_not_add_up", wrong, 0, False),
            ("rejections_without_reason", unexplained, 0, False),
            ("differences_between_pages_and_store", len(differences), 0, False),
        ]
    )


if __name__ == "__main__":
    main()
