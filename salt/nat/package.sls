nat-package-pkg-installed:
  pkg.installed:
    - pkgs:
        - nftables
