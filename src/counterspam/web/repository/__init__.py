"""The pages and the API of the repository of laws, best practices and bodies, and of the action plan."""
