-- The tables of the service, and the views that its API and its pages read.
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS images (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    deleting INTEGER NOT NULL DEFAULT 0,
    latest_version_id INTEGER
);
CREATE TABLE IF NOT EXISTS artifacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    image_id INTEGER NOT NULL REFERENCES images ON DELETE CASCADE,
    version TEXT NOT NULL,
    description TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    build_details TEXT NOT NULL,
    tags TEXT NOT NULL DEFAULT '[]',
    size REAL NOT NULL DEFAULT 0,
    artifact_id INTEGER REFERENCES artifacts,
    last_build_id INTEGER,
    delete_at INTEGER,
    delete_fails INTEGER NOT NULL DEFAULT 0,
    UNIQUE (image_id, version)
);
CREATE INDEX IF NOT EXISTS versions_of_artifact ON versions (artifact_id);
CREATE INDEX IF NOT EXISTS versions_being_deleted ON versions (delete_at) WHERE delete_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS builds (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    reference TEXT NOT NULL,
    image_id INTEGER NOT NULL,
    version_id INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
    status TEXT NOT NULL,
    outcome TEXT NOT NULL,
    size REAL NOT NULL,
    use_cache INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    due_at INTEGER,
    finished_at INTEGER
);
CREATE INDEX IF NOT EXISTS builds_running ON builds (due_at) WHERE status = 'building';
CREATE INDEX IF NOT EXISTS builds_of_image ON builds (image_id, started_at);
CREATE INDEX IF NOT EXISTS builds_of_version ON builds (version_id);
CREATE TABLE IF NOT EXISTS log_lines (
    build_id INTEGER NOT NULL REFERENCES builds ON DELETE CASCADE,
    position INTEGER NOT NULL,
    at INTEGER NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (build_id, position)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS uploads (file TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS autodeployments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    version_id INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE
);

-- The ids start where the documented examples do, and apart, so that one taken for another is noticed.
INSERT INTO sqlite_sequence (name, seq)
SELECT column1, column2 FROM (VALUES ('images', 100), ('versions', 200), ('builds', 300), ('autodeployments', 400))
WHERE column1 NOT IN (SELECT name FROM sqlite_sequence);

-- Temporary, so that a database of an older release has the views of this one.

-- A version with its image, its last build and its artifact. `state` is what a person asks for: how the version is, or, where it isn't
-- ready, how its build is doing.
CREATE TEMP VIEW IF NOT EXISTS version_rows AS SELECT
    versions.*,
    images.name AS image_name,
    images.type AS image_type,
    images.scope AS image_scope,
    images.latest_version_id,
    builds.status AS last_build_status,
    builds.reference AS last_build_reference,
    (SELECT file FROM artifacts WHERE id = versions.artifact_id) AS artifact_file,
    (SELECT size FROM artifacts WHERE id = versions.artifact_id) AS artifact_size,
    builds.started_at,
    builds.finished_at,
    max(versions.updated_at, coalesce(builds.finished_at, builds.started_at)) AS changed_at,
    CASE
        WHEN images.deleting THEN 'deleting'
        WHEN versions.status <> 'not-ready' THEN versions.status
        WHEN builds.status = 'success' THEN 'not-ready'
        ELSE builds.status
    END AS state
FROM versions JOIN images ON images.id = versions.image_id JOIN builds ON builds.id = versions.last_build_id;

-- The latest version of each image. CROSS JOIN keeps SQLite from going through all versions.
CREATE TEMP VIEW IF NOT EXISTS latest_version_rows AS SELECT images.id AS owner_id, latest.*
FROM images CROSS JOIN version_rows AS latest ON latest.id = images.latest_version_id;

-- An image with its latest version.
CREATE TEMP VIEW IF NOT EXISTS image_rows AS SELECT
    images.*,
    latest.version,
    latest.state,
    latest.last_build_id,
    latest.started_at,
    latest.finished_at,
    latest.changed_at,
    (SELECT count(*) FROM versions WHERE image_id = images.id AND status = 'deleting') AS deleting_versions
FROM images CROSS JOIN version_rows AS latest ON latest.id = images.latest_version_id;

-- A build with the names of its version and image.
CREATE TEMP VIEW IF NOT EXISTS build_rows AS SELECT builds.*, versions.version, images.name AS image_name
FROM builds JOIN versions ON versions.id = builds.version_id JOIN images ON images.id = builds.image_id;

-- Rows that only another program can have left: invalid JSON, unknown statuses, sizes out of range, and times after the year 9000.
CREATE TEMP VIEW IF NOT EXISTS damaged_rows AS
SELECT 'version' AS what, id FROM versions WHERE NOT (
    json_valid(build_details) AND json_type(build_details, '$.source') IS 'text'
    AND json_valid(tags) AND json_type(tags) = 'array'
    AND NOT EXISTS (SELECT 1 FROM json_each(tags) WHERE type <> 'object')
    AND status IN ('not-ready', 'ready', 'in-use', 'deleting', 'delete-failed')
    AND size BETWEEN 0 AND 1e15
    AND created_at BETWEEN 0 AND 221845392000000 AND updated_at BETWEEN 0 AND 221845392000000)
UNION ALL SELECT 'build', id FROM builds WHERE NOT (
    status IN ('building', 'failed', 'success', 'stopping', 'stopped') AND outcome IN ('failed', 'success')
    AND started_at BETWEEN 0 AND 221845392000000 AND coalesce(finished_at, 0) BETWEEN 0 AND 221845392000000)
UNION ALL SELECT 'image', id FROM images WHERE NOT created_at BETWEEN 0 AND 221845392000000
UNION ALL SELECT 'log of build', build_id FROM log_lines WHERE NOT at BETWEEN 0 AND 221845392000000;
