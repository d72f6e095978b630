"""`python -m scripts VERB`, which is `kindred-aws VERB`."""

from .cli import main

if __name__ == "__main__":
    main()
