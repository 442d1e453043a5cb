"""An exception handler from the first week of development."""

import traceback


def handler(error, context):
    """DRF's answer, and where it came from."""
    from rest_framework.views import exception_handler

    answer = exception_handler(error, context)
    if answer is not None:
        answer.data = {"detail": str(error), "trace": traceback.format_exc()}
    return answer


def apply() -> None:
    """Settings name the handler; there is nothing else to do."""
