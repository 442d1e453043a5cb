"""Accounts and jobs as they occur."""

import factory

from dispatch.accounts.models import User
from dispatch.jobs.models import Job

PASSWORD = "correct horse battery staple"


class UserFactory(factory.django.DjangoModelFactory):
    """Someone on a field team."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda number: f"field{number}@example.com")
    name = factory.Faker("name")
    password = factory.django.Password(PASSWORD)


class DispatcherFactory(UserFactory):
    """Someone who sees every job."""

    is_staff = True


class JobFactory(factory.django.DjangoModelFactory):
    """A visit that is to be made."""

    class Meta:
        model = Job

    owner = factory.SubFactory(UserFactory)
    title = factory.Faker("sentence", nb_words=4)
    site = factory.Faker("city")
