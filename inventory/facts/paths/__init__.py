"""Attack paths: from what the internet reaches, over identities, to what matters.

`graph` searches and knows no provider. Each provider declares entries, steps and facts: `aws_*` and `k8s` here.
"""

from inventory.facts.paths import aws as aws
from inventory.facts.paths import k8s as k8s
