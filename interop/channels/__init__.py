"""Ways out, one file each behind one contract: ``channel.Channel``."""
