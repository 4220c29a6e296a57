"""The commands of ``qnet``, a file each, loaded when one is called or listed.

To add one, write ``name.py`` here with a click command that is called ``command``, and put the name in ``SECTIONS`` of
``cli.py``. At the top of the file import nothing but click and this package: whatever computes is imported in the function.

- ``@with_output`` of ``output.py`` gives the options -q, -v and --json, and the function an ``Output`` as first argument.
- Errors of qnet-engine, of files and of memory become one line and exit code 2 by themselves (``errors.py``); a result
  that says no ends with ``sys.exit(1)``.
- ``names.py`` has what the shell completes an argument by (``shell_complete=complete_scenarios``), ``pages.py`` the
  paragraph of examples for ``epilog=``.
"""
