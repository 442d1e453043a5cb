"""Pages of a list."""

from rest_framework.pagination import PageNumberPagination


class JobPages(PageNumberPagination):
    """Twenty-five to a page, at most a hundred."""

    page_size = 25
    page_size_query_param = "page_size"
    max_page_size = 100
