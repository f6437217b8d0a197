"""The ledger's tree as static files, in the layout of c2sp.org/tlog-tiles."""
