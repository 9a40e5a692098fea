"""
The operator's front, which only the proxy can reach. Requests for objects go to the S3 server; those for buckets and
their settings go to the API, like all others for the account.
"""

from .settings import OPERATOR_FRONT_PORT, Settings


def operator_front(settings: Settings) -> str:
    """Part of the `http` block of nginx.conf, which has the upstreams `api` and `s3`."""
    s3 = rf"s3\.({settings.region}\.)?amazonaws\.com"
    return rf"""  # The operator comes by the proxy, from 127.0.0.1: to the API a caller from outside of the VPC.
  map $host $is_s3 {{
    default 0;
    "~^(.+\.)?{s3}$" 1;
  }}

  # A key after the bucket, which is the first part of the path or of the host name.
  map $host$request_uri $has_key {{
    default 0;
    "~^{s3}/[^/?]+/[^?]" 1;
    "~^.+\.{s3}/[^?]" 1;
  }}

  # Requests for a bucket that list objects or delete them: ListObjects, ListObjectsV2, ListObjectVersions,
  # ListMultipartUploads, DeleteObjects.
  map "$request_method $has_bucket $args" $is_about_objects {{
    default 0;
    "~^GET 1 ((prefix|delimiter|marker|max-keys|encoding-type)=[^&]*(&|$))*$" 1;
    "~^GET 1 (.*&)?(list-type=2|versions=?|uploads=?)(&|$)" 1;
    "~^POST 1 (.*&)?delete=?(&|$)" 1;
  }}

  map $host$request_uri $has_bucket {{
    default 1;
    "~^{s3}/?(\?|$)" 0;
  }}

  # The S3 server does not know the words for an ended session; the API does.
  map $http_authorization $is_expired {{
    default 0;
    "~Credential={settings.expired_access_key_id or "-"}/" 1;
  }}

  map "$is_s3$is_expired $has_key$is_about_objects" $operator_upstream {{
    default api;
    "~^10 .*1" s3;
  }}

  server {{
    listen 127.0.0.1:{OPERATOR_FRONT_PORT} ssl;

    location / {{
      proxy_pass http://$operator_upstream;
    }}
  }}
"""
