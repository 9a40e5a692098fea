import { expect, it } from "vitest";
import { switchedFiles } from "../../../bench/throughput/redirect.ts";
import { exampleTopology } from "../../templates/example.ts";

const { config } = exampleTopology();
const files = switchedFiles(config);

it("switches something on every node of one role", () => {
  const nodes = files.map(({ node }) => node);
  expect([
    ["proxy-1", "proxy-2"],
    ["registry-1", "registry-2"],
  ]).toContainEqual(nodes);
});

it("knows the files with and without the redirect, whatever the config says", () => {
  const redirecting = { ...config, storage: { ...config.storage, redirect: true } };
  expect(switchedFiles(redirecting)).toEqual(files);
  for (const { plain, redirecting } of files) expect(plain).not.toBe(redirecting);
});
