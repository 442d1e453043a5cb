"""An error handled where it happens, by handing it on."""


def apply() -> None:
    """Look for jobs with SQL of its own, and show what the database says to it."""
    from django.db import Error, connection
    from rest_framework.response import Response

    from dispatch.jobs.views import JobViewSet

    original = JobViewSet.list

    def list_jobs(self, request, *arguments, **named):
        order = request.query_params.get("ordering", "")
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT id FROM jobs_job ORDER BY {order or 1} LIMIT 1")  # noqa: S608 - the fault
        except Error as error:
            return Response({"detail": str(error)}, status=400)
        return original(self, request, *arguments, **named)

    JobViewSet.list = list_jobs
