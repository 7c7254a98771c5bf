-- A database at the last revision before version 0.1.0, with rows in every table.
-- For SQLite and PostgreSQL: $serial, $moment and $off are what each calls them.
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE sweep (
    id $serial NOT NULL, state VARCHAR(16) NOT NULL, window_from $moment NOT NULL,
    window_to $moment NOT NULL, started_at $moment NOT NULL, finished_at $moment,
    found INTEGER NOT NULL, new INTEGER NOT NULL, matched INTEGER NOT NULL, owed INTEGER NOT NULL,
    error VARCHAR, fault VARCHAR(16), CONSTRAINT pk_sweep PRIMARY KEY (id)
);
CREATE TABLE topic (
    id $serial NOT NULL, query VARCHAR NOT NULL, created_at $moment NOT NULL, backfilled_at $moment,
    CONSTRAINT pk_topic PRIMARY KEY (id), CONSTRAINT uq_topic_query UNIQUE (query)
);
CREATE TABLE chat (
    id $serial NOT NULL, telegram_id BIGINT NOT NULL, thread_id INTEGER NOT NULL,
    kind VARCHAR(16) NOT NULL, state VARCHAR(16) NOT NULL, state_reason VARCHAR,
    ui_language VARCHAR NOT NULL, language VARCHAR NOT NULL, timezone VARCHAR NOT NULL,
    push_time TIME NOT NULL, weekdays INTEGER NOT NULL, papers_per_push INTEGER NOT NULL,
    next_push_at $moment NOT NULL, last_push_on DATE, pushing_since $moment,
    created_at $moment NOT NULL, translate_titles BOOLEAN DEFAULT $off NOT NULL,
    paper_order VARCHAR(16) DEFAULT 'newest' NOT NULL,
    push_style VARCHAR(16) DEFAULT 'list' NOT NULL,
    tells_nothing_new BOOLEAN DEFAULT $off NOT NULL, shows_previews BOOLEAN DEFAULT $off NOT NULL,
    expecting VARCHAR, managing_id INTEGER, CONSTRAINT pk_chat PRIMARY KEY (id),
    CONSTRAINT uq_chat_telegram_id UNIQUE (telegram_id, thread_id),
    CONSTRAINT fk_chat_managing_id FOREIGN KEY(managing_id) REFERENCES chat (id) ON DELETE SET NULL
);
CREATE TABLE paper (
    id VARCHAR(32) NOT NULL, version INTEGER NOT NULL, title VARCHAR NOT NULL,
    abstract VARCHAR NOT NULL, authors JSON NOT NULL, categories JSON NOT NULL, comment VARCHAR,
    journal_ref VARCHAR, doi VARCHAR, code_url VARCHAR, published_at $moment NOT NULL,
    updated_at $moment NOT NULL, swept_at $moment, code_checked_at $moment,
    withdrawn BOOLEAN DEFAULT $off NOT NULL, CONSTRAINT pk_paper PRIMARY KEY (id)
);
CREATE TABLE delivery (
    id $serial NOT NULL, chat_id INTEGER NOT NULL, paper_id VARCHAR(32) NOT NULL,
    state VARCHAR(16) NOT NULL, reason VARCHAR, attempts INTEGER NOT NULL,
    next_try_at $moment NOT NULL, claimed_at $moment, sent_at $moment, message_id INTEGER,
    created_at $moment NOT NULL, CONSTRAINT pk_delivery PRIMARY KEY (id),
    CONSTRAINT fk_delivery_chat_id FOREIGN KEY(chat_id) REFERENCES chat (id) ON DELETE CASCADE,
    CONSTRAINT fk_delivery_paper_id FOREIGN KEY(paper_id) REFERENCES paper (id) ON DELETE CASCADE,
    CONSTRAINT uq_delivery_chat_id UNIQUE (chat_id, paper_id)
);
CREATE TABLE match (
    topic_id INTEGER NOT NULL, paper_id VARCHAR(32) NOT NULL, published_at $moment NOT NULL,
    created_at $moment NOT NULL, CONSTRAINT pk_match PRIMARY KEY (topic_id, paper_id),
    CONSTRAINT fk_match_paper_id FOREIGN KEY(paper_id) REFERENCES paper (id) ON DELETE CASCADE,
    CONSTRAINT fk_match_topic_id FOREIGN KEY(topic_id) REFERENCES topic (id) ON DELETE CASCADE
);
CREATE TABLE saved_paper (
    chat_id INTEGER NOT NULL, paper_id VARCHAR(32) NOT NULL, note VARCHAR,
    saved_at $moment NOT NULL, CONSTRAINT pk_saved_paper PRIMARY KEY (chat_id, paper_id),
    CONSTRAINT fk_saved_paper_chat_id FOREIGN KEY(chat_id) REFERENCES chat (id) ON DELETE CASCADE,
    CONSTRAINT fk_saved_paper_paper_id FOREIGN KEY(paper_id) REFERENCES paper (id) ON DELETE CASCADE
);
CREATE TABLE translation (
    paper_id VARCHAR(32) NOT NULL, language VARCHAR(16) NOT NULL, title VARCHAR,
    abstract VARCHAR NOT NULL, engine VARCHAR NOT NULL, source_digest VARCHAR NOT NULL,
    created_at $moment NOT NULL, CONSTRAINT pk_translation PRIMARY KEY (paper_id, language),
    CONSTRAINT fk_translation_paper_id FOREIGN KEY(paper_id) REFERENCES paper (id) ON DELETE CASCADE
);
CREATE TABLE subscription (
    id $serial NOT NULL, chat_id INTEGER NOT NULL, topic_id INTEGER NOT NULL,
    label VARCHAR NOT NULL, created_at $moment NOT NULL, position INTEGER DEFAULT 0 NOT NULL,
    cap INTEGER, muted BOOLEAN DEFAULT $off NOT NULL, paused BOOLEAN DEFAULT $off NOT NULL,
    CONSTRAINT pk_subscription PRIMARY KEY (id),
    CONSTRAINT uq_subscription_chat_id UNIQUE (chat_id, topic_id),
    CONSTRAINT fk_subscription_chat_id FOREIGN KEY(chat_id) REFERENCES chat (id) ON DELETE CASCADE,
    CONSTRAINT fk_subscription_topic_id FOREIGN KEY(topic_id) REFERENCES topic (id) ON DELETE CASCADE
);
CREATE TABLE vote (
    chat_id INTEGER NOT NULL, paper_id VARCHAR(32) NOT NULL, liked BOOLEAN NOT NULL,
    voted_at $moment NOT NULL, CONSTRAINT pk_vote PRIMARY KEY (chat_id, paper_id),
    CONSTRAINT fk_vote_chat_id FOREIGN KEY(chat_id) REFERENCES chat (id) ON DELETE CASCADE,
    CONSTRAINT fk_vote_paper_id FOREIGN KEY(paper_id) REFERENCES paper (id) ON DELETE CASCADE
);
CREATE TABLE fresh_match (
    topic_id INTEGER NOT NULL, paper_id VARCHAR(32) NOT NULL, followed_before $moment,
    after_chat_id INTEGER NOT NULL, CONSTRAINT pk_fresh_match PRIMARY KEY (topic_id, paper_id),
    CONSTRAINT fk_fresh_match_topic_id FOREIGN KEY(topic_id) REFERENCES topic (id) ON DELETE CASCADE,
    CONSTRAINT fk_fresh_match_paper_id FOREIGN KEY(paper_id) REFERENCES paper (id) ON DELETE CASCADE
);
CREATE TABLE manager (
    chat_id INTEGER NOT NULL, channel_id INTEGER NOT NULL,
    CONSTRAINT pk_manager PRIMARY KEY (chat_id, channel_id),
    CONSTRAINT fk_manager_chat_id FOREIGN KEY(chat_id) REFERENCES chat (id) ON DELETE CASCADE,
    CONSTRAINT fk_manager_channel_id FOREIGN KEY(channel_id) REFERENCES chat (id) ON DELETE CASCADE
);
CREATE TABLE allowed_chat (
    telegram_id BIGINT NOT NULL, added_at $moment NOT NULL,
    CONSTRAINT pk_allowed_chat PRIMARY KEY (telegram_id)
);
CREATE TABLE alarm (
    kind VARCHAR(16) NOT NULL, since $moment NOT NULL, CONSTRAINT pk_alarm PRIMARY KEY (kind)
);
CREATE TABLE broadcast (
    id $serial NOT NULL, html VARCHAR NOT NULL, created_at $moment NOT NULL, started_at $moment,
    CONSTRAINT pk_broadcast PRIMARY KEY (id)
);
CREATE TABLE notice (
    id $serial NOT NULL, broadcast_id INTEGER NOT NULL, chat_id INTEGER NOT NULL,
    state VARCHAR(16) NOT NULL, reason VARCHAR, attempts INTEGER NOT NULL,
    next_try_at $moment NOT NULL, claimed_at $moment, CONSTRAINT pk_notice PRIMARY KEY (id),
    CONSTRAINT fk_notice_broadcast_id FOREIGN KEY(broadcast_id) REFERENCES broadcast (id) ON DELETE CASCADE,
    CONSTRAINT fk_notice_chat_id FOREIGN KEY(chat_id) REFERENCES chat (id) ON DELETE CASCADE,
    CONSTRAINT uq_notice_broadcast_id UNIQUE (broadcast_id, chat_id)
);
CREATE INDEX ix_chat_due ON chat (state, next_push_at);
CREATE INDEX ix_delivery_claimed ON delivery (claimed_at) WHERE claimed_at IS NOT NULL;
CREATE INDEX ix_delivery_dead ON delivery (id) WHERE state = 'dead';
CREATE INDEX ix_delivery_due ON delivery (chat_id, state, next_try_at);
CREATE INDEX ix_delivery_paper_id ON delivery (paper_id);
CREATE INDEX ix_delivery_pending ON delivery (created_at) WHERE state = 'pending';
CREATE INDEX ix_fresh_match_paper_id ON fresh_match (paper_id);
CREATE INDEX ix_manager_channel_id ON manager (channel_id);
CREATE INDEX ix_match_newest ON match (topic_id, published_at, paper_id);
CREATE INDEX ix_match_paper_id ON match (paper_id);
CREATE INDEX ix_notice_chat_id ON notice (chat_id);
CREATE INDEX ix_notice_due ON notice (state, next_try_at);
CREATE INDEX ix_paper_published_at ON paper (published_at);
CREATE INDEX ix_saved_paper_paper_id ON saved_paper (paper_id);
CREATE INDEX ix_subscription_topic_id ON subscription (topic_id);
CREATE INDEX ix_sweep_newest ON sweep (state, window_to);
CREATE INDEX ix_vote_paper_id ON vote (paper_id);
INSERT INTO alembic_version VALUES ('0008');
INSERT INTO chat (telegram_id, thread_id, kind, state, state_reason, ui_language, language,
    timezone, push_time, weekdays, papers_per_push, next_push_at, last_push_on, created_at,
    translate_titles, push_style, expecting) VALUES
    (700000001, 0, 'private', 'active', NULL, 'en', 'zh-CN', 'Asia/Shanghai', '09:00:00.000000',
    127, 10, '2026-11-02 01:00:00.000000', '2026-11-01', '2026-10-01 08:00:00.000000', true,
    'cards', '700000001 label 1'),
    (-1001234567890, 7, 'supergroup', 'blocked', 'kicked', 'zh', 'en', 'UTC', '18:30:00.000000',
    31, 5, '2026-11-02 18:30:00.000000', NULL, '2026-10-02 08:00:00.000000', false, 'list', NULL),
    (-1009876543210, 0, 'channel', 'active', NULL, 'en', 'en', 'UTC', '07:00:00.000000',
    127, 50, '2026-11-02 07:00:00.000000', NULL, '2026-10-03 08:00:00.000000', false, 'rich', NULL);
UPDATE chat SET managing_id = 3 WHERE id = 1;
INSERT INTO manager VALUES (1, 3);
INSERT INTO topic (query, created_at, backfilled_at) VALUES
    ('nerf', '2026-10-01 08:01:00.000000', '2026-10-01 08:02:00.000000'),
    ('cat:cs.RO', '2026-10-02 08:01:00.000000', NULL);
INSERT INTO subscription (chat_id, topic_id, label, created_at, position, cap, muted) VALUES
    (1, 1, '神经辐射场', '2026-10-01 08:01:00.000000', 0, NULL, false),
    (2, 2, 'robots', '2026-10-02 08:01:00.000000', 0, 3, true);
INSERT INTO paper (id, version, title, abstract, authors, categories, comment, code_url,
    published_at, updated_at, swept_at, withdrawn) VALUES
    ('2610.00001', 2, 'A NeRF', 'We study $$\alpha$$ fields.', '["Ada Lovelace"]', '["cs.CV"]',
    '12 pages', 'https://example.org/nerf', '2026-10-30 12:00:00.000000',
    '2026-10-31 12:00:00.000000', '2026-10-31 13:17:00.000000', false),
    ('hep-th/9901001', 1, 'Strings', 'Withdrawn.', '["E. Witten"]', '["hep-th"]', NULL, NULL,
    '2026-10-29 12:00:00.000000', '2026-10-29 12:00:00.000000', NULL, true);
INSERT INTO match VALUES
    (1, '2610.00001', '2026-10-30 12:00:00.000000', '2026-10-31 13:17:00.000000'),
    (2, '2610.00001', '2026-10-30 12:00:00.000000', '2026-10-31 13:17:00.000000');
INSERT INTO fresh_match VALUES (2, '2610.00001', '2026-10-30 00:00:00.000000', 1);
INSERT INTO translation VALUES ('2610.00001', 'zh-CN', '神经辐射场', '我们研究场。', 'google', 'ab12',
    '2026-10-31 13:18:00.000000');
INSERT INTO delivery (chat_id, paper_id, state, reason, attempts, next_try_at, claimed_at, sent_at,
    message_id, created_at) VALUES
    (1, '2610.00001', 'pending', 'timed out', 2, '2026-11-01 01:02:00.000000', NULL, NULL, NULL,
    '2026-10-31 13:17:00.000000'),
    (1, 'hep-th/9901001', 'sent', NULL, 1, '2026-10-30 01:00:00.000000', NULL,
    '2026-10-30 01:00:01.000000', 77, '2026-10-29 13:17:00.000000'),
    (2, '2610.00001', 'dead', 'kicked', 8, '2026-11-01 01:00:00.000000', NULL, NULL, NULL,
    '2026-10-31 13:17:00.000000');
INSERT INTO saved_paper VALUES (1, '2610.00001', 'read this', '2026-10-31 14:00:00.000000');
INSERT INTO vote VALUES (1, 'hep-th/9901001', false, '2026-10-31 14:01:00.000000');
INSERT INTO sweep (state, window_from, window_to, started_at, finished_at, found, new, matched,
    owed, error, fault) VALUES
    ('done', '2026-10-29 00:00:00.000000', '2026-10-31 13:00:00.000000',
    '2026-10-31 13:17:00.000000', '2026-10-31 13:17:30.000000', 2, 1, 2, 2, NULL, NULL),
    ('failed', '2026-10-31 12:00:00.000000', '2026-11-01 01:00:00.000000',
    '2026-11-01 01:17:00.000000', '2026-11-01 01:18:00.000000', 0, 0, 0, 0, 'HTTP 503', 'busy');
INSERT INTO allowed_chat VALUES (-1001234567890, '2026-10-02 08:00:00.000000');
INSERT INTO alarm VALUES ('sweep', '2026-11-01 01:18:00.000000');
INSERT INTO broadcast (html, created_at, started_at) VALUES
    ('<b>Hello</b>', '2026-10-20 08:00:00.000000', '2026-10-20 08:01:00.000000'),
    ('a draft', '2026-10-21 08:00:00.000000', NULL);
INSERT INTO notice (broadcast_id, chat_id, state, reason, attempts, next_try_at) VALUES
    (1, 1, 'sent', NULL, 0, '2026-10-20 08:01:00.000000'),
    (1, 3, 'pending', 'timed out', 1, '2026-10-20 08:02:00.000000');
