"""Alembic's entry: runs the revisions on the connection that `storage.database` hands over."""

from alembic import context

from storage import admin_models, models

_connection = context.config.attributes["connection"]

context.configure(
    connection=_connection,
    # Of all tables, also those that nobody else imported yet.
    target_metadata=admin_models.Notice.metadata,
    compare_type=True,
    render_as_batch=_connection.dialect.name == "sqlite",
    user_module_prefix=f"{models.__name__}.",
)

with context.begin_transaction():
    context.run_migrations()
