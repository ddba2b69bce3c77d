"""AWS accounts, read-only: declared resources and a generic walker."""
