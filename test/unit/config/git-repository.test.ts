import { describe, expect, it } from "vitest";
import { checkout } from "../../../common/checkout.ts";
import type { OperatorError } from "../../../common/errors.ts";
import { parseRepository } from "../../../config/git-repository.ts";

function failure(text: string): OperatorError {
  try {
    parseRepository(text);
  } catch (error) {
    return error as OperatorError;
  }
  throw new Error(`${text} was taken`);
}

describe("a repository", () => {
  it.each([
    ["https://git.example/team/app.git", "https", "https://git.example/team/app.git"],
    ["ssh://git@git.example:2222/team/app.git", "ssh", "ssh://git@git.example:2222/team/app.git"],
    ["git@git.example:team/app.git", "ssh", "git@git.example:team/app.git"],
    ["http://127.0.0.1:8080/app.git", "http", "http://127.0.0.1:8080/app.git"],
    ["git://localhost/app.git", "git", "git://localhost/app.git"],
    [checkout, "file", checkout],
  ])("may be %s", (text, protocol, url) => {
    expect(parseRepository(text)).toEqual({ url, protocol });
  });

  it("keeps credentials apart from its URL", () => {
    expect(parseRepository("https://ci:to%3Aken@git.example/app.git")).toEqual({
      url: "https://git.example/app.git",
      protocol: "https",
      credentials: { user: "ci", password: "to:ken" },
    });
  });

  it.each([
    ["ext::sh -c 'touch /tmp/x'", "white space"],
    ["ext::sh", "it asks git to run a remote helper"],
    ["fd::17", "it asks git to run a remote helper"],
    ["--upload-pack=touch", "it looks like an option"],
    ["ssh://-oProxyCommand=touch/app", "it names no host"],
    ["ftp://git.example/app", "its protocol is ftp"],
    ["/no/such/folder", "there is no such folder"],
    ["-git@git.example:app", "it looks like an option"],
    ["https://git.example/a\napp", "control characters"],
  ])("is refused: %j", (text, why) => {
    expect(() => parseRepository(text)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ cause: expect.stringContaining(why) }) }),
    );
  });

  it.each(["http://git.example/app.git", "git://git.example/app.git"])(
    "is refused where anyone on the way could change what comes, unless that is asked for: %s",
    (text) => {
      expect(() => parseRepository(text)).toThrow(
        expect.objectContaining({
          details: expect.objectContaining({ fix: expect.stringContaining("--insecure-git") }),
        }),
      );
      expect(parseRepository(text, { insecure: true }).url).toBe(text);
    },
  );

  it.each([
    ["https://user:s3cret/pw@h/x", "it is not a valid URL"],
    ["https://s3cret/pw@h/x", "it has an @ in its path"],
    ["user:s3cretpw@h:x", "ssh takes no password in an address"],
    ["user:s3cret/pw@h:x", "ssh takes no password in an address"],
    ["https:user:s3cret@h/x", "two slashes must follow"],
    ["https:\\\\user:s3cret@h\\x", "it is not a valid URL"],
    ["https://h/x.git?private_token=s3cret", "a query or a fragment"],
    ["https://h/x.git#s3cret", "a query or a fragment"],
    ["https://u:s3cret%zz@h/x", "its login is not encoded"],
    ["https://u:s3cret%0Ahost=evil@h/x", "its login is not encoded"],
    ["https://:s3cret@h/x", "a password but no user"],
    ["https://u:s3cret@*.example/x", "it names no host"],
    ["https://u:s3cret pw@h/x", "white space"],
    ["https://u:s3cret", "it is not a valid URL"],
  ])("is refused where a login may be in the wrong place, which is not told: %s", (text, why) => {
    const { message, details } = failure(text);
    expect(details.cause).toContain(why);
    expect(JSON.stringify([message, details])).not.toMatch(/s3cret|pw/);
  });

  it("is never told with its credentials", () => {
    const told = (text: string) => {
      try {
        parseRepository(text);
        return "";
      } catch (error) {
        return JSON.stringify([(error as Error).message, (error as { details: unknown }).details]);
      }
    };
    expect(told("ftp://ci:secret@git.example/app")).not.toContain("secret");
    expect(told("http://ci:secret@git.example/app")).not.toContain("secret");
  });
});
