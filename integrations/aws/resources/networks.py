"""Where hosts stand: subnets, and the routes that decide whether the internet reaches them."""

from __future__ import annotations

from integrations.aws.table import Each, Link, Resource

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
        each=Each("describe_route_tables", "RouteTables"),
        identity="arn:{partition}:ec2:{region}:{account}:route-table/{RouteTableId}",
        name="{Tags[Name]|RouteTableId}",
        links=(VPC,),
        tags="Tags",
    ),
)
