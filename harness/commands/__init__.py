"""The command line: one subcommand per file; the only code that prints or exits."""
