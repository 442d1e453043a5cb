"""What tasks look like in the API."""

from typing import Any

from rest_framework import serializers


class EchoSerializer(serializers.Serializer[dict[str, Any]]):
    """What to echo, and how long to take."""

    text = serializers.CharField(max_length=1000)
    seconds = serializers.IntegerField(min_value=0, max_value=3, default=0)


class AcceptedSerializer(serializers.Serializer[dict[str, Any]]):
    """The task that has been queued."""

    id = serializers.UUIDField()


class TaskSerializer(serializers.Serializer[dict[str, Any]]):
    """How far a task is."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(["PENDING", "STARTED", "SUCCESS", "FAILURE", "RETRY", "REVOKED"])
    result = serializers.JSONField(allow_null=True, help_text="what the task returned, once it has succeeded")
