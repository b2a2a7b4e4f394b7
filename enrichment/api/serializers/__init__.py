"""The API's shapes: bodies are validated by these, answers are documented by them."""

from .approval import ApproveResponse, MessagesResponse
from .bodies import ApproveRequest, DiscoverRequest, EditRequest, LinkRequest, RejectRequest
from .common import Region
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
from .domains import DomainResponse
from .email_bodies import FinderRequest, MeansRequest, VerifierRequest
from .emails import FinderResponse, JobAcceptedResponse, JobResultsResponse, VerifierResponse
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
    "DomainResponse",
    "EditRequest",
    "EmailDetail",
    "EmailSummary",
    "FinderRequest",
    "FinderResponse",
    "Job",
    "JobAcceptedResponse",
    "JobCancelResponse",
    "JobListResponse",
    "JobResponse",
    "JobResultsResponse",
    "JobRetryResponse",
    "JobSummary",
    "LinkRequest",
    "MeansRequest",
    "MessagesResponse",
    "Region",
    "RegionListResponse",
    "RegionResponse",
    "RejectRequest",
    "StatsResponse",
    "VerifierRequest",
    "VerifierResponse",
]
