"""What accounts and tokens look like in the API."""

from typing import ClassVar

from rest_framework import serializers
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer

from dispatch.accounts.models import User
from dispatch.accounts.tokens import RefreshToken


class LoginSerializer(TokenObtainPairSerializer):
    """E-mail address and password for a pair of tokens."""

    token_class = RefreshToken


class TokenPairSerializer(serializers.Serializer[dict[str, str]]):
    """A short access token and the refresh token that renews it, once."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class RefreshSerializer(serializers.Serializer[dict[str, str]]):
    """A refresh token, handed in."""

    refresh = serializers.CharField(max_length=4096)


class AccountSerializer(serializers.ModelSerializer[User]):
    """The account that is signed in."""

    class Meta:
        model = User
        fields: ClassVar = ["id", "email", "name", "is_staff", "last_login", "created_at"]
        read_only_fields: ClassVar = ["id", "email", "is_staff", "last_login", "created_at"]
