"""What a mapping's author works with: is every field accounted for, what is lost on the way, what would a change do."""
