"""Options that several verbs share: how objects in S3 are reached."""

from typing import Annotated

from edgelift.cli.arguments import Option

ProfileOption = Annotated[
    str | None,
    Option("--profile", metavar="NAME", meaning="Profile of the AWS configuration files."),
]
RegionOption = Annotated[
    str | None,
    Option("--region", metavar="NAME", meaning="Region of AWS; default: that of the AWS configuration."),
]
EndpointOption = Annotated[
    str | None,
    Option("--endpoint-url", metavar="URL", meaning="Endpoint of an S3 that is not at AWS."),
]
RequesterPaysOption = Annotated[
    bool,
    Option("--requester-pays", meaning="Pay for requests and data of buckets that charge the requester."),
]
