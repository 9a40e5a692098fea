"""Shared by these tests: the programs' folder on the path, and one set of settings."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lab"))

ENVIRONMENT = {
    "REGION": "eu-west-1",
    "VPC_CIDR": "10.80.0.0/16",
    "VPC_ADDRESS": "10.80.0.2",
    "S3_ADDRESS": "10.80.0.3",
    "INTERNET_CIDR": "10.81.0.0/24",
    "INTERNET_ADDRESS": "10.81.0.2",
    "ELASTIC_IP_POOL": "10.81.0.128/25",
    "OPERATOR_ACCESS_KEY_ID": "operator",
    "OPERATOR_SECRET_ACCESS_KEY": "operator-secret",
    "DOMAIN": "registry.example.internal",
    "PUBLISHED_PORTS": "8443=service-address:443 2222=bastion:22",
}


def settings(**changes: str):
    from cloud.settings import read_settings

    return read_settings({**ENVIRONMENT, **changes})
