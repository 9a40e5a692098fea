import { expect, it } from "vitest";
import { checkout } from "../../../lab/checkout.ts";
import { labelOf } from "../../../lab/machines.ts";

it("a lab's label names the checkout that it belongs to, so that no other checkout removes it", () => {
  expect(labelOf("demo")).toBe(`registry-cluster.lab=${checkout}:demo`);
});
