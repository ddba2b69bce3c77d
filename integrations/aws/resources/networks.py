"""Where hosts stand: subnets, the routes that decide whether the internet reaches them, and how new disks are made."""

from __future__ import annotations

from integrations.aws.table import Each, Link, Resource, Single

VPC = Link("part_of", "VpcId", "aws.ec2.vpc", "arn:ec2:vpc/{}")

RESOURCES = (
    Resource(
        kind="aws.ec2.subnet",
        client="ec2",
        each=Each("describe_subnets", "Subnets"),
        identity="arn:{partition}:ec2:{region}:{account}:subnet/{SubnetId}",
        name="{Tags[Name]|SubnetId}",
        links=(VPC,),
        tags="Tags",
        noise=("AvailableIpAddressCount",),
    ),
    Resource(
        kind="aws.ec2.route_table",
        client="ec2",
        each=Each("describe_route_tables", "RouteTables", page_size=100),
        identity="arn:{partition}:ec2:{region}:{account}:route-table/{RouteTableId}",
        name="{Tags[Name]|RouteTableId}",
        links=(VPC,),
        tags="Tags",
    ),
    Resource(
        kind="aws.ec2.disk_defaults",
        client="ec2",
        each=Single("get_ebs_encryption_by_default"),
        identity="arn:{partition}:ec2:{region}:{account}:disk-defaults",
        name="Disk encryption in {region}",
    ),
)
