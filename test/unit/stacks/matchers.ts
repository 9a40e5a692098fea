import { testingMatchers } from "cdktf";
import { expect } from "vitest";

/** cdktf's matchers for vitest: cdktf itself offers them for jest only. */

type ResourceType = Parameters<ReturnType<typeof testingMatchers.getToHaveResourceWithProperties>>[1];
type Properties = Record<string, unknown>;

interface CdktfMatchers<R> {
  /** The synthesized plan has a resource of this type with at least these properties. */
  toHaveResourceWithProperties(type: ResourceType, properties: Properties): R;
}

declare module "vitest" {
  // vitest's own declaration, which this one extends, has the same type parameter
  // biome-ignore lint/suspicious/noExplicitAny: the declarations must agree
  interface Matchers<T = any> extends CdktfMatchers<T> {}
}

const hasResource = testingMatchers.getToHaveResourceWithProperties((resources: unknown[], properties) =>
  resources.some((resource) => expect.objectContaining(properties).asymmetricMatch(resource)),
);

expect.extend({
  toHaveResourceWithProperties(plan: string, type: ResourceType, properties: Properties) {
    const { pass, message } = hasResource(plan, type, properties);
    return { pass, message: () => message };
  },
});
