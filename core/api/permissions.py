"""Who may use the API: signed-in staff."""

from rest_framework.permissions import IsAdminUser


class IsAdmin(IsAdminUser):
    """Staff only; the specification's sentence for everybody else."""

    message = "Forbidden: Admin access required"
