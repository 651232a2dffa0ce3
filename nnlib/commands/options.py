"""Options that take several values: ``--hidden 256 128``."""

import click


class Widths(click.ParamType):
    """Whole numbers of at least 1, with spaces or commas between: a layer each."""

    name = "widths"

    def convert(self, value, param, ctx):
        """Return them as a tuple."""
        if isinstance(value, tuple):                            # a default
            return value
        words = value.replace(",", " ").split()
        if not words:
            self.fail("expected at least one whole number, got none; for example 256 128", param,
                      ctx)
        for word in words:
            if not word.isascii() or not word.isdigit() or int(word) < 1:
                self.fail(f"expected whole numbers of at least 1, got {word!r}; for example 256 "
                          "128", param, ctx)
        return tuple(map(int, words))


class Several(click.Command):
    """A command without arguments, whose options of type Widths take all words that follow."""

    def parse_args(self, ctx, args):
        """Join the words behind such an option into one, up to the next option."""
        names = {name for param in self.params if isinstance(param.type, Widths)
                 for name in param.opts}
        joined, rest = [], list(args)
        while rest:
            word = rest.pop(0)
            name, equals, first = word.partition("=")
            if name not in names:
                joined.append(word)
                continue
            values = [first] if equals else []
            while rest and not is_option(rest[0]):
                values.append(rest.pop(0))
            joined.append(f"{name}={' '.join(values)}")
        return super().parse_args(ctx, joined)


def is_option(word):
    """Say whether a word is an option's name, and no number below 0.

    Examples
    --------
    >>> [is_option(word) for word in ("--lr", "-h", "64", "-64", "-0.5")]
    [True, True, False, False, False]
    """
    return word.startswith("-") and not word.lstrip("-")[:1].isdigit()
