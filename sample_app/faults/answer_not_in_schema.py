"""The serializer changed, its description did not."""


def apply() -> None:
    """Answer with something else than is described."""
    from dispatch.accounts.views import MeView

    original = MeView.retrieve

    def retrieve(self, request, *arguments, **named):
        answer = original(self, request, *arguments, **named)
        answer.data = {**answer.data, "id": 1}
        del answer.data["email"]
        return answer

    MeView.retrieve = retrieve
