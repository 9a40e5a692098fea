eip-keeper-package-pkg-installed:
  pkg.installed:
    - pkgs:
        - python3-boto3
