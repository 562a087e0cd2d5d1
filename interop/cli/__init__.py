"""The command line: one file a family of verbs, thin over the same rooms the server uses."""
