"""What a check asks for by name: pytest fixtures over the views of the target."""
