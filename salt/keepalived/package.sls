keepalived-package-pkg-installed:
  pkg.installed:
    - pkgs:
        - keepalived
        # For its health check.
        - curl
    - install_recommends: false
