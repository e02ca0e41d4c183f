"""Programs for those who work on Peerwatch; they are not installed."""
