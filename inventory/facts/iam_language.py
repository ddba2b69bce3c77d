"""Moved to `inventory.iam.language`; the old name stays for facts that are still to follow."""

from inventory.iam.language import accounts_of as accounts_of
from inventory.iam.language import open_actions as open_actions
from inventory.iam.language import outside_grants as outside_grants
from inventory.iam.language import statements as statements
