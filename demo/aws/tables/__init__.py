"""What the twin holds and how it is listed and described: one row a kind, one module a service."""

from demo.aws.tables import bedrock, sagemaker
from demo.aws.tables.row import Row

ROWS: tuple[Row, ...] = (*sagemaker.ROWS, *bedrock.ROWS)

__all__ = ["ROWS", "Row"]
