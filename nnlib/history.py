"""What training looked like, epoch by epoch."""


class History:
    """What training looked like: columns by name, one row for each epoch logged.

    ``loss`` and the metric (``accuracy``) are means over the epoch's batches, each measured
    just before the step that it led to; ``penalty`` is the mean of what the layers add to the
    loss, if they do; ``val_loss`` and ``val_accuracy`` are measured on the validation data
    when the epoch is over. Built in chapter 9.

    Examples
    --------
    >>> history = History()
    >>> history.append(epoch=1, loss=1.0986)
    >>> history["loss"]
    [1.0986]
    """

    def __init__(self):
        self.columns = {}

    def append(self, **row):
        """Add one row; raise ValueError unless it has the columns of the rows before it."""
        if self.columns and row.keys() != self.columns.keys():
            raise ValueError(f"History: expected the columns {list(self.columns)}, "
                             f"got {list(row)}")
        for name, value in row.items():
            self.columns.setdefault(name, []).append(value)

    def __getitem__(self, name):
        """Return a column as a list; raise KeyError for a name that is none."""
        return self.columns[name]

    def __len__(self):
        """Return the number of rows."""
        return len(self.columns.get("epoch", ()))

    def table(self, every=1):
        """Return a table of the first row, the last, and each whose epoch ``every`` divides.

        Examples
        --------
        >>> history = History()
        >>> for epoch in range(1, 6):
        ...     history.append(epoch=epoch, loss=1 / epoch)
        >>> print(history.table(every=2))
         epoch    loss
             1   1.000
             2   0.500
             4   0.250
             5   0.200
        """
        rows = [row for i, row in enumerate(zip(*self.columns.values(), strict=True))
                if i in (0, len(self) - 1) or row[0] % every == 0]
        widths = [max(len(name), 6) for name in self.columns]
        lines = [f"{name:>{width}}" for name, width in zip(self.columns, widths, strict=True)]
        lines = ["  ".join(lines)]
        for row in rows:
            cells = (f"{x:{width},}" if isinstance(x, int) else f"{x:{width}.3f}"
                     for x, width in zip(row, widths, strict=True))
            lines.append("  ".join(cells))
        return "\n".join(lines)

    def __repr__(self):
        """Return the size and the last row."""
        last = ", ".join(f"{name} {column[-1]:.4g}" for name, column in self.columns.items())
        return f"<History of {len(self)} rows: {last}>"
