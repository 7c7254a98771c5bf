"""Why a sweep failed, in a word."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    faults = ("unreachable", "busy", "broken", "own")
    with op.batch_alter_table("sweep") as sweep:
        sweep.add_column(
            sa.Column(
                "fault",
                sa.Enum(*faults, name="sweepfault", native_enum=False, length=16),
                nullable=True,
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("sweep") as sweep:
        sweep.drop_column("fault")
