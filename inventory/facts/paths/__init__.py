"""Attack paths: from what the internet reaches, over identities, to what matters.

`graph` searches and knows no provider. Each provider declares entries, steps and facts of its own: `aws_*` here.
"""

from inventory.facts.paths import aws as aws
