"""Memory: the only folder that touches a database, the spool or the blobs."""
