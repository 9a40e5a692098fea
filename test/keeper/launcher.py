"""Runs the keeper with another EC2 endpoint: launcher.py ENDPOINT ARGUMENTS..."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "salt/eip-keeper/files"))

import eip_keeper  # noqa: E402

endpoint, *arguments = sys.argv[1:]
sys.exit(eip_keeper.main(arguments, lambda config: eip_keeper.ec2_client(config, endpoint_url=endpoint)))
