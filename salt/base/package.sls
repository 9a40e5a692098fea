base-package-pkg-installed:
  pkg.installed:
    - pkgs:
        - ca-certificates
        # growpart
        - cloud-guest-utils
        - curl
        - logrotate
        - openssh-server
        - sudo
        - systemd-timesyncd
        # For converge.
        - awscli
        - python3-venv
