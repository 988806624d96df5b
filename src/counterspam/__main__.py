"""`python -m counterspam` is the same as `counterspam`."""

from counterspam.cli import main

if __name__ == "__main__":  # worker processes import this file again
    main()
