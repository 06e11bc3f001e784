"""`python -m cartlogix`."""

from cartlogix.cli.main import main

if __name__ == "__main__":
    main()
