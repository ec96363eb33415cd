"""What AWS asks for a function. The defaults of the options: nothing else is imported for them."""

from typing import Final

ONE_VCPU_MB: Final = 1769
"""Memory that brings one vCPU: AWS Lambda Developer Guide, "Configure Lambda function memory"."""

X86_GB_SECOND_USD: Final = 0.0000166667
ARM_GB_SECOND_USD: Final = 0.0000133334
MILLION_REQUESTS_USD: Final = 0.20
PRICES: Final = "AWS Lambda pricing page, us-east-1, x86_64, as of May 2026"
"""Where the defaults are from."""
