"""``python -m edgelift`` is the command line."""

from edgelift.cli import main

if __name__ == "__main__":
    main()
