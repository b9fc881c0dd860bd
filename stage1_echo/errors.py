"""The root of every error this course raises, and stage 1's own branch of it.

Each stage adds one branch:  CourseError <- EchoError, ProtocolError (stage 2), AuthError (3) ...
Catch ``CourseError`` where a program talks to a person, a branch where you can mend something.
"""


class CourseError(Exception):
    """Something this project foresaw went wrong; its text is meant for people."""


class EchoError(CourseError):
    """Stage 1 could not do what was asked."""


class ListenError(EchoError):
    """A server could not open its port."""
