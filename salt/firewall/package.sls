firewall-package-pkg-installed:
  pkg.installed:
    - pkgs:
        - nftables
