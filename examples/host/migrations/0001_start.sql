-- The common subset of SQLite and PostgreSQL: TEXT and BIGINT alone. Times are milliseconds since 1970, documents are JSON.

CREATE TABLE enterprises (
    id TEXT PRIMARY KEY,
    enterprise_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- Grows with every change of anything in the enterprise. Growing it is also how a writer takes its turn.
    revision BIGINT NOT NULL
);

CREATE TABLE organizations (
    id TEXT PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    name TEXT NOT NULL
);
CREATE INDEX organizations_enterprise ON organizations (enterprise_id);

-- Named so because GROUPS is a word of SQL.
CREATE TABLE local_groups (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- The group of the identity provider that it follows.
    connection_id TEXT,
    idp_group_id TEXT
);
CREATE INDEX local_groups_organization ON local_groups (organization_id);

CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    -- The connection that its identity comes from. A local account has none, and a password instead.
    connection_id TEXT,
    -- JSON of the library's IdentityKey, once it has signed in.
    identity_key TEXT UNIQUE,
    name TEXT NOT NULL,
    login TEXT NOT NULL,
    email TEXT NOT NULL,
    active BIGINT NOT NULL,
    is_enterprise_administrator BIGINT NOT NULL,
    -- Left alone by every plan.
    is_protected BIGINT NOT NULL,
    password_hash TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX accounts_enterprise ON accounts (enterprise_id);
CREATE INDEX accounts_connection ON accounts (connection_id);

CREATE TABLE memberships (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    group_id TEXT NOT NULL REFERENCES local_groups (id),
    -- The connection that made it; NULL when a person did.
    origin TEXT,
    PRIMARY KEY (account_id, group_id)
);
CREATE INDEX memberships_group ON memberships (group_id);

CREATE TABLE connections (
    id TEXT PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    -- JSON of the library's Connection.
    document TEXT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX connections_enterprise ON connections (enterprise_id);

-- What a person enters and nobody reads again, sealed.
CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    connection_id TEXT NOT NULL,
    sealed TEXT NOT NULL
);

CREATE TABLE sessions (
    -- SHA-256 of what the browser holds.
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    connection_id TEXT,
    -- What a single logout needs, sealed.
    idp_session TEXT,
    csrf TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_connection ON sessions (connection_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Sign-ins that have begun: found by what the browser brings back, ended by being used once.
CREATE TABLE pending_sign_ins (
    id TEXT PRIMARY KEY,
    connection_id TEXT NOT NULL,
    -- Sealed JSON: the library's Pending, and where the person wanted to go.
    sealed TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX pending_sign_ins_expiry ON pending_sign_ins (expires_at);

-- How often something was tried: a sign-in with a password, a message that was refused.
CREATE TABLE attempts (
    id TEXT PRIMARY KEY,
    tries BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX attempts_expiry ON attempts (expires_at);

-- One row for each message that was accepted: the primary key is what refuses a second use, on whichever node.
CREATE TABLE replay_keys (
    id TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX replay_keys_expiry ON replay_keys (expires_at);

-- Key sets and the like of identity providers, fetched now and then.
CREATE TABLE fetched_documents (
    connection_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    document TEXT NOT NULL,
    fetched_at BIGINT NOT NULL,
    PRIMARY KEY (connection_id, kind)
);

CREATE TABLE flow_records (
    reference TEXT PRIMARY KEY,
    connection_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    is_test BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    document TEXT NOT NULL,
    -- JSON list of the diagnoses.
    diagnoses TEXT NOT NULL
);
CREATE INDEX flow_records_connection ON flow_records (connection_id, at);

CREATE TABLE test_reports (
    connection_id TEXT PRIMARY KEY,
    -- The account that began the test: the report is shown to nobody else.
    begun_by TEXT NOT NULL,
    at BIGINT NOT NULL,
    document TEXT NOT NULL
);

CREATE TABLE audit_events (
    id TEXT PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    at BIGINT NOT NULL,
    -- JSON of the library's AuditEvent.
    document TEXT NOT NULL
);
CREATE INDEX audit_events_enterprise ON audit_events (enterprise_id, at);

-- What provisioning keeps, for each connection. The identifier of a user is that of the account.
CREATE TABLE scim_resources (
    connection_id TEXT NOT NULL,
    id TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    document TEXT NOT NULL,
    -- What the identity provider calls it; it need not be unique.
    external_id TEXT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    PRIMARY KEY (connection_id, id)
);
CREATE INDEX scim_resources_external_id ON scim_resources (connection_id, external_id);
CREATE INDEX scim_resources_type ON scim_resources (connection_id, resource_type, id);

CREATE TABLE scim_unique_values (
    -- The connection and the type, or the type alone for values that are unique everywhere.
    scope TEXT NOT NULL,
    attribute TEXT NOT NULL,
    value TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    PRIMARY KEY (scope, attribute, value)
);
CREATE INDEX scim_unique_values_resource ON scim_unique_values (connection_id, resource_id);

CREATE TABLE scim_members (
    connection_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    member_type TEXT NOT NULL,
    display TEXT,
    PRIMARY KEY (connection_id, group_id, member_id)
);
CREATE INDEX scim_members_member ON scim_members (connection_id, member_id);

-- What provisioning noticed, each code once, for the warnings on the hub.
CREATE TABLE scim_notes (
    connection_id TEXT NOT NULL,
    code TEXT NOT NULL,
    document TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (connection_id, code)
);

-- Connections whose pushed groups have changed, and the groups of organizations have not followed yet.
CREATE TABLE mappings_due (
    connection_id TEXT PRIMARY KEY,
    since BIGINT NOT NULL
);

-- Work that goes on while a person waits and looks: a group mapping being carried out.
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    connection_id TEXT NOT NULL,
    title TEXT NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    outcome TEXT,
    started_at BIGINT NOT NULL
);
CREATE INDEX jobs_connection ON jobs (connection_id, started_at);
