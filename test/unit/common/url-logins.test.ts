import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withoutLogin, withoutLogins } from "../../../common/url-logins.ts";

describe("an address", () => {
  it.each([
    ["https://user:s3cret/pw@h/x", "https://***@h/x"],
    ["https://user:p@ss@h/x", "https://***@h/x"],
    ["https://t0ken@h/x", "https://***@h/x"],
    ["user:s3cretpw@h:x", "***@h:x"],
    ["https:user:s3cret@h/x", "https:***@h/x"],
    ["https:\\\\user:s3cret@h/x", "https:\\\\***@h/x"],
    ["https://user:s3cret", "https://user:***"],
    ["https://user:s3cret%40h/x", "https://user:***"],
    ["https://u:p?w@h/x", "https://***"],
    ["https://h/x?private_token=s3cret#s3cret", "https://h/x?***"],
    ["https://h/x#s3cret", "https://h/x#***"],
    ["ext::https://u:s3cret@h/x", "ext::https://***@h/x"],
    ["https://u:s3 cret@h/x", "https://***@h/x"],
    ["postgres://u:s3cret@db/x", "postgres://***@db/x"],
    ["ssh://git:s3cret@h/x", "ssh://***@h/x"],
  ])("is shown without its login: %s", (address, shown) => {
    expect(withoutLogin(address)).toBe(shown);
    expect(withoutLogins(`fatal: '${address.replaceAll(" ", "")}' is gone`)).not.toMatch(/s3cret|t0ken|p@ss|p\?w/);
  });

  it.each([
    "https://git.example:8443/team/app.git",
    "https://[::1]:8443/team/app.git",
    "git@git.example:team/app.git",
    "ssh://git@git.example:2222/team/app.git",
    "/srv/git/a@b:c",
    "registry.example:5000/team/app",
    "file:///srv/app",
  ])("is shown as it is where it has none: %s", (address) => {
    expect(withoutLogin(address)).toBe(address);
    expect(withoutLogins(`cannot read '${address}': it is gone`)).toBe(`cannot read '${address}': it is gone`);
  });

  it("keeps an image's digest", () => {
    const image = "127.0.0.1:5000/app:v1@sha256:0123 and app:v1@sha256:0123, of someone@example.com";
    expect(withoutLogins(image)).toBe(image);
  });

  const word = fc.stringMatching(/^[A-Za-z0-9]{1,8}$/);
  const noise = fc.string({ unit: fc.constantFrom(..."/:@?#%\\&=+.~!$'*,;[]"), maxLength: 4 });
  const scheme = fc.constantFrom("https://", "http://", "HTTPS://", "git+https://", "https:", "https:/", "ssh://", "");

  it("never tells a password, whatever is around it", () => {
    fc.assert(
      fc.property(scheme, word, noise, noise, word, (start, user, before, after, host) => {
        const secret = "Zz9SecretZz9";
        const address = `${start}${user}:${before}${secret}${after}@${host}/x`;
        expect(withoutLogin(address)).not.toContain(secret);
      }),
      { numRuns: 5000 },
    );
  });

  it("never tells one in a text either, where it has a scheme", () => {
    fc.assert(
      fc.property(word, noise, noise, word, (user, before, after, host) => {
        const secret = "Zz9SecretZz9";
        const text = `fatal: unable to access 'https://${user}:${before}${secret}${after}@${host}/x/': 403`;
        expect(withoutLogins(text)).not.toContain(secret);
      }),
      { numRuns: 5000 },
    );
  });

  it("never tells a query or a fragment", () => {
    fc.assert(
      fc.property(word, noise, fc.constantFrom("?", "#"), noise, (host, before, mark, after) => {
        const secret = "Zz9SecretZz9";
        const address = `https://${host}/x${before.replaceAll("@", "")}${mark}token=${after}${secret}`;
        expect(withoutLogin(address)).not.toContain(secret);
      }),
      { numRuns: 5000 },
    );
  });
});
