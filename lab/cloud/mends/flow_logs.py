"""Flow logs whose log group is named by its ARN, as the AWS provider does: they arrive if it exists."""

from moto.ec2.models import EC2Backend
from moto.logs.models import logs_backends

_moto_create = EC2Backend.create_flow_logs


def mend() -> None:
    EC2Backend.create_flow_logs = _create_flow_logs


def _create_flow_logs(self, *args, **kwargs):
    """Moto looks for a log group by name only."""
    created, unsuccessful = _moto_create(self, *args, **kwargs)
    logs = logs_backends[self.account_id][self.region_name]
    groups = {group.arn.removesuffix(":*") for group in logs.groups.values()}
    for flow_log in created:
        if (flow_log.log_destination or "").removesuffix(":*") in groups:
            flow_log.deliver_logs_status, flow_log.deliver_logs_error_message = "SUCCESS", None
    return created, unsuccessful
