"""The TLS fronts: S3's host names lead to the S3 server, all other AWS host names to the API."""

from .operator_front import operator_front
from .settings import API_PORT, FAULTS_DIRECTORY, S3_PORT, TLS_CERTIFICATE, TLS_KEY, Settings


def s3_domain(settings: Settings) -> str:
    """Buckets are subdomains of it."""
    return f"s3.{settings.region}.amazonaws.com"


def nginx_conf(settings: Settings) -> str:
    domain = s3_domain(settings)
    return f"""# Written at start from /etc/lab/cloud.env.
user www-data;
worker_processes 2;
pid /run/lab/nginx.pid;
error_log /var/log/lab/front.log;

events {{
  worker_connections 2048;
}}

http {{
  access_log off;
  server_tokens off;
  ssl_certificate {TLS_CERTIFICATE};
  ssl_certificate_key {TLS_KEY};

  # Signatures cover the Host header and the path as sent: both pass untouched.
  proxy_set_header Host $http_host;
  # Replaced, never appended: the API believes what stands here.
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  client_max_body_size 0;
  # Objects stream through, of any size.
  proxy_request_buffering off;
  proxy_buffering off;
  # So that it sends full TLS records of 16 KiB, as S3 does.
  proxy_buffer_size 64k;
  proxy_buffers 8 64k;
  proxy_read_timeout 900s;
  proxy_send_timeout 900s;

  # S3 forgets how an object was framed on its way up; the S3 server keeps it as the object's encoding.
  map $upstream_http_content_encoding $encoding {{
    default $upstream_http_content_encoding;
    "~^aws-chunked(, *(?<rest>.+))?$" $rest;
  }}
  proxy_hide_header Content-Encoding;
  add_header Content-Encoding $encoding always;

  # Of a registry for which S3 is slow; all others have an empty key, which is no limit.
  limit_req_zone $slow zone=slow:1m rate=2r/s;

  upstream s3 {{
    server 127.0.0.1:{S3_PORT};
    keepalive 32;
  }}

  upstream api {{
    server 127.0.0.1:{API_PORT};
  }}

  # Nodes.
  server {{
    listen {settings.s3_address}:443 ssl;
    # The name tells S3 from the API, for callers who do not ask the resolver where it is.
    listen {settings.vpc_address}:443 ssl;
    server_name {domain} *.{domain} s3.amazonaws.com *.s3.amazonaws.com;

    # Faults, which the lab driver injects by making these files.
    set $slow "";
    if (-f {FAULTS_DIRECTORY}/s3-slow-$remote_addr) {{
      set $slow $remote_addr;
      set $limit_rate 256k;
    }}
    limit_req zone=slow burst=10000;
    default_type application/xml;
    if (-f {FAULTS_DIRECTORY}/s3-503-$remote_addr) {{
      return 503 "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";
    }}

    location / {{
      proxy_pass http://s3;
    }}
  }}

  server {{
    listen {settings.vpc_address}:443 ssl default_server;

    location / {{
      proxy_pass http://api;
    }}
  }}

{operator_front(settings)}}}
"""


def s3_environment(settings: Settings) -> str:
    """Settings of versitygw, as its environment variables."""
    return f"""ROOT_ACCESS_KEY_ID={settings.operator_access_key_id}
ROOT_SECRET_ACCESS_KEY={settings.operator_secret_access_key}
VGW_REGION={settings.region}
VGW_VIRTUAL_DOMAIN={s3_domain(settings)}
"""
