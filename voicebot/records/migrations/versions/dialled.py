"""What we dialled is no call that came: facts of callbacks, and of the same customers' next calls, are made anew."""

from alembic import op

revision = "0025"
down_revision: str | None = "0024"
branch_labels = None
depends_on = None

AGAIN = """
    INSERT INTO facts_wanted (call_id)
    SELECT DISTINCT journal.call_id FROM journal JOIN calls ON calls.id = journal.call_id
    WHERE journal.what = 'calling_back' AND calls.stage = 'ended' ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.execute(AGAIN)
