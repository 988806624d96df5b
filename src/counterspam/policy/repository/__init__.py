"""The repository: laws, best practices and bodies of cooperation as entries of one kind of engine, and the action plan."""
