import fc from "fast-check";

// One seed, so that a run fails only for what was changed. `PROPERTY_SEED=$RANDOM` looks for new counterexamples.
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20_261_129) });
