"""A hook that tidied too much away."""


def apply() -> None:
    """Take from the document what OpenAPI asks for."""
    from drf_spectacular.generators import SchemaGenerator

    original = SchemaGenerator.get_schema

    def get_schema(self, *arguments, **named):
        schema = original(self, *arguments, **named)
        schema["info"].pop("title")
        return schema

    SchemaGenerator.get_schema = get_schema
