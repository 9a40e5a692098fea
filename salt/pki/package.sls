pki-package-pkg-installed:
  pkg.installed:
    - pkgs:
        - openssl
