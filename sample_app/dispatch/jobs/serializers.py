"""What jobs look like in the API."""

from typing import ClassVar

from django.contrib.auth import get_user_model
from rest_framework import serializers

from dispatch.accounts.models import User
from dispatch.jobs.models import Job


class JobSerializer(serializers.ModelSerializer[Job]):
    """A job; its people by their ids."""

    owner = serializers.PrimaryKeyRelatedField[User](read_only=True, pk_field=serializers.UUIDField())
    assignee = serializers.PrimaryKeyRelatedField[User](
        queryset=get_user_model().objects.filter(is_active=True),
        pk_field=serializers.UUIDField(),
        allow_null=True,
        required=False,
    )

    class Meta:
        model = Job
        fields: ClassVar = [
            "id", "owner", "assignee", "title", "site", "notes", "status", "due_at", "overdue_since", "created_at",
            "updated_at",
        ]  # fmt: skip
        read_only_fields: ClassVar = ["id", "overdue_since", "created_at", "updated_at"]


class SearchSerializer(serializers.Serializer[dict[str, str]]):
    """The query string of the list."""

    search = serializers.CharField(required=False, allow_blank=True, max_length=200, help_text="words like these")


class SummarySerializer(serializers.Serializer[dict[str, int]]):
    """Jobs counted by where they stand."""

    open = serializers.IntegerField()
    done = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    overdue = serializers.IntegerField()
