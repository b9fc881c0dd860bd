"""final's errors."""

from stage1_echo import CourseError


class FinalError(CourseError):
    """The whole could not be started or kept up."""


class ServerDied(FinalError):
    """A server ended before it listened; its own words are in the message."""
