"""The harness: starts programs, talks to them, tells what went wrong.

It judges programs, not modules: the process that runs pytest never imports the code under test.
"""
