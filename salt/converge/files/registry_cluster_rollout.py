#!/usr/bin/python3
"""Decides whether this node may apply a new bundle now, and reports how that went.

Nodes change one after the other. Each writes one object, its report, into the provisioning bucket, and reads those of
the others: one that failed stops the nodes after it. Needs the node's identity in the environment (node.env).

  may-apply SHA256 FOLDER      exit 0: yes, and its report says that it begins; exit 3: no, standard output says why
  report good SHA256 RUNS      RUNS is the bundle that the node runs now
  report failed SHA256 RUNS    what is wrong is on standard input
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Report = dict[str, Any]

STATE = Path("/var/lib/registry-cluster")
UNIT = "etc/systemd/system/registry-cluster-converge.service"
HOLD = 3
LONGEST_DETAIL = 500


# ---- core: pure


def hold_reason(
    me: str, bundle: str, nodes: set[str], reports: dict[str, Report], control: Report, now: datetime
) -> str | None:
    """Why this node must not apply the bundle now. Nodes that no longer exist do not count."""
    if control.get("paused"):
        return "the rollout is paused: 'registry-cluster rollout resume' continues it"
    retried_at = moment(control.get("retriedAt"))
    told = {name: report for name, report in reports.items() if name in nodes and report.get("bundle") == bundle}
    failed = [name for name, report in sorted(told.items()) if has_failed(report, name == me, retried_at, now)]
    if failed:
        return f"it failed on {', '.join(failed)}: 'registry-cluster rollout retry' tries it again"
    busy = [name for name, report in sorted(told.items()) if name != me and is_applying(report, now)]
    return f"{', '.join(busy)} is applying it" if busy else None


def has_failed(report: Report, is_own: bool, retried_at: datetime, now: datetime) -> bool:
    """A node that has not finished in time has failed too, unless it is this node, which can try again."""
    overdue = not is_own and report["result"] == "applying" and not is_applying(report, now)
    return (report["result"] == "failed" or overdue) and moment(report["time"]) >= retried_at


def is_applying(report: Report, now: datetime) -> bool:
    return report["result"] == "applying" and now < moment(report["until"])


def moment(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else datetime.min.replace(tzinfo=UTC)


# ---- edge: files, S3


def aws(*arguments: str, stdin: str = "") -> None:
    command = ["aws", "s3", "cp", "--no-progress", "--only-show-errors", *arguments]
    subprocess.run(command, input=stdin, text=True, check=True, timeout=120)


def bucket(key: str) -> str:
    return f"s3://{os.environ['PROVISIONING_BUCKET']}/rollout/{key}"


def read_rollout() -> tuple[dict[str, Report], Report]:
    """The reports of all nodes, and what the operator wants."""
    with tempfile.TemporaryDirectory() as folder:
        aws("--recursive", bucket(""), folder)
        reports = {path.stem: read_report(path) for path in Path(folder, "reports").glob("*.json")}
        control = Path(folder, "control.json")
        return reports, json.loads(control.read_text()) if control.exists() else {}


def read_report(path: Path) -> Report:
    report = json.loads(path.read_text())
    # Whatever cannot be understood stops the rollout here, with the name of the file.
    if not {"bundle", "result", "time"} <= report.keys() or (report["result"] == "applying" and "until" not in report):
        raise ValueError(f"the report {path.name} is damaged")
    return report


def write_report(report: Report) -> None:
    """Skips a report that differs from the last one only in its times."""
    own = STATE / "report.json"
    times = {"time", "until"}
    told = {key: value for key, value in report.items() if key not in times}
    try:
        last = json.loads(own.read_text())
    except (OSError, ValueError):
        last = None
    if last == told and report["result"] != "applying":
        return
    own.unlink(missing_ok=True)
    aws("--content-type", "application/json", "-", bucket(f"reports/{report['node']}.json"), stdin=json.dumps(report))
    own.write_text(json.dumps(told))


def report_of(result: str, bundle: str, runs: str, **more: str) -> Report:
    now = f"{datetime.now(UTC):%FT%TZ}"
    return {"node": os.environ["NODE"], "bundle": bundle, "runs": runs, "result": result, "time": now, **more}


def may_apply(bundle: str, folder: Path) -> str | None:
    """Two nodes may ask at once: each reports that it begins, then looks again, so that at most one of them goes on."""
    me = os.environ["NODE"]
    nodes = {path.name for path in (folder / "rendered").iterdir()}
    runs = (STATE / "good").readlink().name

    def reason() -> str | None:
        return hold_reason(me, bundle, nodes, *read_rollout(), datetime.now(UTC))

    if why := reason():
        return why
    until = datetime.now(UTC) + limit(folder / "rendered" / me / UNIT)
    write_report(report_of("applying", bundle, runs, until=f"{until:%FT%TZ}"))
    if why := reason():
        write_report(report_of("good", runs, runs))
    return why


def limit(unit: Path) -> timedelta:
    """After this time systemd ends a converge."""
    found = re.search(r"^TimeoutStartSec=(\d+)min$", unit.read_text(), re.M)
    if not found:
        raise ValueError(f"{unit} must have TimeoutStartSec in minutes")
    return timedelta(minutes=int(found[1]))


def main(arguments: list[str]) -> int:
    match arguments:
        case ["may-apply", bundle, folder]:
            if why := may_apply(bundle, Path(folder)):
                print(why)
                return HOLD
        case ["report", "good", bundle, runs]:
            write_report(report_of("good", bundle, runs))
        case ["report", "failed", bundle, runs]:
            write_report(report_of("failed", bundle, runs, detail=sys.stdin.read().strip()[:LONGEST_DETAIL]))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        print(f"rollout: {error}", file=sys.stderr)
        sys.exit(1)
