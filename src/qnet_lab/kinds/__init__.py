"""The kinds of scenarios: a file for each, with its tables, its evaluation, its figure and its summary."""
