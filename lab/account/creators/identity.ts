import { ImportKeyPairCommand } from "@aws-sdk/client-ec2";
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { type Creators, need } from "./creator.ts";

/** Who may do what. */
export const identity: Creators = {
  async aws_key_pair({ ec2 }, p) {
    await ec2.send(new ImportKeyPairCommand({ KeyName: p.key_name, PublicKeyMaterial: Buffer.from(p.public_key) }));
    return { id: p.key_name, key_name: p.key_name };
  },

  async aws_iam_role({ iam }, p) {
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName: p.name, AssumeRolePolicyDocument: p.assume_role_policy }),
    );
    return { id: p.name, name: p.name, arn: need(Role?.Arn) };
  },

  async aws_iam_role_policy({ iam }, p) {
    await iam.send(new PutRolePolicyCommand({ RoleName: p.role, PolicyName: p.name, PolicyDocument: p.policy }));
    return { id: p.name };
  },

  async aws_iam_instance_profile({ iam }, p) {
    const profile = { InstanceProfileName: p.name };
    const { InstanceProfile } = await iam.send(new CreateInstanceProfileCommand(profile));
    await iam.send(new AddRoleToInstanceProfileCommand({ ...profile, RoleName: p.role }));
    return { id: p.name, name: p.name, arn: need(InstanceProfile?.Arn) };
  },
};
