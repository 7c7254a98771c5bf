"""Deliveries lose their index by paper, and with it what lets them point to their papers."""

import sqlalchemy as sa
from alembic import op

revision = "0014_deliveries_without_papers"
down_revision = "0013_seeds"


def upgrade() -> None:
    """Note which papers there are deliveries of; make SQLite's table anew, without the key."""
    op.create_table(
        "delivered_paper",
        sa.Column("paper_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["paper.id"], name="fk_delivered_paper_paper_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("paper_id", name="pk_delivered_paper"),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO delivered_paper (paper_id) SELECT DISTINCT paper_id FROM delivery")
    op.drop_index("ix_delivery_paper_id", "delivery")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("fk_delivery_paper_id", "delivery", type_="foreignkey")
        return
    highest = sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'delivery'")
    given = op.get_bind().scalar(highest)
    # Filled in the order of the old one; nothing points to it.
    with op.batch_alter_table(
        "delivery", recreate="always", table_kwargs={"sqlite_autoincrement": True}
    ) as table:
        table.drop_constraint("fk_delivery_paper_id", type_="foreignkey")
    # No id is given again, not even one whose row is gone.
    op.execute(
        sa.text("UPDATE sqlite_sequence SET seq = :given WHERE name = 'delivery'").bindparams(
            given=given or 0
        )
    )
