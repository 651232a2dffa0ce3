"""What all commands share: a user's mistake gets one line and an exit code, no traceback."""

import sys

import click

# -h as well as --help; lines as long as ours
SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 99}
# what nnlib raises for files, data and settings that make no sense
MISTAKES = (OSError, ValueError, TypeError, FloatingPointError, MemoryError, ImportError)
STOPPED = 130                               # the exit code of what Ctrl-C ended


class Commands(click.Group):
    """A group that lists its commands in the order in which they were added, and says mistakes."""

    def list_commands(self, ctx):
        """Return the names as they were added."""
        return list(self.commands)

    def invoke(self, ctx):
        """Run the command; what nnlib raises becomes one line on stderr and exit code 1."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:             # `… | head` has read enough: click knows
            raise
        except MISTAKES as error:
            raise click.ClickException(words(error)) from error


def words(error):
    """Return what an exception says, in words for who did not write the program.

    Examples
    --------
    >>> words(FileNotFoundError(2, "No such file or directory", "model.npz"))
    'model.npz: No such file or directory'
    >>> words(MemoryError())
    'there is not enough memory'
    """
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or type(error).__name__


def call(program, arguments, name):
    """Run a program of commands, named so in its help; return an exit code.

    0 is success, 1 a mistake in what was asked for, 2 one in how it was typed, 130 Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        # a console that does not know × should still get the sentence around it
        stream.reconfigure(errors="replace")
    try:
        # as typed: click would expand * and ~ on Windows, also in words for another program
        arguments = sys.argv[1:] if arguments is None else arguments
        return program.main(arguments, name, standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        print("Stopped by hand.", file=sys.stderr)
        return STOPPED
