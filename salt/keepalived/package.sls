keepalived-package-pkg-installed:
  pkg.installed:
    - pkgs:
        - keepalived
        # Its health check.
        - curl
    - install_recommends: false
