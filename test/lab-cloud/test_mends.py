"""Where moto differs from AWS and the lab must not: each as Terraform's AWS provider meets it."""

import unittest

from account import AMI, OTHER_ACCOUNT, REGION, AccountTest, objects
from botocore.exceptions import ClientError

HERE = {"LocationConstraint": REGION}


class BucketTest(AccountTest):
    def setUp(self):
        super().setUp()
        self.s3 = self.client("s3")

    def test_tags_given_at_creation_are_kept(self):
        tags = [{"Key": "Name", "Value": "one"}, {"Key": "Note", "Value": "a < b"}]
        self.s3.create_bucket(Bucket="images", CreateBucketConfiguration={**HERE, "Tags": tags})
        self.assertEqual(self.s3.get_bucket_tagging(Bucket="images")["TagSet"], tags)

    def test_a_bucket_without_tags_has_none(self):
        self.s3.create_bucket(Bucket="images", CreateBucketConfiguration=HERE)
        with self.assertRaisesRegex(ClientError, "NoSuchTagSet"):
            self.s3.get_bucket_tagging(Bucket="images")

    def test_a_bucket_is_made_and_deleted_where_its_objects_are(self):
        self.s3.create_bucket(Bucket="images", CreateBucketConfiguration=HERE)
        self.assertEqual(objects.buckets, {"images"})
        self.s3.delete_bucket(Bucket="images")
        self.assertEqual(objects.buckets, set())

    def test_a_bucket_with_objects_is_not_deleted(self):
        self.s3.create_bucket(Bucket="images", CreateBucketConfiguration=HERE)
        objects.filled.add("images")
        with self.assertRaisesRegex(ClientError, "BucketNotEmpty"):
            self.s3.delete_bucket(Bucket="images")
        self.s3.head_bucket(Bucket="images")

    def test_a_bucket_of_another_account_cannot_be_had(self):
        self.client_in(OTHER_ACCOUNT, "s3").create_bucket(Bucket="taken", CreateBucketConfiguration=HERE)
        with self.assertRaises(ClientError) as caught:
            self.s3.create_bucket(Bucket="taken", CreateBucketConfiguration=HERE)
        self.assertEqual(caught.exception.response["Error"]["Code"], "BucketAlreadyExists")
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 409)
        self.assertEqual(objects.buckets, set())

    def test_a_bucket_of_another_account_is_hidden(self):
        self.client_in(OTHER_ACCOUNT, "s3").create_bucket(Bucket="taken", CreateBucketConfiguration=HERE)
        with self.assertRaises(ClientError) as caught:
            self.s3.head_bucket(Bucket="taken")
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 403)


class LifecycleTest(AccountTest):
    def setUp(self):
        super().setUp()
        self.s3 = self.client("s3")
        self.s3.create_bucket(Bucket="images", CreateBucketConfiguration=HERE)

    def put(self, *rules):
        self.s3.put_bucket_lifecycle_configuration(Bucket="images", LifecycleConfiguration={"Rules": list(rules)})

    def get(self):
        return self.s3.get_bucket_lifecycle_configuration(Bucket="images")

    def test_rules_are_given_back_as_they_were_put_whatever_they_choose_objects_by(self):
        tags = [{"Key": "kind", "Value": "cache"}, {"Key": "empty", "Value": ""}]
        for number, chosen in enumerate(
            (
                {},
                {"Prefix": ""},
                {"Prefix": "a < b/"},
                {"Tag": tags[0]},
                {"ObjectSizeGreaterThan": 1024},
                {"ObjectSizeLessThan": 1024},
                {"And": {"Prefix": "uploads/", "ObjectSizeGreaterThan": 1024}},
                {"And": {"ObjectSizeGreaterThan": 0, "ObjectSizeLessThan": 1024}},
                {"And": {"Tags": tags}},
                {"And": {"Prefix": "uploads/", "Tags": tags[:1], "ObjectSizeLessThan": 1024}},
            )
        ):
            with self.subTest(chosen=chosen):
                rule = {"ID": f"rule-{number}", "Status": "Enabled", "Filter": chosen, "Expiration": {"Days": 3}}
                self.put(rule)
                self.assertEqual(self.get()["Rules"], [rule])

    def test_all_actions_of_a_rule_are_given_back(self):
        rules = [
            {
                "ID": "old",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "Expiration": {"ExpiredObjectDeleteMarker": True},
                "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 2},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
            },
            {
                "ID": "cold",
                "Status": "Disabled",
                "Filter": {"Prefix": "cold/"},
                "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}],
                "NoncurrentVersionTransitions": [{"NoncurrentDays": 30, "StorageClass": "GLACIER"}],
            },
        ]
        self.put(*rules)
        self.assertEqual(self.get()["Rules"], rules)

    def test_a_rule_without_a_name_gets_one(self):
        self.put({"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 3}})
        (rule,) = self.get()["Rules"]
        self.assertTrue(rule["ID"])

    def test_a_filter_that_chooses_by_two_things_without_and_is_refused(self):
        chosen = {"Prefix": "uploads/", "ObjectSizeGreaterThan": 1024}
        with self.assertRaisesRegex(ClientError, "MalformedXML"):
            self.put({"ID": "both", "Status": "Enabled", "Filter": chosen, "Expiration": {"Days": 3}})

    def test_rules_are_gone_once_they_are_deleted(self):
        self.put({"ID": "one", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 3}})
        self.s3.delete_bucket_lifecycle(Bucket="images")
        with self.assertRaisesRegex(ClientError, "NoSuchLifecycleConfiguration"):
            self.get()


class QuotaTest(AccountTest):
    VCPUS = {"ServiceCode": "ec2", "QuotaCode": "L-1216C47A"}
    VPCS = {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}

    def setUp(self):
        super().setUp()
        self.quotas = self.client("service-quotas")

    def value(self, quota):
        return self.quotas.get_service_quota(**quota)["Quota"]["Value"]

    def run_type(self, instance_type):
        interface = {"DeviceIndex": 0, "SubnetId": self.subnet}
        return self.run_node("a", None, InstanceType=instance_type, NetworkInterfaces=[interface])["InstanceId"]

    def test_an_account_may_have_32_virtual_cpus_and_5_networks(self):
        self.assertEqual((self.value(self.VCPUS), self.value(self.VPCS)), (32, 5))

    def test_an_instance_above_the_quota_is_refused_in_the_words_of_aws(self):
        for _ in range(4):
            self.run_type("m5.2xlarge")
        message = (
            r"\(VcpuLimitExceeded\).*: You have requested more vCPU capacity than your current vCPU limit of 32 allows "
            "for the instance bucket that the specified instance type belongs to. Please visit "
            "http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit."
        )
        with self.assertRaisesRegex(ClientError, message):
            self.run_type("t3.micro")

    def test_an_instance_that_ends_makes_room(self):
        first, *_ = [self.run_type("m5.2xlarge") for _ in range(4)]
        self.ec2.terminate_instances(InstanceIds=[first])
        self.run_type("t3.micro")

    def test_instances_of_other_families_have_quotas_of_their_own(self):
        for _ in range(4):
            self.run_type("m5.2xlarge")
        self.run_type("g4dn.xlarge")

    def test_a_network_above_the_quota_is_refused_in_the_words_of_aws(self):
        while len(self.ec2.describe_vpcs()["Vpcs"]) < 5:
            self.ec2.create_vpc(CidrBlock="10.90.0.0/16")
        message = r"\(VpcLimitExceeded\).*: The maximum number of VPCs has been reached."
        with self.assertRaisesRegex(ClientError, message):
            self.ec2.create_vpc(CidrBlock="10.90.0.0/16")

    def test_a_quota_is_raised_for_who_asks(self):
        self.quotas.request_service_quota_increase(**self.VCPUS, DesiredValue=40)
        self.assertEqual(self.value(self.VCPUS), 40)
        for _ in range(5):
            self.run_type("m5.2xlarge")

    def test_a_quota_is_not_lowered(self):
        with self.assertRaisesRegex(ClientError, "IllegalArgumentException"):
            self.quotas.request_service_quota_increase(**self.VCPUS, DesiredValue=32)


class SecurityGroupRuleTest(AccountTest):
    def setUp(self):
        super().setUp()
        self.group = self.ec2.create_security_group(GroupName="g", Description="g", VpcId=self.vpc)["GroupId"]

    def rule(self, **permission):
        self.ec2.authorize_security_group_ingress(GroupId=self.group, IpPermissions=[permission])
        filters = [{"Name": "group-id", "Values": [self.group]}]
        rules = self.ec2.describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
        return next(rule for rule in rules if not rule["IsEgress"])

    def https_from(self, **peer):
        return self.rule(IpProtocol="tcp", FromPort=443, ToPort=443, **peer)

    def test_a_rule_keeps_its_description_whatever_it_names(self):
        prefixes = self.ec2.create_managed_prefix_list(PrefixListName="p", MaxEntries=1, AddressFamily="IPv4")
        list_id = prefixes["PrefixList"]["PrefixListId"]
        for peer in (
            {"IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "why"}]},
            {"UserIdGroupPairs": [{"GroupId": self.group, "Description": "why"}]},
            {"PrefixListIds": [{"PrefixListId": list_id, "Description": "why"}]},
        ):
            with self.subTest(peer=peer):
                rule = self.https_from(**peer)
                self.assertEqual(rule["Description"], "why")
                self.ec2.revoke_security_group_ingress(
                    GroupId=self.group, SecurityGroupRuleIds=[rule["SecurityGroupRuleId"]]
                )

    def test_a_protocol_without_ports_needs_none_and_has_none(self):
        peer = {"UserIdGroupPairs": [{"GroupId": self.group}]}
        rule = self.rule(IpProtocol="112", **peer)
        self.assertEqual((rule["IpProtocol"], rule["FromPort"], rule["ToPort"]), ("112", -1, -1))

    def test_ports_of_a_rule_are_kept(self):
        rule = self.https_from(IpRanges=[{"CidrIp": "10.0.0.0/8"}])
        self.assertEqual((rule["FromPort"], rule["ToPort"]), (443, 443))


class FlowLogTest(AccountTest):
    def delivery_to(self, group):
        self.ec2.create_flow_logs(
            ResourceIds=[self.vpc],
            ResourceType="VPC",
            TrafficType="REJECT",
            LogDestination=f"arn:aws:logs:{REGION}:123456789012:log-group:{group}",
            DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/flow-logs",
        )
        return self.ec2.describe_flow_logs()["FlowLogs"][0]["DeliverLogsStatus"]

    def test_arrive_in_a_log_group_that_is_named_by_its_arn(self):
        self.client("logs").create_log_group(logGroupName="/cluster/flow-logs")
        self.assertEqual(self.delivery_to("/cluster/flow-logs"), "SUCCESS")

    def test_do_not_arrive_where_there_is_no_log_group(self):
        self.assertEqual(self.delivery_to("/cluster/flow-logs"), "FAILED")


class InterfaceEndpointTest(AccountTest):
    def interface_of_endpoint(self, **more):
        endpoint = self.ec2.create_vpc_endpoint(
            VpcId=self.vpc,
            ServiceName=f"com.amazonaws.{REGION}.ec2",
            VpcEndpointType="Interface",
            SubnetIds=[self.subnet],
            **more,
        )["VpcEndpoint"]
        found = self.ec2.describe_network_interfaces(NetworkInterfaceIds=endpoint["NetworkInterfaceIds"])
        return found["NetworkInterfaces"][0]

    def test_has_the_address_that_was_planned(self):
        planned = [{"SubnetId": self.subnet, "Ipv4": "10.80.1.254"}]
        interface = self.interface_of_endpoint(SubnetConfigurations=planned)
        self.assertEqual(interface["PrivateIpAddress"], "10.80.1.254")
        self.assertEqual([a["PrivateIpAddress"] for a in interface["PrivateIpAddresses"]], ["10.80.1.254"])

    def test_has_an_address_of_its_subnet_without_a_plan(self):
        self.assertRegex(self.interface_of_endpoint()["PrivateIpAddress"], r"^10\.80\.1\.\d+$")

    def test_is_in_the_groups_of_the_endpoint(self):
        group = self.ec2.create_security_group(GroupName="g", Description="g", VpcId=self.vpc)["GroupId"]
        interface = self.interface_of_endpoint(SecurityGroupIds=[group])
        self.assertEqual([g["GroupId"] for g in interface["Groups"]], [group])


class InstanceTest(AccountTest):
    def test_groups_of_its_first_interface_are_its_own(self):
        group = self.ec2.create_security_group(GroupName="g", Description="g", VpcId=self.vpc)["GroupId"]
        interface = {"DeviceIndex": 0, "SubnetId": self.subnet, "Groups": [group]}
        node = self.run_node("a", None, NetworkInterfaces=[interface])
        self.assertEqual([g["GroupId"] for g in node["SecurityGroups"]], [group])
        self.assertEqual([g["GroupId"] for g in node["NetworkInterfaces"][0]["Groups"]], [group])

    def test_takes_its_interface_along_when_it_ends_so_that_its_successor_has_the_address(self):
        node = self.run_node("a", "10.80.1.10")
        self.ec2.terminate_instances(InstanceIds=[node["InstanceId"]])
        self.assertEqual(self.ec2.describe_network_interfaces()["NetworkInterfaces"], [])
        self.assertEqual(self.run_node("a", "10.80.1.10")["PrivateIpAddress"], "10.80.1.10")


class ImageTest(AccountTest):
    unknown = "ami-00000000000000bad"

    def test_a_known_image_is_debian_12(self):
        (image,) = self.ec2.describe_images(ImageIds=[AMI])["Images"]
        self.assertRegex(image["Name"], "^debian-12-amd64-")
        self.assertEqual(
            (image["Architecture"], image["RootDeviceName"], image["OwnerId"]), ("x86_64", "/dev/xvda", "136693071363")
        )

    def test_is_found_by_the_name_of_debians_images(self):
        named = [{"Name": "name", "Values": ["debian-12-amd64-*"]}]
        images = self.ec2.describe_images(Owners=["136693071363"], Filters=named)["Images"]
        self.assertEqual([image["ImageId"] for image in images], [AMI])

    def test_another_is_neither_described_nor_run(self):
        message = rf"InvalidAMIID.NotFound.*The image id '\[{self.unknown}\]' does not exist"
        with self.assertRaisesRegex(ClientError, message):
            self.ec2.run_instances(ImageId=self.unknown, MinCount=1, MaxCount=1, SubnetId=self.subnet)
        with self.assertRaisesRegex(ClientError, message):
            self.ec2.describe_images(ImageIds=[AMI, self.unknown])


if __name__ == "__main__":
    unittest.main()
