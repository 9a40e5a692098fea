"""
Lets checkov honour the skips of a plan in JSON.

Checkov reads them from comments in HCL and from metadata in CloudFormation. Terraform JSON has neither; what cdktf has
to say besides the plan is under "//", and the plan's skips are there too, in the form that CloudFormation has:
    "//": {"checkov": {"skip": [{"id": "CKV_AWS_18", "comment": "why"}]}}

Loaded by --external-checks-dir, see .checkov.yaml. Made for the version in requirements.txt.
"""

from checkov.common.models.enums import CheckResult
from checkov.common.output.report import Report
from checkov.common.util.consts import START_LINE
from checkov.terraform_json.runner import TerraformJsonRunner


def honour_skips(report: Report, definitions: dict) -> None:
    """Turns failed checks that their resource skips into skipped ones."""
    reasons = {
        (file, resource[START_LINE], skip["id"]): skip["comment"]
        for file, plan in definitions.items()
        for resources in plan.get("resource", [])
        for resource in [config for named in resources.values() for config in named.values()]
        for skip in resource.get("//", {}).get("checkov", {}).get("skip", [])
    }
    still_failed = []
    for record in report.failed_checks:
        reason = reasons.get((str(record.file_abs_path), record.file_line_range[0], record.check_id))
        if reason is None:
            still_failed.append(record)
        else:
            record.check_result = {"result": CheckResult.SKIPPED, "suppress_comment": reason}
            report.skipped_checks.append(record)
    report.failed_checks = still_failed


last_step = TerraformJsonRunner.add_graph_check_results


def last_step_and_skips(self, report, runner_filter):
    last_step(self, report, runner_filter)
    honour_skips(report, self.definitions)


TerraformJsonRunner.add_graph_check_results = last_step_and_skips
