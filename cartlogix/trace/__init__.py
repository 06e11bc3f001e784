"""The tables that a replication leaves behind."""
