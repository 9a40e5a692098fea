"""The lab's AWS API, metadata service and internet gateway: one process, so that they always agree."""

import os
import threading
from collections.abc import Callable

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from .access_log import CallLog
from .address_pool import AddressPool
from .addresses import public_addresses
from .authorization import Authorization
from .calls import Call
from .cloud import Cloud
from .endpoints import EndpointAddresses, endpoints_of
from .faults import Faults
from .imds import MetadataService
from .internet import InternetGateway, find_interfaces
from .late_policies import CloudOfSlowIam
from .mends import mend_moto
from .metadata import metadata_at
from .notify import tell_systemd
from .own_addresses import OwnAddresses
from .pace import pace_of
from .resolver import hosts, write_hosts
from .routes import Routes, run_later
from .s3_identity import S3Identity
from .s3_server import S3Server
from .servers import identity_server, metadata_server
from .sessions import Sessions
from .settings import API_LOG, API_PORT, IAM_SOCKET, Settings, read_settings
from .watched_api import WatchedApi


class QuietHandler(MotoRequestHandler):
    def log_request(self, code="-", size="-") -> None:
        """The access log has each request, with the caller's name."""


def main() -> None:
    settings = read_settings(os.environ)
    mend_moto(AddressPool(settings.elastic_ip_pool), S3Server(settings), settings.amis)
    pace = pace_of(settings.as_on_aws_seed)
    cloud = CloudOfSlowIam(settings.region, pace.iam_seconds)
    sessions = Sessions(cloud)
    interfaces = find_interfaces(settings)
    gateway = InternetGateway(settings, interfaces)
    gateway.apply([])
    routes = Routes(gateway.apply, pace.route_seconds)
    endpoint_addresses = EndpointAddresses(settings, interfaces)
    log = CallLog(API_LOG, settings, cloud, sessions)

    def publish() -> None:
        own_addresses.look()
        publish_addresses(settings, cloud, routes, endpoint_addresses)

    def changed(call: Call) -> None:
        if call.changes_iam:
            cloud.remember_policies()
        else:
            publish()

    def later(seconds: float, act: Callable[[], None]) -> None:
        run_later(seconds, lambda: api.between_calls(lambda: (act(), publish())))

    own_addresses = OwnAddresses(cloud, pace.own_address_seconds, later)
    publish()
    authorization = Authorization(settings, cloud, sessions)
    moto = DomainDispatcherApplication(create_backend_app)
    api = WatchedApi(moto, authorization.refuse, changed, log.write, Faults().of, pace)
    metadata = MetadataService(lambda source: metadata_at(cloud, sessions, source))
    serve_together(
        # The first is for the front, the second for the lab driver; the packet filter keeps nodes from the second.
        api_server("127.0.0.1", api),
        api_server(str(settings.internet_address), api),
        metadata_server(metadata),
        identity_server(S3Identity(cloud, sessions, log.write), IAM_SOCKET),
    )


def publish_addresses(settings: Settings, cloud: Cloud, routes: Routes, endpoint_addresses: EndpointAddresses) -> None:
    addresses = public_addresses(cloud.ec2)
    routes.follow(addresses)
    endpoints = endpoints_of(cloud.ec2)
    endpoint_addresses.apply(endpoints)
    nodes = {instance.private_dns_name: instance.private_ip_address for instance in cloud.instances()}
    write_hosts(hosts(settings, nodes, addresses, endpoints))


def api_server(address: str, api: WatchedApi) -> BaseWSGIServer:
    return make_server(address, API_PORT, api, threaded=True, request_handler=QuietHandler)


def serve_together(*servers) -> None:
    """Serves until the first of them ends: a partial AWS would give confusing errors."""
    ended = threading.Event()

    def serve(server) -> None:
        try:
            server.serve_forever()
        finally:
            ended.set()

    for server in servers:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
    tell_systemd("READY=1")
    ended.wait()


if __name__ == "__main__":
    main()
