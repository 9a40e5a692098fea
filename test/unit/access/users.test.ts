import bcrypt from "bcryptjs";
import { describe, expect, it } from "vitest";
import { checkUserName, generatePassword, usersOf, withoutUser, withUser } from "../../../access/users.ts";

describe("a generated password", () => {
  it("has 32 characters that need no quoting", () => {
    expect(generatePassword()).toMatch(/^[A-Za-z0-9_-]{32}$/);
  });

  it("is another one each time", () => {
    expect(generatePassword()).not.toBe(generatePassword());
  });
});

describe("an htpasswd file", () => {
  it("lists its users in its order", () => {
    expect(usersOf("zoe:$2y$10$x\nadam:$2y$10$y\n")).toEqual(["zoe", "adam"]);
  });

  it("lists no users when it is empty", () => {
    expect(usersOf("")).toEqual([]);
  });

  it("gets a bcrypt line of cost 5 that accepts the new user's password and no other", async () => {
    const htpasswd = await withUser("", "admin", "correct horse");

    expect(htpasswd).toMatch(/^admin:\$2y\$05\$.{53}\n$/);
    const hash = htpasswd.trim().slice("admin:".length);
    expect(await bcrypt.compare("correct horse", hash)).toBe(true);
    expect(await bcrypt.compare("wrong horse", hash)).toBe(false);
  });

  it("keeps the other users' lines as they are when one is added", async () => {
    const before = "adam:$2y$10$y\n";
    expect((await withUser(before, "zoe", "secret")).startsWith(before)).toBe(true);
  });

  it("keeps the other users' lines as they are when one is removed", () => {
    expect(withoutUser("adam:$2y$10$y\nzoe:$2y$10$x\n", "adam")).toBe("zoe:$2y$10$x\n");
  });

  it("does not take a user for another one whose name it starts with", () => {
    expect(withoutUser("ci:$2y$10$y\nci-bot:$2y$10$x\n", "ci")).toBe("ci-bot:$2y$10$x\n");
  });

  it("fails to add a user who is there already", async () => {
    await expect(withUser("adam:$2y$10$y\n", "adam", "secret")).rejects.toThrow("there is already a user 'adam'");
  });

  it("fails to remove a user who is not there, and names those who are", () => {
    expect(() => withoutUser("adam:$2y$10$y\nzoe:$2y$10$x\n", "eve")).toThrow(
      expect.objectContaining({ message: "there is no user 'eve'", details: { fix: "the users are: adam, zoe" } }),
    );
  });

  it("fails to remove the last user, because nobody could log in", () => {
    expect(() => withoutUser("adam:$2y$10$y\n", "adam")).toThrow(
      expect.objectContaining({ details: { fix: "add another user first" } }),
    );
  });
});

describe("a user name", () => {
  it.each(["admin", "ci-bot", "a", "team.ci_1"])("may be '%s'", (name) => {
    expect(() => checkUserName(name)).not.toThrow();
  });

  it.each(["", "Admin", "1st", "a:b", "a/b", "a b", "-a", "a\nb", "a".repeat(33)])("fails to be %j", (name) => {
    expect(() => checkUserName(name)).toThrow("cannot be a user name");
  });
});
