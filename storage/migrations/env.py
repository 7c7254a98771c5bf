"""Alembic's entry: runs the revisions on the connection that `storage.database` hands over."""

from alembic import context
from sqlmodel import SQLModel

from storage import models

_connection = context.config.attributes["connection"]

context.configure(
    connection=_connection,
    target_metadata=SQLModel.metadata,
    compare_type=True,
    render_as_batch=_connection.dialect.name == "sqlite",
    user_module_prefix=f"{models.__name__}.",
)

with context.begin_transaction():
    context.run_migrations()
