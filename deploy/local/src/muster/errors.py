"""What ends a command of the runner with one line."""


class RunnerError(Exception):
    """A fault that the person at the terminal can mend; its text says how."""
