"""The API's shapes: bodies are validated by these, answers are documented by them."""

from .approval import ApproveResponse, MessagesResponse
from .bodies import ApproveRequest, DiscoverRequest, EditRequest, LinkRequest, RejectRequest
from .common import Error, Region
from .contacts import (
    ContactChangedResponse,
    ContactDetail,
    ContactListResponse,
    ContactResponse,
    ContactSummary,
    Deleted,
    EmailDetail,
    EmailSummary,
)
from .jobs import DiscoverResponse, Job, JobCancelResponse, JobListResponse, JobResponse, JobRetryResponse, JobSummary
from .overview import RegionListResponse, RegionResponse, StatsResponse

__all__ = [
    "ApproveRequest",
    "ApproveResponse",
    "ContactChangedResponse",
    "ContactDetail",
    "ContactListResponse",
    "ContactResponse",
    "ContactSummary",
    "Deleted",
    "DiscoverRequest",
    "DiscoverResponse",
    "EditRequest",
    "EmailDetail",
    "EmailSummary",
    "Error",
    "Job",
    "JobCancelResponse",
    "JobListResponse",
    "JobResponse",
    "JobRetryResponse",
    "JobSummary",
    "LinkRequest",
    "MessagesResponse",
    "Region",
    "RegionListResponse",
    "RegionResponse",
    "RejectRequest",
    "StatsResponse",
]
