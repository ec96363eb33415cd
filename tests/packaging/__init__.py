"""The package as it is installed: its imports, builds, layer archives and license notices."""
