import type { Tag } from "@aws-sdk/client-ec2";
import { tagKeys } from "../../config/derived-names.ts";

/** Whether something with these tags belongs to the cluster. */
export const isOfCluster = (tags: readonly Tag[] = [], cluster: string) =>
  tags.some(({ Key, Value }) => Key === tagKeys.cluster && Value === cluster);
