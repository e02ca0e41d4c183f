"""What the commands do; `peerwatch.cli` holds their options."""
