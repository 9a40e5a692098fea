import { expect, it } from "vitest";
import { render } from "../../../templates/renderer.ts";

const userData = {
  cluster: "demo",
  node: "proxy-1",
  role: "proxy",
  region: "eu-west-1",
  provisioningBucket: "demo-bucket",
  convergeScriptKey: "key",
  convergedFile: "/var/converged",
};

it("refuses a value that is missing", () => {
  const { cluster, ...rest } = userData;
  expect(cluster).toBe("demo");
  expect(() => render("user-data.sh.njk", rest)).toThrow(/undefined/);
});

it("escapes nothing: these are no web pages", () => {
  expect(render("user-data.sh.njk", { ...userData, cluster: `a"b'c<d>&` })).toContain(`CLUSTER=a"b'c<d>&`);
});

it("passes Salt's own delimiters through", () => {
  expect(render("user-data.sh.njk", { ...userData, cluster: "{{ grains.id }}{% x %}" })).toContain(
    "{{ grains.id }}{% x %}",
  );
});
