"""Instances, functions, containers."""

import base64

from estate import access_key, allow, code, policy, secret


def region_settings(a):
    if a.good("ebs-default", a.region):
        a("ec2", "enable_ebs_encryption_by_default")


def instances(a, n, networks, groups):
    image = _image(a)
    for i in range(n):
        _, subnets = networks[i % len(networks)]
        if not subnets:
            continue
        user_data = "#!/bin/sh\necho ready\n"
        if i % 5 == 4:
            key, value = access_key(f"{a.prefix}-instance-{i}")
            user_data = f"#!/bin/sh\nexport AWS_ACCESS_KEY_ID={key}\nexport AWS_SECRET_ACCESS_KEY={value}\n"
        profile = {"IamInstanceProfile": {"Name": a.name("role", 0)}} if a.good("instance-role", i) else {}
        a("ec2", "run_instances", ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro",
                  SubnetId=subnets[i % len(subnets)], SecurityGroupIds=groups[i % len(groups):][:1], UserData=user_data,
                  MetadataOptions={"HttpTokens": "required" if a.good("imdsv2", i) else "optional",
                                   "HttpEndpoint": "enabled"},
                  BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {
                      "VolumeSize": 8, "Encrypted": a.good("volume", i)}}],
                  Monitoring={"Enabled": a.good("monitoring", i)},
                  TagSpecifications=[{"ResourceType": "instance", "Tags": [
                      {"Key": "Name", "Value": a.name("server", i)}, *a.tags(i)]}], **profile)
    for i in range(max(1, n // 4)):
        volume = a("ec2", "create_volume", AvailabilityZone=f"{a.region}a", Size=10,
                   Encrypted=a.good("loose-volume", i))
        if volume:
            shot = a("ec2", "create_snapshot", VolumeId=volume["VolumeId"], Description=a.name("snapshot", i))
            if shot and not a.good("snapshot-private", i):
                a("ec2", "modify_snapshot_attribute", SnapshotId=shot["SnapshotId"],
                  Attribute="createVolumePermission", OperationType="add", GroupNames=["all"])
        a("ec2", "allocate_address", Domain="vpc")
    a("ec2", "create_launch_template", LaunchTemplateName=a.name("template", 0), LaunchTemplateData={
        "ImageId": image, "InstanceType": "t3.micro",
        "UserData": base64.b64encode(f"export DB_PASSWORD={secret('template')}\n".encode()).decode(),
        "MetadataOptions": {"HttpTokens": "required" if a.good("template") else "optional"}})
    a("autoscaling", "create_auto_scaling_group", AutoScalingGroupName=a.name("asg", 0), MinSize=0, MaxSize=1,
      LaunchTemplate={"LaunchTemplateName": a.name("template", 0), "Version": "$Latest"},
      VPCZoneIdentifier=",".join(networks[0][1][:2]))


def facing(a, name, port, networks):
    """A server with a public address in a subnet that leads to the internet, its port open to everybody."""
    vpc, subnets = networks[0]
    group = a("ec2", "create_security_group", GroupName=f"{a.prefix}-{name}-sg", VpcId=vpc,
              Description=f"{name}, open")
    if not group or not subnets:
        return
    a("ec2", "authorize_security_group_ingress", GroupId=group["GroupId"], IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    a("ec2", "run_instances", ImageId=_image(a), MinCount=1, MaxCount=1, InstanceType="t3.micro",
      NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnets[0], "Groups": [group["GroupId"]],
                          "AssociatePublicIpAddress": True}],
      MetadataOptions={"HttpTokens": "required" if a.good("imdsv2", name) else "optional", "HttpEndpoint": "enabled"},
      TagSpecifications=[{"ResourceType": "instance", "Tags": [
          {"Key": "Name", "Value": f"{a.prefix}-{name}"}, *a.tags(0)]}])


def _image(a):
    reply = a("ec2", "register_image", Name=a.name("ami", 0), RootDeviceName="/dev/xvda",
              Architecture="x86_64", VirtualizationType="hvm", BlockDeviceMappings=[
                  {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8}}])
    image = reply.get("ImageId", "ami-12345678")
    if not a.good("image-private"):
        a("ec2", "modify_image_attribute", ImageId=image, Attribute="launchPermission",
          OperationType="add", UserGroups=["all"])
    return image


def functions(a, n):
    role = a.arn("iam", f"role/{a.name('role', 1)}", region=False)
    for i in range(n):
        variables = {"STAGE": "live"}
        if i % 4 == 3:
            key, value = access_key(f"{a.prefix}-function-{i}")
            variables |= {"AWS_KEY": key, "API_SECRET": value, "DB_PASSWORD": secret(f"function-{i}")}
        name = a.name("function", i)
        runtime = "python3.12" if a.good("runtime", i) else "python3.8"
        a("lambda", "create_function", FunctionName=name, Runtime=runtime, Role=role, Handler="index.handler",
          Code={"ZipFile": code()}, Environment={"Variables": variables},
          TracingConfig={"Mode": "Active" if a.good("tracing", i) else "PassThrough"})
        if not a.good("function-private", i):
            a("lambda", "add_permission", FunctionName=name, StatementId="open", Action="lambda:InvokeFunction",
              Principal="*")
        if i % 5 == 2:
            a("lambda", "create_function_url_config", FunctionName=name,
              AuthType="AWS_IAM" if a.good("function-url", i) else "NONE")


def layers(a, n):
    for i in range(n):
        name = a.name("layer", i)
        made = a("lambda", "publish_layer_version", LayerName=name, Content={"ZipFile": code()})
        if made and not a.good("layer-private", i):
            a("lambda", "add_layer_version_permission", LayerName=name, VersionNumber=made["Version"],
              StatementId="open", Action="lambda:GetLayerVersion", Principal="*")


def containers(a, n, networks):
    for i in range(n):
        a("ecs", "create_cluster", clusterName=a.name("cluster", i), settings=[
            {"name": "containerInsights", "value": "enabled" if a.good("insights", i) else "disabled"}])
        key, value = access_key(f"{a.prefix}-task-{i}")
        a("ecs", "register_task_definition", family=a.name("task", i), networkMode="awsvpc", containerDefinitions=[{
            "name": "web", "image": "example/web:1", "memory": 256, "privileged": not a.good("privileged", i),
            "readonlyRootFilesystem": a.good("read-only", i),
            "environment": [{"name": "AWS_ACCESS_KEY_ID", "value": key}, {"name": "SECRET", "value": value}]
            if not a.good("task-env", i) else [{"name": "STAGE", "value": "live"}]}])
        open_ = not a.good("eks-private", i)
        a("eks", "create_cluster", name=a.name("kubernetes", i), version="1.31",
          roleArn=a.arn("iam", f"role/{a.name('role', 2)}", region=False),
          resourcesVpcConfig={"subnetIds": networks[0][1][:2], "endpointPublicAccess": open_,
                              "endpointPrivateAccess": not open_},
          logging={"clusterLogging": [{"types": ["audit", "api"], "enabled": a.good("eks-logs", i)}]},
          **({"encryptionConfig": [{"resources": ["secrets"], "provider": {"keyArn": a.arn("kms", "key/example")}}]}
             if a.good("eks-kms", i) else {}))
        # A build with a plain text variable in it.
        a("codebuild", "create_project", name=a.name("build", i), serviceRole=a.arn(
            "iam", f"role/{a.name('role', 2)}", region=False), artifacts={"type": "NO_ARTIFACTS"},
          source={"type": "S3", "location": f"{a.prefix}-images/source.zip"},
          environment={"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0",
                       "computeType": "BUILD_GENERAL1_SMALL", "environmentVariables": [
                           {"name": "TOKEN", "value": secret(f"build-{i}"), "type": "PLAINTEXT"}]})


def messages(a, queues, topics):
    everyone = {"Principal": "*"}
    for i in range(queues):
        name = a.name("queue", i)
        attributes = {"SqsManagedSseEnabled": "true" if a.good("queue-sse", i) else "false"}
        if not a.good("queue-private", i):
            attributes["Policy"] = policy(allow("sqs:SendMessage", a.arn("sqs", name), **everyone))
        a("sqs", "create_queue", QueueName=name, Attributes=attributes)
    for i in range(topics):
        name = a.name("topic", i)
        attributes = {"KmsMasterKeyId": "alias/aws/sns"} if a.good("topic-kms", i) else {}
        if not a.good("topic-private", i):
            attributes["Policy"] = policy(allow("sns:Publish", a.arn("sns", name), **everyone))
        made = a("sns", "create_topic", Name=name, Attributes=attributes)
        if made and i == 0:
            a("sns", "subscribe", TopicArn=made["TopicArn"], Protocol="email", Endpoint="alerts@example.com")
