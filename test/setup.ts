import { testingMatchers } from "cdktf";
import fc from "fast-check";
import { expect } from "vitest";

// One seed, so that a run fails only for what was changed. `PROPERTY_SEED=$RANDOM` looks for new counterexamples.
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20_261_129) });

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
