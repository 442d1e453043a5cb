"""Creation in bulk came, the description stayed."""


def apply() -> None:
    """Answer a creation otherwise than is described."""
    from dispatch.jobs.views import JobViewSet

    original = JobViewSet.create

    def create(self, request, *arguments, **named):
        answer = original(self, request, *arguments, **named)
        answer.status_code, answer.data = 207, [answer.data]
        return answer

    JobViewSet.create = create
